// The rows of the log: what was said in its order, then what is on its way. Scrolling stays inside
// the log: scrollIntoView would also move a page that frames us.

import { el } from './ui.js';
import { draw, setTicket } from './view.js';

const STAMP_GAP = 5 * 60 * 1000; // ms of silence before the time is shown

export function newTranscript(log, context) {
  const tail = el('i', { hidden: true }); // entries stand before it, what is on its way behind it
  log.append(tail);
  let rows = []; // {entry, row, stamp} in order
  const drawing = Object.create(context, { entryAt: { value: (seq) => rows.find(({ entry }) => entry.seq === seq)?.entry } });
  let atEnd = true; // where the reader was before the keyboard or a redraw changed the height

  function nearEnd() {
    return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  function scrollToEnd() {
    log.scrollTop = log.scrollHeight;
  }

  // scrollToRow shows a new row from its first line, even where it is higher than the log.
  function scrollToRow(row) {
    const top = row.offsetTop - log.offsetTop - 12;
    log.scrollTop = Math.min(top, log.scrollHeight - log.clientHeight);
  }

  // insert shows an entry in its place. What the customer said was read aloud when it was sent.
  function insert(entry, quietly) {
    let at = rows.length;
    while (at > 0 && rows[at - 1].entry.seq > entry.seq) at -= 1;
    const item = { entry, row: draw(entry, drawing), stamp: timestampAfterGap(entry, rows[at - 1]?.entry) };
    const next = rows[at] ? rows[at].stamp || rows[at].row : tail;
    if (quietly || entry.from === 'customer') hush(item.row);
    if (item.stamp) hush(item.stamp);
    if (item.stamp) log.insertBefore(item.stamp, next);
    log.insertBefore(item.row, next);
    rows.splice(at, 0, item);
    return item;
  }

  log.addEventListener('scroll', () => { atEnd = nearEnd(); }, { passive: true });
  return {
    empty: () => rows.length === 0,
    wasAtEnd: () => atEnd,
    nearEnd,
    scrollToEnd,

    // add shows entries; the reader is taken to the first answer among them.
    add(entries, { quietly }) {
      const wasAtEnd = nearEnd();
      const items = entries.map((entry) => insert(entry, quietly)); // nobody wants all of it read aloud
      rows.slice(0, -1).forEach(({ row }) => row.querySelector('.quick')?.remove());
      const answer = items.find(({ entry }) => entry.from !== 'customer');
      if (quietly) {
        scrollToEnd();
        return;
      }
      items.forEach(({ row, entry }) => { if (entry.from !== 'customer') row.classList.add('new'); });
      if (answer && (wasAtEnd || answer.entry.from === 'bot')) scrollToRow(answer.row);
      else if (wasAtEnd) scrollToEnd();
    },

    // push shows a row that is on its way.
    push(row) {
      log.append(row);
      scrollToEnd();
    },

    redraw(entry) {
      const item = rows.find((other) => other.entry === entry);
      if (!item) return;
      const row = hush(draw(entry, drawing));
      const hadFocus = item.row.contains(document.activeElement);
      const wasAtEnd = nearEnd();
      item.row.replaceWith(row);
      item.row = row;
      if (hadFocus) row.querySelector('.outcome')?.focus({ preventScroll: true });
      if (wasAtEnd) scrollToEnd();
    },

    // tickets shows how far they are, given the newest one, null while it is not known: no other can be open.
    tickets(newest) {
      if (!newest) return;
      rows.forEach(({ row, entry }) => {
        const card = row.querySelector('.ticket');
        if (card) setTicket(card, entry.reply.ticket === newest.number ? newest.state : 'closed');
      });
    },

    // openTicket is the number of the ticket that is not closed; "" for none.
    openTicket() {
      const open = rows.map(({ row }) => row.querySelector('.ticket')).filter((card) => card && card.dataset.state !== 'closed');
      return open.at(-1)?.querySelector('strong').textContent ?? '';
    },

    // note shows a line of ours between the rows, which is not kept.
    note(text) {
      log.insertBefore(el('p', { className: 'row-note', textContent: text }), tail);
      scrollToEnd();
    },

    // clear forgets everything but what is on its way.
    clear() {
      rows = [];
      log.querySelectorAll('.row:not(#welcome, .unsent), .stamp.time, .row-note').forEach((row) => row.remove());
      log.scrollTop = 0;
    },
  };
}

// hush keeps a row of the log, which is a live region, from being read aloud.
function hush(row) {
  row.setAttribute('aria-live', 'off');
  return row;
}

function timestampAfterGap(entry, before) {
  const at = new Date(entry.at);
  if (before && at - new Date(before.at) < STAMP_GAP) return null;
  const day = at.toDateString() === new Date().toDateString() ? '' : `${at.getMonth() + 1}月${at.getDate()}日 `;
  const time = `${day}${at.getHours()}:${String(at.getMinutes()).padStart(2, '0')}`;
  return el('p', { className: 'stamp time', textContent: time });
}
