// Follows a conversation by server-sent events, read by fetch: EventSource cannot send a token, and a
// token in an address would end up in logs.

import { Problem, request } from './ui.js';

const FIRST_PAUSE = 500; // ms before the first try again; it doubles
const LONGEST_PAUSE = 15000;
const SILENCE = 40000; // ms: the server says something every 15 s, so the line is dead
const STALE = 20000; // ms of silence that is suspicious after sleep

// follow reads events until stop() is called. What was said goes to
// entries(list), in order; after() is the
// sequence number to resume from. state(connected) tells how the line is, gone() that the server
// does not know the conversation any more.
export function follow({ url, token, after, entries, state, gone }) {
  const stopped = new AbortController();
  let attempt = null; // the AbortController of the connection of the moment
  let heard = 0; // when the last byte came
  let wake = () => {}; // ends the pause between two tries
  let pause = FIRST_PAUSE;

  async function connect() {
    attempt = new AbortController();
    heard = Date.now();
    const response = await request(`${url}?after=${after()}`, { token, accept: 'text/event-stream', signal: attempt.signal, raw: true });
    state(true);
    pause = FIRST_PAUSE;
    await readEvents(response.body, () => { heard = Date.now(); }, entries);
  }

  async function run() {
    while (!stopped.signal.aborted) {
      try {
        await connect();
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (error instanceof Problem && (error.status === 404 || error.status === 401)) {
          gone();
          return;
        }
      }
      if (stopped.signal.aborted) return;
      state(false);
      const rest = pause * (0.7 + 0.6 * Math.random()); // not everybody at once after a restart
      pause = Math.min(LONGEST_PAUSE, pause * 2);
      await new Promise((resolve) => { wake = resolve; setTimeout(resolve, rest); });
    }
  }

  // nudge tries at once when the network or the customer is back, and drops a line that sleep has cut.
  function nudge() {
    if (document.hidden) return;
    pause = FIRST_PAUSE;
    wake();
    if (Date.now() - heard > STALE) attempt?.abort();
  }

  const watch = setInterval(() => { if (Date.now() - heard > SILENCE) attempt?.abort(); }, 5000);
  window.addEventListener('online', nudge);
  window.addEventListener('pageshow', nudge);
  document.addEventListener('visibilitychange', nudge);
  run();
  return function stop() {
    stopped.abort();
    attempt?.abort();
    wake();
    clearInterval(watch);
    window.removeEventListener('online', nudge);
    window.removeEventListener('pageshow', nudge);
    document.removeEventListener('visibilitychange', nudge);
  };
}

// readEvents hands on the data of all events until the stream ends.
async function readEvents(body, heard, entries) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const events = (buffer + value).split('\n\n');
    buffer = events.pop();
    const list = events.flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')));
    if (list.length) entries(list.map((line) => JSON.parse(line.slice(6))));
  }
}
