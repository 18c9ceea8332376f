// Draws one turn of the chat. A context says what the buttons do: ask(text), retry(turn), rate(turn, helpful).

import { el, icon } from './ui.js';

const THUMB_UP = 'M7 11v8H4v-8h3zm0 0l4-7c1.2 0 2 .9 2 2v4h5.2c1.1 0 2 1 1.7 2.1l-1.3 5.4c-.2.9-1 1.5-1.9 1.5H7';
const THUMB_DOWN = 'M7 13V5H4v8h3zm0 0l4 7c1.2 0 2-.9 2-2v-4h5.2c1.1 0 2-1 1.7-2.1l-1.3-5.4C18.4 5.6 17.6 5 16.7 5H7';

// draw returns the row of a turn: {from: "customer"|"bot"|"error", text, reply, helpful, question}.
export function draw(turn, context) {
  const bubbles = el('div', { className: 'bubbles' }, bubble(turn, context));
  if (turn.from === 'bot') bubbles.append(...below(turn, context));
  const kind = { customer: 'mine', bot: 'bot', error: 'bot error' }[turn.from];
  return el('div', { className: `row ${kind}` }, avatar(), bubbles);
}

// drawTyping returns the row that stands while an answer is on its way.
export function drawTyping() {
  const dots = el('div', { className: 'dots' }, el('i'), el('i'), el('i'));
  const bubbles = el('div', { className: 'bubbles' }, el('div', { className: 'bubble' }, dots));
  return el('div', { className: 'row bot typing', 'aria-hidden': 'true' }, avatar(), bubbles);
}

function avatar() {
  return el('span', { className: 'avatar', 'aria-hidden': 'true' });
}

function bubble(turn, context) {
  const speaker = turn.from === 'customer' ? '您说：' : '应答说：';
  const box = el('div', { className: 'bubble' },
    el('span', { className: 'sr', textContent: speaker }),
    el('p', { className: 'text', textContent: turn.text }));
  if (turn.from === 'error') {
    box.append(el('button', { type: 'button', className: 'retry', textContent: '重试', onclick: () => context.retry(turn) }));
  }
  const first = source(turn);
  if (first) box.append(sourceLink(first, context));
  return box;
}

// source is the article that an answer comes from; null for every other turn.
function source(turn) {
  const answered = turn.from === 'bot' && turn.reply.decision === 'answer';
  return answered && turn.reply.articles.length ? turn.reply.articles[0] : null;
}

function sourceLink(article, context) {
  const link = el('a', { className: 'source', href: `/guide/${encodeURIComponent(article.id)}` },
    el('span', { className: 'label', textContent: '来源' }),
    el('span', { textContent: article.title }));
  if (context.framed) {
    link.target = '_blank';
    link.rel = 'noopener';
    link.append(el('span', { className: 'sr', textContent: '（新窗口）' }));
  }
  return link;
}

// below is what stands under the bot's bubble: options, feedback, what follows from it.
function below(turn, context) {
  const parts = [];
  if (turn.reply.options.length) parts.push(optionsCard('您可以点选', turn.reply.options, context));
  if (!source(turn)) return parts;
  if (turn.helpful === undefined) parts.push(feedback(turn, context));
  else parts.push(...outcome(turn, context));
  return parts;
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

function feedback(turn, context) {
  const button = (label, path, helpful) => el('button', { type: 'button', onclick: () => context.rate(turn, helpful) }, icon(path), label);
  return el('div', { className: 'feedback', role: 'group', 'aria-label': '这个回答有帮助吗' },
    button('有帮助', THUMB_UP, true), button('没帮助', THUMB_DOWN, false));
}

// outcome follows a rating: thanks, or an apology with the next nearest articles and a person.
function outcome(turn, context) {
  const said = (text) => el('div', { className: 'feedback' }, el('p', { className: 'outcome', tabIndex: -1, role: 'status', textContent: text }));
  if (turn.helpful) return [said('谢谢您的反馈，很高兴帮到您。')];
  const options = turn.reply.articles.slice(1, 4).map(({ id, title }) => ({ id, title }));
  const offered = turn.reply.options.some((option) => option.id === 'human');
  if (context.human && !offered) options.push({ id: 'human', title: context.human });
  const parts = [said('抱歉，没有帮到您。')];
  if (options.length) parts.push(optionsCard('您看看是不是想问这些', options, context));
  return parts;
}
