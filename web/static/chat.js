// The chat: what was said is a list of turns, kept for the tab in sessionStorage; every turn is drawn
// by view.js. Text from the server or the customer is only ever set as text.

import { Problem, request, toast } from './ui.js';
import { draw, drawTyping } from './view.js';
import { fitViewport, growTextarea } from './fit.js';
import { load, save } from './memory.js';

const chat = document.getElementById('chat');
const log = document.getElementById('log');
const status = document.getElementById('status');
const form = document.getElementById('composer');
const input = document.getElementById('question');
const send = form.querySelector('.send');
const framed = chat.dataset.framed === 'true';

const TYPING_AFTER = 150; // ms: a quick answer shows no indicator
const GIVE_UP_AFTER = 20000; // ms
const STAMP_GAP = 5 * 60 * 1000; // ms of silence before the time is shown

let turns = load();
let queue = Promise.resolve(); // answers come in the order of the questions
let current = new AbortController(); // aborted by 清空: answers to what is gone are dropped

const context = { framed, human: chat.dataset.human, ask, retry, rate };

// ask shows the customer's question and then the answer to it.
function ask(text) {
  text = text.trim();
  if (!text) return;
  closeTopics();
  const question = picked(text);
  add({ from: 'customer', text });
  enqueue(question);
}

// picked is the option whose number was typed, as the bot invites; any other text stays itself. The
// server keeps no conversation for this page, so only we know what the number means.
function picked(text) {
  const last = turns[turns.length - 1];
  const number = text.normalize('NFKC');
  if (!last || last.from !== 'bot' || !/^[1-9]$/.test(number)) return text;
  const option = last.reply.options[number - 1];
  return option ? option.title : text;
}

// retry asks again what failed, in place of the failure.
function retry(turn) {
  remove(turn);
  enqueue(turn.question);
}

function enqueue(question) {
  const { signal } = current;
  queue = queue.then(() => (signal.aborted ? undefined : answer(question, signal)));
}

async function answer(question, signal) {
  const stopTyping = typingSoon();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), GIVE_UP_AFTER);
  const stop = () => limit.abort();
  signal.addEventListener('abort', stop);
  try {
    const reply = await request('/api/v1/ask', { body: { question }, signal: limit.signal });
    if (!signal.aborted) add({ from: 'bot', text: reply.text, reply });
  } catch (error) {
    if (signal.aborted) return;
    const text = error instanceof Problem ? error.message : '等了很久没有回应，请再试一次。';
    add({ from: 'error', text, question });
  } finally {
    stopTyping();
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

// typingSoon shows the indicator if the answer takes a while; the func it returns takes it away.
function typingSoon() {
  let row = null;
  const timer = setTimeout(() => {
    row = drawTyping();
    log.append(row);
    status.textContent = '应答正在输入';
    scrollToEnd();
  }, TYPING_AFTER);
  return () => {
    clearTimeout(timer);
    if (row) row.remove();
    status.textContent = '';
  };
}

// rate records whether an answer helped, redraws its row and tells the server.
async function rate(turn, helpful) {
  turn.helpful = helpful;
  save(turns);
  redraw(turn);
  try {
    await request('/api/v1/feedback', { body: { article: turn.reply.articles[0].id, helpful } });
  } catch {
    toast('网络不好，您的反馈没有送到');
    if (!turns.includes(turn)) return;
    delete turn.helpful;
    save(turns);
    redraw(turn);
  }
}

// The list of turns and its rows.

const rows = new Map(); // turn → its element

function add(turn) {
  turn.at = Date.now();
  stampIfLate(turn, turns[turns.length - 1]);
  turns.push(turn);
  save(turns);
  const row = draw(turn, context);
  row.classList.add('new');
  rows.set(turn, row);
  document.querySelectorAll('.row.typing').forEach((typing) => typing.remove());
  log.append(row);
  if (turn.from === 'customer') scrollToEnd();
  else reveal(row);
}

function remove(turn) {
  turns = turns.filter((t) => t !== turn);
  save(turns);
  rows.get(turn).remove();
  rows.delete(turn);
  input.focus({ preventScroll: true });
}

function redraw(turn) {
  const old = rows.get(turn);
  const row = draw(turn, context);
  const hadFocus = old.contains(document.activeElement);
  const wasAtEnd = nearEnd();
  old.replaceWith(row);
  rows.set(turn, row);
  if (hadFocus) {
    const next = row.querySelector('.outcome');
    if (next) next.focus({ preventScroll: true });
  }
  if (wasAtEnd) scrollToEnd();
}

function drawAll() {
  log.setAttribute('aria-busy', 'true');
  rows.forEach((row) => row.remove());
  log.querySelectorAll('.stamp.time').forEach((stamp) => stamp.remove());
  rows.clear();
  turns.forEach((turn, i) => {
    stampIfLate(turn, turns[i - 1]);
    const row = draw(turn, context);
    rows.set(turn, row);
    log.append(row);
  });
  log.removeAttribute('aria-busy');
  if (turns.length) scrollToEnd();
}

function stampIfLate(turn, before) {
  if (before && turn.at - before.at < STAMP_GAP) return;
  const at = new Date(turn.at);
  const stamp = document.createElement('p');
  stamp.className = 'stamp time';
  const day = at.toDateString() === new Date().toDateString() ? '' : `${at.getMonth() + 1}月${at.getDate()}日 `;
  stamp.textContent = `${day}${at.getHours()}:${String(at.getMinutes()).padStart(2, '0')}`;
  log.append(stamp);
}

// Scrolling stays inside the log: scrollIntoView would also move a page that frames us.

let atEnd = true; // where the reader was before the keyboard or a redraw changed the height
log.addEventListener('scroll', () => { atEnd = nearEnd(); }, { passive: true });

function nearEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function scrollToEnd() {
  log.scrollTop = log.scrollHeight;
}

// reveal shows a new row from its first line, even where it is higher than the log.
function reveal(row) {
  const top = row.offsetTop - log.offsetTop - 12;
  log.scrollTop = Math.min(top, log.scrollHeight - log.clientHeight);
}

// The input.

function submit() {
  const text = input.value;
  if (!text.trim()) return;
  input.value = '';
  sync();
  ask(text);
}

function sync() {
  const wasAtEnd = turns.length && atEnd;
  growTextarea(input);
  if (wasAtEnd) scrollToEnd();
  send.disabled = !input.value.trim();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener('input', sync);
// sends tells whether a key sends: Enter alone, and not while an input method composes, when Enter
// belongs to it (Safari says so only by code 229).
function sends(event) {
  return event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

input.addEventListener('keydown', (event) => {
  if (!sends(event)) return;
  event.preventDefault();
  submit();
});
input.addEventListener('keypress', (event) => { // synthetic keyboards type the newline all the same
  if (sends(event)) event.preventDefault();
});
input.addEventListener('focus', () => closeTopics());
send.addEventListener('mousedown', (event) => event.preventDefault()); // keep the keyboard open

// Quick questions: the sidebar, the welcome card and the topics above the input.

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-ask]');
  if (button) ask(button.dataset.ask);
});

