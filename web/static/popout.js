// Takes the chat out of somebody's frame, where the browser lets it remember nothing, into a window of its own: the
// new one asks its opener, and the token passes from page to page of this origin, never through an address.

import { BASE } from './ui.js';

const TAKE = 'yingda:take';
const ours = (event, from) => event.source === from && event.origin === location.origin;

// popOut opens the window; handOver() is what it needs to go on.
export function popOut(handOver) {
  const opened = window.open(`${BASE}/`, '_blank');
  window.addEventListener('message', (event) => {
    if (opened && ours(event, opened) && event.data === TAKE) opened.postMessage({ type: TAKE, access: handOver() }, location.origin);
  });
}

// takeFromOpener asks for that; takeOver(access) gets it, where there is any.
export function takeFromOpener(takeOver) {
  const { opener } = window;
  if (!opener) return;
  window.addEventListener('message', (event) => {
    if (ours(event, opener) && event.data?.type === TAKE && event.data.access.id) takeOver(event.data.access);
  });
  opener.postMessage(TAKE, location.origin);
}
