// A telephone: one chat, the person who is played, and what they can do.

const ask = document.querySelector('.ask');

// prompt asks for a line of text and returns it, or null.
function prompt(title, hint, value = '') {
  ask.querySelector('h3').textContent = title;
  ask.querySelector('p').textContent = hint;
  const input = ask.querySelector('input');
  input.value = value;
  ask.returnValue = '';
  ask.showModal();
  input.select();
  return new Promise((done) => {
    ask.addEventListener('close', () => done(ask.returnValue === 'ok' ? input.value.trim() : null), { once: true });
  });
}

const time = (at) => new Date(at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const arrived = { passive: '被动回复', custom: '主动发送', on_event: '事件回复', servicer: '人工', platform: '微信提示' };

export class Phone {
  // kind tells what differs between an official account and a desk of 微信客服.
  constructor(root, url, kind) {
    Object.assign(this, { root, url, kind, all: [], drawn: '', atEnd: true });
    root.append(document.querySelector('#phone').content.cloneNode(true));
    this.find = (selector) => root.querySelector(selector);
    for (const tool of root.querySelectorAll('[data-tool]')) {
      tool.hidden = !kind.tools.includes(tool.dataset.tool);
      tool.addEventListener('click', () => this[tool.dataset.tool]());
    }
    this.find('.say').addEventListener('submit', (e) => { e.preventDefault(); this.say(); });
    const box = this.find('textarea');
    box.addEventListener('keydown', (e) => {
      if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.say(); }
    });
    box.addEventListener('input', () => {
      if (box.value === '\n') box.value = ''; // what an Enter leaves that sent the text
      box.style.height = 'auto';
      box.style.height = `${box.scrollHeight + 2}px`;
    });
    this.find('.more').addEventListener('click', () => this.open(this.find('.tools').hidden));
    this.find('[type=file]').addEventListener('change', () => this.picture());
    this.find('.state').addEventListener('click', () => this.act(this.kind.state(this.person()).do));
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.find('.chat'));
    this.find('.chat').addEventListener('scroll', () => {
      const list = this.find('.chat');
      this.atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    });
    this.find('.people').addEventListener('change', (e) => this.choose(e.target.value));
  }

  open(tools) {
    this.find('.tools').hidden = !tools;
    this.find('.more').setAttribute('aria-expanded', String(tools));
  }

  // place is the account or desk, person who is played before it.
  place() { return this.all[0]; }
  person() {
    const people = this.kind.people(this.place());
    return people.find((p) => p.id === this.chosen) || people[0];
  }

  async choose(id) {
    this.chosen = id === '' ? this.kind.person() : id;
    if (id === '') await this.act('new');
    else this.draw(this.all);
  }

  // act does something as the person, and tells what the platform holds of the answer.
  async act(what, more = {}) {
    const place = this.place();
    const body = { account: place.appid || place.id, person: this.chosen || this.person().id, do: what, ...more };
    const note = this.find('.note');
    note.hidden = true;
    try {
      const answer = await fetch(this.url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      const out = await answer.json();
      if (!out.fault && answer.ok) return;
      const tries = (out.attempts || []).map((a, i) => `第 ${i + 1} 次：${(a.ms / 1000).toFixed(1)} 秒，${a.fault || '没有问题'}`);
      note.textContent = ['没有得到合格的答复', ...(tries.length ? tries : [out.fault])].join('\n');
    } catch {
      note.textContent = '替身没有回应，它可能已经停了。';
    }
    note.hidden = false;
  }

  say() {
    const box = this.find('textarea');
    const text = box.value.trim();
    if (text === '') return;
    box.value = '';
    box.style.height = 'auto';
    this.act('say', { text });
  }

  image() { this.find('[type=file]').click(); }

  async picture() {
    const input = this.find('[type=file]');
    const [file] = input.files;
    input.value = '';
    if (!file) return;
    const raw = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let i = 0; i < raw.length; i += 8192) text += String.fromCharCode(...raw.subarray(i, i + 8192));
    this.open(false);
    this.act('image', { data: btoa(text) });
  }

  async voice() {
    const heard = this.kind.tools.includes('scan');
    const text = heard ? await prompt('发语音', '微信识别出的文字；多数账号已经收不到，可以留空。') : '';
    if (text === null) return;
    this.open(false);
    this.act('voice', { text });
  }

  async location() {
    const text = await prompt('发位置', '地点的名字', '深圳市南山区科技园');
    if (!text) return;
    this.open(false);
    this.act('location', { text, latitude: 22.540503, longitude: 113.934528 });
  }

  async scan() {
    const text = await prompt('扫机器上的二维码', '二维码的场景值，一般是机器的序列号（SN）', 'SN-N900-0001234');
    if (!text) return;
    this.open(false);
    this.act('scan', { text });
  }

  draw(all) {
    this.all = all;
    this.root.hidden = all.length === 0;
    if (all.length === 0) return;
    const place = this.place();
    const person = this.person();
    const key = JSON.stringify([place, person.id]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.find('h2').textContent = this.kind.name(place);
    this.find('.under').textContent = this.kind.under(place, person);
    const state = this.kind.state(person);
    this.find('.state').textContent = state.text;
    this.find('.state').classList.toggle('main', Boolean(state.main));
    this.drawPeople(place, person);
    this.drawMenu(this.kind.menu(place), person);
    this.drawChat(person);
    const silent = this.kind.silent(person);
    const box = this.find('textarea');
    box.placeholder = silent || '说点什么';
    for (const control of [box, this.find('.more'), this.find('.send')]) control.disabled = silent !== '';
    if (silent) this.open(false);
  }

  drawPeople(place, person) {
    const options = this.kind.people(place).map((p) => new Option(p.label, p.id, false, p.id === person.id));
    this.find('.people').replaceChildren(...options, new Option('＋ 新的人', ''));
  }

  drawMenu(buttons, person) {
    const menu = this.find('.menu');
    menu.hidden = buttons.length === 0 || this.kind.silent(person) !== '';
    menu.replaceChildren(...buttons.map((b) => {
      const cell = document.createElement('div');
      const head = cell.appendChild(document.createElement('button'));
      head.textContent = b.name;
      if (!b.sub_button) {
        head.addEventListener('click', () => this.tap(b));
        return cell;
      }
      const sub = cell.appendChild(document.createElement('div'));
      sub.className = 'sub';
      sub.hidden = true;
      head.addEventListener('click', () => { sub.hidden = !sub.hidden; });
      for (const item of b.sub_button) {
        const line = sub.appendChild(document.createElement('button'));
        line.textContent = item.name;
        line.addEventListener('click', () => { sub.hidden = true; this.tap(item); });
      }
      return cell;
    }));
  }

  tap(button) {
    if (button.type === 'view') this.act('view', { id: button.url });
    else if (button.type.startsWith('scancode')) this.scan();
    else this.act('click', { id: button.key });
  }

  drawChat(person) {
    const list = this.find('.chat');
    const end = this.atEnd || this.shown !== person.id;
    this.shown = person.id;
    const items = person.chat.map((b) => (b.type === 'event' && b.via === 'own' ? event(b) : this.bubble(b)));
    list.replaceChildren(...items);
    if (items.length === 0) {
      const none = list.appendChild(document.createElement('li'));
      none.className = 'empty';
      none.textContent = this.kind.silent(person) || '还没有消息，说点什么吧。';
    }
    if (end) this.toEnd();
  }

  toEnd() {
    const list = this.find('.chat');
    list.scrollTop = list.scrollHeight;
    this.atEnd = true;
  }

  bubble(b) {
    const item = document.createElement('li');
    item.className = `bubble ${b.via === 'own' ? 'own' : ''}`;
    const body = item.appendChild(document.createElement('div'));
    if (b.type === 'image') {
      body.className = 'bare';
      const picture = body.appendChild(document.createElement('img'));
      picture.src = `/mmbiz/${b.media_id}`;
      picture.alt = '图片';
    } else if (b.menu) this.fillMenu(body, b.menu);
    else if (b.articles) fillArticles(body, b.articles);
    else if (b.type === 'voice') body.textContent = `[语音] ${b.text}`.trim();
    else if (b.type === 'location') body.textContent = `[位置] ${b.text}`;
    else body.textContent = b.text;
    const foot = item.appendChild(document.createElement('small'));
    foot.textContent = [time(b.at), arrived[b.via]].filter(Boolean).join(' · ');
    return item;
  }

  fillMenu(body, menu) {
    if (menu.head) body.append(menu.head);
    const list = body.appendChild(document.createElement('ul'));
    for (const i of menu.items) {
      const line = list.appendChild(document.createElement('li'));
      if (i.id) {
        const button = line.appendChild(document.createElement('button'));
        button.type = 'button';
        button.textContent = i.text;
        button.addEventListener('click', () => this.act('choose', { id: i.id, text: i.text }));
      } else line.textContent = i.url ? `${i.text}（${i.url}）` : i.text;
    }
    if (menu.tail) body.append(menu.tail);
  }
}

function event(b) {
  const item = document.createElement('li');
  item.className = 'event';
  item.textContent = b.text;
  return item;
}

function fillArticles(body, articles) {
  for (const a of articles) {
    const title = body.appendChild(document.createElement('strong'));
    title.textContent = a.title;
    body.append(`\n${a.description}\n${a.url}`);
  }
}
