// The page of the stand-in: it plays one person on each telephone and shows what comes.

import { Phone } from './phone.js';

const account = new Phone(document.querySelector('#account'), '/play/follower', {
  name: (a) => a.name || a.appid,
  people: (a) => a.followers.map((f) => ({ id: f.openid, label: `粉丝 ${f.openid.slice(-4)}`, ...f })),
  under: (a, f) => (f.typing ? '对方正在输入…' : `${['明文', '兼容', '安全'][a.mode]}模式 · ${a.certified ? `还可发 ${f.left} 条` : '未认证'}`),
  state: (f) => (f.following ? { text: '取消关注', do: 'unfollow' } : { text: '关注', do: 'follow', main: true }),
  silent: (f) => (f.following ? '' : '关注公众号以后就可以说话'),
  person: () => `oPractice${String(Date.now()).padStart(19, '0')}`,
  menu: (a) => a.menu || [],
  tools: ['image', 'voice', 'location', 'scan'],
});

const desk = new Phone(document.querySelector('#desk'), '/play/customer', {
  name: (d) => d.name || d.id,
  people: (d) => d.customers.map((c) => ({ label: c.name, ...c })),
  under: (d, c) => `${['新接入', '机器人接待', '排队中', '人工接待', '未开始'][c.state]} · 还可发 ${c.left} 条`,
  state: () => ({ text: '进入会话', do: 'enter' }),
  silent: () => '',
  person: () => `wmPractice${String(Date.now()).padStart(22, '0')}`,
  menu: () => [],
  tools: ['image', 'voice', 'location'],
});

const robot = document.querySelector('#robot');

// drawRobot shows what the robots said in their groups, as nobody answers a robot.
function drawRobot(robots) {
  const said = robots.flatMap((r) => r.said.map((s) => ({ ...s, name: r.name }))).sort((a, b) => a.at.localeCompare(b.at));
  robot.hidden = robots.length === 0;
  const bar = document.createElement('div');
  bar.className = 'bar';
  bar.innerHTML = '<div class="who"><h2></h2><p class="under">企业微信群机器人说的话</p></div>';
  bar.querySelector('h2').textContent = robots.map((r) => r.name).join('、');
  const list = document.createElement('ol');
  list.className = 'chat';
  for (const s of said) {
    const item = document.createElement('li');
    item.className = 'bubble';
    const body = item.appendChild(document.createElement('div'));
    body.textContent = s.text;
    const foot = item.appendChild(document.createElement('small'));
    const mentioned = s.mentioned.map((m) => `@${m.replace(/^@/, '')}`).join(' ');
    foot.textContent = [time(s.at), s.type === 'markdown' ? 'Markdown' : '', mentioned].filter(Boolean).join(' · ');
    list.append(item);
  }
  if (said.length === 0) {
    const none = list.appendChild(document.createElement('li'));
    none.className = 'empty';
    none.textContent = '转人工时，机器人会在这里提醒客服。';
  }
  robot.replaceChildren(bar, list);
  list.scrollTop = list.scrollHeight;
}

const time = (at) => new Date(at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

// tabs choose the telephone on a small screen; a dot tells that something came on another one.
const tabs = [...document.querySelectorAll('[role=tab]')];
function choose(tab) {
  for (const t of tabs) {
    const on = t === tab;
    t.setAttribute('aria-selected', String(on));
    if (on) t.classList.remove('new');
    document.querySelector(`#${t.getAttribute('aria-controls')}`).classList.toggle('shown', on);
  }
}
for (const tab of tabs) tab.addEventListener('click', () => choose(tab));
choose(tabs[0]);

const counts = {};
function mark(name, count) {
  const tab = document.querySelector(`#tab-${name}`);
  if (counts[name] !== undefined && count > counts[name] && tab.getAttribute('aria-selected') !== 'true') tab.classList.add('new');
  counts[name] = count;
}

const count = (people) => people.reduce((n, p) => n + p.chat.filter((b) => b.via !== 'own').length, 0);

function draw(state) {
  account.draw(state.accounts);
  desk.draw(state.desks);
  drawRobot(state.robots);
  mark('account', count(state.accounts.flatMap((a) => a.followers)));
  mark('desk', count(state.desks.flatMap((d) => d.customers)));
  mark('robot', state.robots.reduce((n, r) => n + r.said.length, 0));
  document.querySelector('#tab-account').hidden = state.accounts.length === 0;
  document.querySelector('#tab-desk').hidden = state.desks.length === 0;
  document.querySelector('#tab-robot').hidden = state.robots.length === 0;
}

// What is drawn anew between press and release loses the click: drawing waits for the release.
let pressed = null; // resolves then; null while nothing is pressed
addEventListener('pointerdown', () => { pressed ??= Promise.withResolvers(); });
for (const name of ['pointerup', 'pointercancel']) {
  addEventListener(name, () => setTimeout(() => { // the click comes first
    pressed?.resolve();
    pressed = null;
  }));
}

// Follow the state: an answer comes as soon as something changes.
let version = -1;
for (;;) {
  try {
    const answer = await fetch(`/play/state?after=${version}`);
    const state = await answer.json();
    version = state.version;
    await pressed?.promise;
    draw(state);
  } catch {
    await new Promise((again) => setTimeout(again, 1000));
  }
}
