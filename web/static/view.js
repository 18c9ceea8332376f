// Draws the rows of the chat. A context says what the buttons do and how things stand: ask(text),
// retry(message), rate(entry, helpful), helpful(entry), read(attachment id), entryAt(seq), framed, human.

import { BASE, el, icon } from './ui.js';
import { linkify } from './linkify.js';
import { enlarge, thumbnail } from './pictures.js';

const THUMB_UP = 'M7 11v8H4v-8h3zm0 0l4-7c1.2 0 2 .9 2 2v4h5.2c1.1 0 2 1 1.7 2.1l-1.3 5.4c-.2.9-1 1.5-1.9 1.5H7';
const THUMB_DOWN = 'M7 13V5H4v8h3zm0 0l4 7c1.2 0 2-.9 2-2v-4h5.2c1.1 0 2-1 1.7-2.1l-1.3-5.4C18.4 5.6 17.6 5 16.7 5H7';

// draw returns the row of an entry of the conversation.
export function draw(entry, context) {
  switch (entry.from) {
    case 'system':
      return el('p', { className: 'row-note' }, ...linkify(entry.text));
    case 'customer':
      return row('mine', ...messageBubbles(entry, '您说：', context));
    case 'agent':
      return row('bot agent', name('客服'), ...messageBubbles(entry, '客服说：', context));
    default:
      return row('bot', name('应答'), bubble(entry, '应答说：', context), ...below(entry, context));
  }
}

// drawUnsent returns the row of a message on its way: {text, url}; url is a picture's.
export function drawUnsent(message) {
  if (message.url) {
    const bar = el('progress', { max: 1, value: 0, 'aria-label': '上传进度' });
    return row('mine unsent', el('div', { className: 'bubble shot' },
      el('button', { type: 'button', className: 'picture', 'aria-label': '查看图片', onclick: () => enlarge(message.url) }, el('img', { src: message.url, alt: '图片' })), bar));
  }
  return row('mine unsent', el('div', { className: 'bubble' }, ...lines('您说：', message.text)));
}

// drawFailure returns the row below a message that was not delivered.
export function drawFailure(text, retry) {
  return row('bot error', name('应答'), el('div', { className: 'bubble' }, ...lines('应答说：', text),
    el('button', { type: 'button', className: 'retry', textContent: '重试', onclick: retry })));
}

// drawTyping returns the row that stands while an answer is on its way.
export function drawTyping() {
  const dots = el('div', { className: 'dots' }, el('i'), el('i'), el('i'));
  const typing = row('bot typing', name('应答'), el('div', { className: 'bubble' }, dots));
  typing.setAttribute('aria-hidden', 'true');
  return typing;
}

function row(kind, ...parts) {
  return el('div', { className: `row ${kind}` },
    el('span', { className: 'avatar', 'aria-hidden': 'true' }), el('div', { className: 'bubbles' }, ...parts));
}

// name tells who speaks, for the eye: lines() says it to screen readers.
function name(who) {
  return el('p', { className: 'name', 'aria-hidden': 'true', textContent: who });
}

function lines(speaker, ...text) {
  return [el('span', { className: 'sr', textContent: speaker }), el('p', { className: 'text' }, ...text)];
}

const MAX_QUOTE = 30; // characters

// messageBubbles is the bubbles of a text and its pictures. An agent's text may quote an entry, or correct one.
function messageBubbles(entry, speaker, context) {
  const text = entry.corrects_seq && entry.from === 'agent' ? `（更正）${entry.text}` : entry.text;
  const parts = text ? [el('div', { className: 'bubble' }, ...lines(speaker, ...(entry.from === 'customer' ? [text] : linkify(text))))] : [];
  const quoted = Array.from(context.entryAt(entry.quotes_seq)?.text ?? '');
  if (quoted.length && parts.length) {
    const quote = quoted.length > MAX_QUOTE ? `${quoted.slice(0, MAX_QUOTE).join('')}…` : quoted.join('');
    parts[0].prepend(el('p', { className: 'quote', textContent: `「${quote}」` }));
  }
  for (const attachment of entry.attachments) {
    parts.push(el('div', { className: 'bubble shot' }, el('span', { className: 'sr', textContent: speaker }), thumbnail(attachment, context.read)));
  }
  return parts;
}

function bubble(entry, speaker, context) {
  const box = el('div', { className: 'bubble' }, ...lines(speaker, ...linkify(entry.text)));
  keepNumberTogether(box.querySelector('.text'), entry.reply?.ticket);
  const first = source(entry);
  if (first) box.append(sourceLink(first, context));
  return box;
}

