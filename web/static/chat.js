// The chat page: what the customer types, taps and sends, and what is shown meanwhile. The
// conversation itself is conversation.js, its rows are transcript.js. Text from the server or the
// customer is only ever set as text.

import { Problem, toast } from './ui.js';
import { drawFailure, drawTyping, drawUnsent } from './view.js';
import { fitViewport, growTextarea } from './fit.js';
import { newClientID, newConversation } from './conversation.js';
import { newTranscript } from './transcript.js';
import { chooser } from './pictures.js';
import { choose } from './dialog.js';
import { takeFromOpener } from './popout.js';
import { showTools } from './tools.js';

const chat = document.getElementById('chat');
const log = document.getElementById('log');
const status = document.getElementById('status');
const lost = document.getElementById('lost');
const form = document.getElementById('composer');
const input = document.getElementById('question');
const send = form.querySelector('.send');
const over = document.getElementById('over');

const TYPING_AFTER = 150; // ms: a quick answer shows no indicator
const LOST_AFTER = 1500; // ms without a connection before the customer is told
const PLACEHOLDER = input.placeholder;
const LIMIT = Number(input.dataset.limit); // characters of a message

let queue = Promise.resolve(); // messages go in the order in which they were written
let current = new AbortController(); // aborted by 清空: what is on its way is dropped
let restoring = false; // the entries of before a reload are coming

const context = {
  framed: chat.dataset.framed === 'true',
  human: chat.dataset.human,
  ask,
  rate,
  helpful: (entry) => conversation.helpful(entry),
  read: (id) => conversation.picture(id),
};
const transcript = newTranscript(log, context);
const conversation = newConversation({
  entries(list) {
    transcript.add(list, { quietly: restoring });
    restoring = false;
    transcript.tickets(conversation.status().ticket);
  },
  connection: showConnection,
  status({ holder, ticket }) {
    input.placeholder = holder === 'agent' ? '给客服留言' : PLACEHOLDER;
    transcript.tickets(ticket);
  },
  gone() {
    transcript.clear();
    transcript.note('之前的对话已经过期，我们从这里重新开始。');
  },
  moved: showAnew,
  found(ticket, move) {
    if (transcript.openTicket()) return; // this conversation has one too: what is there was told, and nobody is taken away
    move();
    showAnew();
    toast(`已回到工单 ${ticket} 的对话`);
  },
});

// Sending.

// ask says a text.
function ask(text) {
  text = text.trim();
  if (!text) return;
  closeTopics();
  post({ client: newClientID(), text });
}

// post shows a message, {client, text} or {client, file, url}, and sends it after those before it.
function post(message) {
  const { signal } = current;
  message.row = drawUnsent(message);
  transcript.push(message.row);
  queue = queue.then(() => (signal.aborted ? undefined : deliver(message, signal)));
}

async function deliver(message, signal) {
  const stopTyping = showTypingSoon();
  const options = {
    signal,
    delivered() {
      stopTyping();
      message.row.remove();
    },
    progress(part) { message.row.querySelector('progress').value = part; },
  };
  try {
    if (message.file) await conversation.sendPicture(message.client, message.file, options);
    else await conversation.send(message.client, message.text, options);
  } catch (error) {
    if (signal.aborted) return;
    const code = error.status;
    if (code >= 400 && code < 500 && code !== 429) conversation.drop(message.client); // a reload would fail again
    fail(message, error);
  } finally {
    stopTyping();
  }
}

// fail says below a message why it was not delivered; 重试 sends it again under the same id.
function fail(message, error) {
  const text = error instanceof Problem ? error.message : '这条没有送到，请再试一次。';
  const row = drawFailure(text, () => {
    row.remove();
    message.row.remove();
    post(message);
    input.focus({ preventScroll: true });
  });
  log.append(message.row); // gone() may have taken it away
  transcript.push(row);
}

// showTypingSoon shows the indicator if the answer takes a while; the func it returns takes it away.
// While a person has the conversation nothing answers at once.
function showTypingSoon() {
  let row = null;
  const timer = setTimeout(() => {
    if (conversation.status().holder === 'agent') return;
    row = drawTyping();
    transcript.push(row);
    status.textContent = '应答正在输入';
  }, TYPING_AFTER);
  return () => {
    clearTimeout(timer);
    row?.remove();
    status.textContent = '';
  };
}

// rate records whether an answer helped, redraws its row and tells the server.
async function rate(entry, helpful) {
  const kept = conversation.rate(entry, helpful);
  transcript.redraw(entry);
  try {
    await kept;
  } catch {
    toast('网络不好，您的反馈没有送到');
    transcript.redraw(entry);
  }
}

