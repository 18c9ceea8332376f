// Makes web addresses and telephone numbers in a text tappable. What is written becomes text and links, never markup,
// and a link leads to the web or to the telephone and nowhere else.

import { el } from './ui.js';

const URL_END = '\\s<>"\'“”‘’（）《》【】「」，。；：！？、'; // characters that end an address in Chinese prose
const URL_TAIL = /[.,;:!?)\]}'"]+$/; // and those that belong to the sentence

// A mobile number, 400 and 800 numbers, 95… and 96… hot lines, landlines with their area code.
const MOBILE = '(?:\\+?86[ -]?)?1[3-9]\\d(?:[ -]?\\d{4}){2}';
const SERVICE = '[48]00[ -]?\\d{3}[ -]?\\d{4}|[48]00[ -]?\\d{4}[ -]?\\d{3}|9[56]\\d{3}';
const LANDLINE = '\\(?0\\d{2,3}\\)?[ -]?\\d{7,8}';

const pattern = () => new RegExp(`(?<url>https?:[/]{2}[^${URL_END}]+)|(?<phone>${MOBILE}|${SERVICE}|${LANDLINE})`, 'gi');

// A number is no telephone's where it is part of a longer one, masked, or counted.
const JOINS_BEFORE = /[\w*.\-#￥¥]$/;
const JOINS_BEHIND = /^(?:[\w*]|[.\-]\d|\s?[元块万笔%％])/;

// linkify is the text as a list of strings and links.
export function linkify(text) {
  const parts = [];
  let told = 0; // everything before was put into parts
  for (const match of text.matchAll(pattern())) {
    const link = match.groups.url ? webLink(match.groups.url) : phoneLink(text, match);
    if (!link) continue;
    parts.push(text.slice(told, match.index), link);
    told = match.index + link.textContent.length;
  }
  parts.push(text.slice(told));
  return parts.filter((part) => part !== '');
}

function webLink(written) {
  const address = written.replace(URL_TAIL, '');
  try {
    const { protocol, href } = new URL(address);
    if (protocol !== 'http:' && protocol !== 'https:') return null;
    return el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow', textContent: address });
  } catch {
    return null; // no address after all
  }
}

function phoneLink(text, { 0: written, index }) {
  if (JOINS_BEFORE.test(text.slice(0, index)) || JOINS_BEHIND.test(text.slice(index + written.length))) return null;
  return el('a', { href: `tel:${written.replace(/[^+\d]/g, '')}`, textContent: written });
}
