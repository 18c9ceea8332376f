// The agents' look-up: a combobox over a listbox; the detail pane follows the selection. Before
// anything is typed the list is the server's own: every article and every code.

import { BASE, copy, el, request, toast } from './ui.js';

const input = document.getElementById('search');
const list = document.getElementById('results');
const state = document.getElementById('state');
const pane = document.getElementById('detail');
const browse = { nodes: Array.from(list.children), state: state.textContent };
const nothingChosen = Array.from(pane.childNodes);

const DEBOUNCE = 80; // ms
// What agents read for a code's retry, as the server wrote it into the list of all codes.
const RETRY_NAMES = Object.fromEntries(Array.from(list.querySelectorAll('[data-retry]'), ({ dataset }) => [dataset.retry, dataset.retryName]));

let selected = null; // the option that Enter and the copy keys act on
let timer = 0;
let pending = new AbortController();

// Searching.

function searchSoon() {
  clearTimeout(timer);
  pending.abort();
  const query = input.value.trim();
  if (!query) {
    showBrowse();
    return;
  }
  timer = setTimeout(() => search(query), DEBOUNCE);
}

async function search(query) {
  pending = new AbortController();
  try {
    const found = await request(`${BASE}/api/v1/search?q=${encodeURIComponent(query)}&limit=8`, { signal: pending.signal });
    showFound(query, found.articles || [], found.codes || []);
  } catch (error) {
    if (error.name !== 'AbortError') state.textContent = error.message;
  }
}

function showBrowse() {
  list.replaceChildren(...browse.nodes);
  state.textContent = browse.state;
  select(null);
  document.body.classList.add('browsing');
  list.parentElement.scrollTop = 0;
}

function showFound(query, articles, codes) {
  const groups = [];
  if (codes.length) groups.push(group('提示码', 'group found codes', codes.map(codeHit)));
  if (articles.length) groups.push(group('文章', 'group found', articles.map(articleHit)));
  list.replaceChildren(...groups);
  document.body.classList.remove('browsing');
  list.scrollTop = 0;
  const count = articles.length + codes.length;
  state.textContent = count ? `“${query}”：${count} 条` : `没有找到“${query}”，换个说法试试`;
  select(options()[0] || null);
}

function group(name, className, hits) {
  return el('div', { role: 'group', 'aria-label': name, className },
    el('div', { className: 'group-name', role: 'presentation', textContent: name }), ...hits);
}

function articleHit(article) {
  return hit({ kind: 'article', id: article.id, title: article.title, sub: article.category_name, text: article.lead },
    el('span', { className: 'hit-title', textContent: article.title }),
    el('span', { className: 'hit-lead', textContent: article.lead }));
}

function codeHit(code) {
  return hit({
    kind: 'code', id: code.code, title: code.title, sub: code.owner, text: code.text,
    retry: code.retry, retryName: RETRY_NAMES[code.retry] || '',
  },
  el('span', { className: 'hit-code', textContent: code.code }),
  el('span', { className: 'hit-title', textContent: code.title }),
  el('span', { className: 'hit-lead', textContent: code.text }));
}

function hit(data, ...children) {
  const node = el('div', { className: data.kind === 'code' ? 'hit code' : 'hit', id: `f-${data.kind}-${data.id}`, role: 'option', 'aria-selected': 'false' }, ...children);
  Object.assign(node.dataset, data);
  return node;
}

// Selecting.

function options() {
  return Array.from(list.querySelectorAll('[role="option"]'));
}

function select(option) {
  if (selected) selected.setAttribute('aria-selected', 'false');
  selected = option;
  if (!option) {
    input.removeAttribute('aria-activedescendant');
    document.body.classList.remove('reading');
    pane.replaceChildren(...nothingChosen);
    return;
  }
  document.body.classList.remove('browsing');
  option.setAttribute('aria-selected', 'true');
  input.setAttribute('aria-activedescendant', option.id);
  option.scrollIntoView({ block: 'nearest' });
  showDetail(option.dataset);
}

function move(step) {
  const all = options();
  if (!all.length) return;
  const at = all.indexOf(selected);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
  select(all[next]);
}

// open takes the reader to the detail: on a phone it takes the list's place.
function open(option) {
  if (!option) return;
  select(option);
  document.body.classList.add('reading');
  pane.focus({ preventScroll: true });
  pane.scrollTop = 0;
}

function back() {
  document.body.classList.remove('reading');
  input.focus({ preventScroll: true });
}

// The detail.

function showDetail(data) {
  const isCode = data.kind === 'code';
  const sub = el('p', { className: 'card-sub' }, el('span', { textContent: isCode ? `处理方：${data.sub}` : data.sub }));
  if (isCode) sub.append(el('span', { className: `badge ${data.retry}`, textContent: data.retryName }));
  const title = el('h2', {}, isCode ? el('b', { textContent: data.id }) : null, data.title);
  pane.replaceChildren(el('div', { className: 'card' },
    el('button', { type: 'button', className: 'back', textContent: '‹ 返回列表', onclick: back }),
    sub, title, el('p', { className: 'say', textContent: data.text }), actions(data, isCode)));
}

function actions(data, isCode) {
  const row = el('div', { className: 'card-actions' },
    el('button', { type: 'button', className: 'button', onclick: copySelected }, '复制给客户', el('kbd', { 'aria-hidden': 'true', textContent: 'C' })));
  if (!isCode) {
    row.append(el('a', {
      className: 'button quiet', href: `${BASE}/guide/${encodeURIComponent(data.id)}`, target: '_blank', rel: 'noopener', textContent: '看全文',
    }));
  }
  return row;
}

async function copySelected() {
  if (!selected) return;
  toast(await copy(selected.dataset.text) ? '已复制' : '浏览器不允许复制，请手动选择');
}

// Keys and pointers.

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const typing = event.target === input;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const act = action(event, typing, plain);
  if (!act) return;
  event.preventDefault();
  act();
});

// action is what a key does here; null leaves it to the browser.
function action(event, typing, plain) {
  const onControl = event.target.closest('a, button');
  switch (event.key) {
    case 'ArrowDown': return plain ? () => move(1) : null;
    case 'ArrowUp': return plain ? () => move(-1) : null;
    case 'Enter':
      if (event.ctrlKey || event.metaKey) return copySelected;
      return plain && !onControl ? () => open(selected || options()[0]) : null;
    case 'Escape': return clear;
    case '/': return plain && !typing ? () => { back(); input.select(); } : null;
    case 'c':
    case 'C': return plain && !typing && selected ? copySelected : null;
  }
  return null;
}

function clear() {
  input.value = '';
  searchSoon();
  back();
}

input.addEventListener('input', searchSoon);
list.addEventListener('mousedown', (event) => event.preventDefault()); // the input keeps the focus
list.addEventListener('click', (event) => open(event.target.closest('[role="option"]')));
if (input.value) searchSoon(); // a reload may restore what was typed