// showConnection says quietly that the connection is lost, once that lasts.
let lostTimer = 0; // the timer that runs since the connection was lost
function showConnection(connected) {
  const show = (hidden) => {
    const wasAtEnd = !transcript.empty() && transcript.nearEnd();
    lost.hidden = hidden;
    if (wasAtEnd) transcript.scrollToEnd();
  };
  if (connected) {
    clearTimeout(lostTimer);
    lostTimer = 0;
    show(true);
  } else {
    lostTimer ||= setTimeout(show, LOST_AFTER, false);
  }
}

// The input.

const picture = chooser({
  button: document.getElementById('camera'),
  field: document.getElementById('file'),
  place: document.getElementById('preview'),
  input,
  changed: sync,
  refuse: toast,
});

// tooLong is what to say of a text that is longer than a message may be; "" for any other.
function tooLong(text) {
  const length = Array.from(text.trim()).length;
  return length <= LIMIT ? '' : `一共 ${length} 字，一次最多 ${LIMIT} 字：请删去 ${length - LIMIT} 字，或分几条发。`;
}

function submit() {
  const text = input.value;
  if (tooLong(text)) return;
  const taken = picture.take();
  input.value = '';
  sync();
  if (taken) post({ client: newClientID(), ...taken });
  ask(text);
}

function sync() {
  const wasAtEnd = !transcript.empty() && transcript.wasAtEnd();
  growTextarea(input);
  over.textContent = tooLong(input.value);
  if (wasAtEnd) transcript.scrollToEnd();
  send.disabled = Boolean(over.textContent) || (!input.value.trim() && !picture.chosen());
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener('input', sync);
// isSendKey tells whether a key sends: Enter alone, and not while an input method composes, when Enter
// belongs to it (Safari says so only by code 229).
function isSendKey(event) {
  return event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

input.addEventListener('keydown', (event) => {
  if (!isSendKey(event)) return;
  event.preventDefault();
  submit();
});
input.addEventListener('keypress', (event) => { // synthetic keyboards type the newline all the same
  if (isSendKey(event)) event.preventDefault();
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
  const wasAtEnd = !transcript.empty() && transcript.nearEnd();
  chip.setAttribute('aria-expanded', 'true');
  document.getElementById(chip.getAttribute('aria-controls')).hidden = false;
  if (wasAtEnd) transcript.scrollToEnd();
}

function closeTopics() {
  for (const chip of chips) {
    chip.setAttribute('aria-expanded', 'false');
    document.getElementById(chip.getAttribute('aria-controls')).hidden = true;
  }
}

chips.forEach((chip) => chip.addEventListener('click', () => openTopic(chip)));

// 清空, closing, Escape.

document.getElementById('clear').addEventListener('click', async () => {
  if (transcript.empty() && !log.querySelector('.unsent')) {
    toast('还没有对话');
    return;
  }
  const ticket = transcript.openTicket();
  if (ticket && await choose({
    title: '清空对话？',
    text: `工单 ${ticket} 还没办完，清空后这里看不到客服的回复。请记下工单号：凭它和您留的手机号、SN 或终端号的后四位，随时能从“查我的工单”找回来。`,
    answers: [{ id: 'clear', label: '清空' }, { id: '', label: '先不清', main: true }],
  }) !== 'clear') return;
  clear();
});

function clear() {
  picture.remove();
  const back = conversation.leave();
  showAnew();
  toast('已开始新对话', {
    label: '撤销',
    run() {
      back();
      showAnew();
    },
  });
}

// showAnew empties the log for another conversation, whatever was on its way.
function showAnew() {
  current.abort();
  current = new AbortController();
  transcript.clear();
  log.querySelectorAll('.unsent').forEach((row) => row.remove());
  restoring = true;
}

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
  if (!transcript.empty() && (transcript.wasAtEnd() || document.activeElement === input)) transcript.scrollToEnd();
});
restoring = conversation.resume();
conversation.unsent().forEach(post);
showTools({ conversation, ticket: transcript.openTicket, clear, found: showAnew, framed: context.framed });
takeFromOpener((access) => {
  if (!transcript.empty()) return;
  conversation.takeOver(access);
  showAnew();
});
const asked = new URLSearchParams(location.search).get('q');
if (asked) input.value = asked; // only filled in: the customer sends it
sync();
// With a real keyboard the input is ready at once; on a phone that would raise the keys unasked.
if (matchMedia('(hover: hover)').matches) {
  if (inside) window.addEventListener('focus', () => input.focus({ preventScroll: true }), { once: true });
  else input.focus({ preventScroll: true });
}