const chips = Array.from(document.querySelectorAll('.topics .chip'));

function openTopic(chip) {
  const wasOpen = chip.getAttribute('aria-expanded') === 'true';
  closeTopics();
  if (wasOpen) return;
  const wasAtEnd = turns.length && nearEnd();
  chip.setAttribute('aria-expanded', 'true');
  document.getElementById(chip.getAttribute('aria-controls')).hidden = false;
  if (wasAtEnd) scrollToEnd();
}

function closeTopics() {
  for (const chip of chips) {
    chip.setAttribute('aria-expanded', 'false');
    document.getElementById(chip.getAttribute('aria-controls')).hidden = true;
  }
}

chips.forEach((chip) => chip.addEventListener('click', () => openTopic(chip)));

// 清空, closing, Escape.

document.getElementById('clear').addEventListener('click', () => {
  if (!turns.length) {
    toast('还没有对话');
    return;
  }
  const gone = turns;
  current.abort();
  current = new AbortController();
  turns = [];
  save(turns);
  drawAll();
  log.scrollTop = 0;
  toast('对话已清空', { label: '撤销', run: () => { turns = gone.concat(turns); save(turns); drawAll(); } });
});

const close = document.getElementById('close');
const inside = window.parent !== window;
function leave() {
  window.parent.postMessage('yingda:close', '*'); // says nothing but "close": any frame may hear it
}
if (close && inside) {
  close.hidden = false;
  close.addEventListener('click', leave);
}

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing) return;
  const open = chips.find((chip) => chip.getAttribute('aria-expanded') === 'true');
  if (open) {
    closeTopics();
    open.focus();
  } else if (inside) {
    leave();
  }
});

// Start.

fitViewport(() => {
  if (turns.length && (atEnd || document.activeElement === input)) scrollToEnd();
});
drawAll();
const asked = new URLSearchParams(location.search).get('q');
if (asked) input.value = asked.slice(0, input.maxLength); // only filled in: the customer sends it
sync();
// With a real keyboard the input is ready at once; on a phone that would raise the keys unasked.
if (matchMedia('(hover: hover)').matches) {
  if (inside) window.addEventListener('focus', () => input.focus({ preventScroll: true }), { once: true });
  else input.focus({ preventScroll: true });
}
