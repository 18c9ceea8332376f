// The search of the guide's index, by the API: the page itself lists the questions, not all the ways to ask them.

import { BASE, el, request } from './ui.js';

const DEBOUNCE = 200; // ms
const LIMIT = 8;

const form = document.getElementById('search');
const input = document.getElementById('words');
const state = document.getElementById('state');
const trouble = document.getElementById('trouble');
const shelves = document.getElementById('shelves');
const results = document.getElementById('results');
const hits = document.getElementById('hits');
const instead = document.getElementById('instead');

let timer = 0;
let pending = new AbortController();

function searchSoon() {
  clearTimeout(timer);
  timer = setTimeout(search, input.value.trim() ? DEBOUNCE : 0);
}

async function search() {
  clearTimeout(timer);
  pending.abort();
  const query = input.value.trim();
  if (!query) {
    showAll();
    return;
  }
  pending = new AbortController();
  try {
    const { articles } = await request(`${BASE}/api/v1/search?q=${encodeURIComponent(query)}&limit=${LIMIT}`, { signal: pending.signal });
    showFound(query, articles);
  } catch (error) {
    if (error.name === 'AbortError') return;
    const reason = error.status ? error.message : '网络好像断了。';
    showAll(`${reason}下面是全部问题，按回车再找一次。`);
  }
}

// showAll goes back to what the server wrote; problem says why, where nobody asked for that.
function showAll(problem = '') {
  trouble.textContent = problem;
  trouble.hidden = !problem;
  shelves.hidden = false;
  hits.replaceChildren();
  results.hidden = true;
  instead.hidden = true;
  state.textContent = '';
}

function showFound(query, articles) {
  trouble.hidden = true;
  shelves.hidden = true;
  hits.replaceChildren(...articles.map(card));
  results.hidden = articles.length === 0;
  instead.hidden = false;
  document.getElementById('instead-why').textContent = articles.length ? '没有您要找的？' : `指南里没有找到“${query}”。`;
  document.getElementById('instead-ask').href = `${BASE}/?q=${encodeURIComponent(query)}`;
  state.textContent = articles.length ? `找到 ${articles.length} 个问题，最接近的在前` : `没有找到“${query}”`;
}

// card looks like those that the server wrote.
function card({ id, title, lead }) {
  return el('li', {}, el('a', { href: `${BASE}/guide/${encodeURIComponent(id)}` },
    el('strong', { textContent: title }), el('span', { textContent: lead })));
}

function clear() {
  input.value = '';
  search();
}

form.hidden = false; // it needs this script
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  await search();
  hits.querySelector('a')?.focus();
});
input.addEventListener('input', (event) => { if (!event.isComposing) searchSoon(); });
input.addEventListener('compositionend', searchSoon);
input.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !event.isComposing) clear(); });
document.querySelector('.anchors').addEventListener('click', clear); // they lead to the shelves
search(); // a reload may restore what was typed