// keepNumberTogether keeps a ticket's number on one line, so that it can be read out.
function keepNumberTogether(text, number) {
  const part = number && Array.from(text.childNodes).find((node) => node.nodeName === '#text' && node.data.includes(number));
  if (!part) return;
  const [before, ...after] = part.data.split(number);
  part.replaceWith(before, el('span', { className: 'number', textContent: number }), after.join(number));
}

// source is the article that an answer comes from; null for every other entry.
function source({ reply }) {
  return reply && reply.decision === 'answer' && reply.articles.length ? reply.articles[0] : null;
}

function sourceLink(article, context) {
  const link = el('a', { className: 'source', href: `${BASE}/guide/${encodeURIComponent(article.id)}` },
    el('span', { className: 'label', textContent: '来源' }),
    el('span', { textContent: article.title }));
  if (context.framed) {
    link.target = '_blank';
    link.rel = 'noopener';
    link.append(el('span', { className: 'sr', textContent: '（新窗口）' }));
  }
  return link;
}

// below is what stands under the bot's bubble: a ticket, options, feedback, what follows from it.
function below(entry, context) {
  const { reply } = entry;
  if (!reply) return [];
  const parts = [];
  if (reply.ticket && reply.decision === 'escalate') parts.push(ticketCard(reply.ticket));
  if (reply.options.length) {
    parts.push(reply.decision === 'collect' ? quickReplies(reply.options, context) : optionsCard('您可以点选', reply.options, context));
  }
  if (!source(entry)) return parts;
  if (context.helpful(entry) === undefined) parts.push(feedback(entry, context));
  else parts.push(...outcome(entry, context));
  return parts;
}

// ticketCard shows the number to quote, how far the ticket is (setTicket), and what comes next.
function ticketCard(number) {
  const card = el('div', { className: 'bubble card ticket' },
    el('p', { className: 'ticket-head' },
      el('span', { textContent: '工单' }), el('strong', { textContent: number }), el('span', { className: 'state' })),
    el('p', { className: 'ticket-next' }));
  setTicket(card, 'waiting');
  return card;
}

// setTicket shows a ticket's state in its card: waiting, held or closed.
export function setTicket(card, state) {
  const [label, next] = {
    waiting: ['等待客服', '客服会在这个对话里回复您，可以先去忙，回来时还在这里。等的时候，也可以先问我。'],
    held: ['客服处理中', '客服正在处理，请直接在这里说，之前说过的不用重复。'],
    closed: ['已结束', '这张工单已经处理完。还需要人工时，回复“转人工”就行。'],
  }[state];
  if (card.dataset.state === state) return; // nothing to read aloud
  card.dataset.state = state;
  card.querySelector('.state').textContent = label;
  card.querySelector('.ticket-next').textContent = next;
}

// PRIMARY_OPTIONS are the ids of the short answers that most customers will want.
const PRIMARY_OPTIONS = ['yes', 'confirm', 'resume'];

// quickReplies are short answers to a question of the bot's; they go when the conversation goes on.
function quickReplies(options, context) {
  return el('div', { className: 'quick', role: 'group', 'aria-label': '快捷回复' }, ...options.map((option) => el('button', {
    type: 'button',
    className: option.id === 'human' ? 'person' : PRIMARY_OPTIONS.includes(option.id) ? 'go-on' : '',
    textContent: option.title,
    onclick: () => context.ask(option.title),
  })));
}

function optionsCard(title, options, context) {
  const list = el('ul', { className: 'options', 'aria-label': title }, ...options.map((option) => el('li', {},
    el('button', {
      type: 'button',
      className: option.id === 'human' ? 'person' : '',
      textContent: option.title,
      onclick: () => context.ask(option.title),
    }))));
  return el('div', { className: 'bubble card' }, el('p', { className: 'card-title', textContent: title }), list);
}

function feedback(entry, context) {
  const button = (label, path, helpful) => el('button', { type: 'button', onclick: () => context.rate(entry, helpful) }, icon(path), label);
  return el('div', { className: 'feedback', role: 'group', 'aria-label': '这个回答有帮助吗' },
    button('有帮助', THUMB_UP, true), button('没帮助', THUMB_DOWN, false));
}

// outcome follows a rating: thanks, or an apology with the next nearest articles and a person.
function outcome(entry, context) {
  const said = (text) => el('div', { className: 'feedback' }, el('p', { className: 'outcome', tabIndex: -1, textContent: text }));
  if (context.helpful(entry)) return [said('谢谢您的反馈，很高兴帮到您。')];
  const options = entry.reply.articles.slice(1, 4).map(({ id, title }) => ({ id, title }));
  const offered = entry.reply.options.some((option) => option.id === 'human');
  if (context.human && !offered) options.push({ id: 'human', title: context.human });
  const parts = [said('抱歉，没有帮到您。')];
  if (options.length) parts.push(optionsCard('您看看是不是想问这些', options, context));
  return parts;
}
