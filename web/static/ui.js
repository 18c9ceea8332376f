// The few helpers that the pages' scripts share.

// BASE begins every address of ours: '' at a host's root, else the path that we are served below.
export const BASE = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

// el makes an element. Properties are set as properties, "aria-*" and "data-*" as attributes;
// children that are strings become text, so nothing here ever parses HTML.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes('-') || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// icon draws a path in the manner of the templates' icons.
export function icon(path) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(ns, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

// toast says one short thing for a moment; action = {label, run} adds a button and more time.
export function toast(text, action) {
  document.querySelectorAll('.toast').forEach((old) => old.remove());
  const box = el('div', { className: 'toast', role: 'status' });
  document.body.append(box);
  box.append(el('span', { textContent: text })); // added to a live region: read aloud
  if (action) {
    box.append(el('button', { type: 'button', textContent: action.label, onclick: () => { box.remove(); action.run(); } }));
  }
  setTimeout(() => box.remove(), action ? 6000 : 1800);
}

// copy puts text on the clipboard, also on plain http, where the browser offers no clipboard object.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = el('textarea', { className: 'sr', value: text, readOnly: true, 'aria-hidden': 'true' });
  document.body.append(area);
  area.focus({ preventScroll: true });
  area.select();
  area.setSelectionRange(0, text.length); // iOS
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch { /* not allowed: done stays false */ }
  area.remove();
  if (focused) focused.focus({ preventScroll: true });
  return done;
}

// Problem is a failure with words for the customer; status is the answer's, 0 when none came.
export class Problem extends Error {
  constructor(text, status = 0) {
    super(text);
    this.status = status;
  }
}

// request calls a route; it throws a Problem with the server's own detail, or with a kind sentence
// when no answer came. An abort by signal is thrown on as it is. With raw it returns the response.
export async function request(url, { body, method, token, accept = 'application/json', raw, signal } = {}) {
  const options = { signal, method: method || (body === undefined ? 'GET' : 'POST'), headers: { Accept: accept } };
  if (token) options.headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem('网络好像断了，这条没有送到。请看一下网络再试。');
  }
  if (response.ok && raw) return response;
  if (response.status === 204) return null;
  let data = null;
  try {
    data = await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
  }
  if (response.ok && data) return data;
  throw problem(response.status, data);
}

// problem is what an answer that is no success means.
export function problem(status, data) {
  return new Problem((data && data.detail) || '服务暂时没有回应，请稍后再试。', status);
}
