// The filter of the guide's index: every word must stand in an article's title or other phrasings.

import { BASE } from './ui.js';

const form = document.getElementById('filter');
const input = document.getElementById('words');
const found = document.getElementById('found');
const nothing = document.getElementById('nothing');
const cards = Array.from(document.querySelectorAll('.cards li'), (card) => ({
  card,
  text: fold(card.dataset.words),
}));

function fold(text) {
  return text.normalize('NFKC').toLowerCase();
}

function filter() {
  const query = input.value.trim();
  const words = fold(query).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { card, text } of cards) {
    card.hidden = !words.every((word) => text.includes(word));
    if (!card.hidden) count += 1;
  }
  document.querySelectorAll('.shelf').forEach((shelf) => {
    shelf.hidden = !shelf.querySelector('.cards li:not([hidden])');
  });
  nothing.hidden = count > 0;
  document.getElementById('nothing-words').textContent = query;
  document.getElementById('nothing-ask').href = `${BASE}/?q=${encodeURIComponent(query)}`;
  found.textContent = words.length ? `找到 ${count} 个问题` : '';
}

form.hidden = false; // it needs this script
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const first = cards.find(({ card }) => !card.hidden);
  if (first && input.value.trim()) first.card.querySelector('a').focus();
});
input.addEventListener('input', filter);
input.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  input.value = '';
  filter();
});
filter();
