// Follows a conversation by server-sent events, read by fetch: EventSource cannot send a token, and a
// token in an address would end up in logs. Where the server has no place for a stream, by polls.

import { Problem, request } from './ui.js';

const MIN_BACKOFF = 500; // ms before the first try again; it doubles
const MAX_BACKOFF = 15000;
const SILENCE_TIMEOUT = 40000; // ms: the server says something every 15 s, so the line is dead
const STALE_AFTER = 20000; // ms of silence that is suspicious after sleep
const POLL_FOR = 120000; // ms before a stream is tried again that was refused
const POLL_WAIT = 15; // s that the server waits for something to tell
const POLL_PAUSE = 10000; // ms between polls where the server has no place for one that waits

const refused = (error) => error instanceof Problem && (error.status === 429 || error.status === 503);

// follow reads the events of the conversation at url until stop() is called. What was said goes to
// entries(list), in order; after() is the
// sequence number to resume from. state(connected) tells how the line is, gone() that the server
// does not know the conversation any more.
export function follow({ url, token, after, entries, state, gone }) {
  const stopped = new AbortController();
  let attempt = null; // the AbortController of the connection of the moment
  let lastByteAt = 0; // when the last byte came
  let wake = () => {}; // ends the wait between two tries
  let backoff = MIN_BACKOFF;
  let pollUntil = 0; // when a stream is tried again
  let polled = 0; // the sequence number up to which polls have told

  async function connect() {
    attempt = new AbortController();
    lastByteAt = Date.now();
    const response = await request(`${url}/events?after=${after()}`, { token, accept: 'text/event-stream', signal: attempt.signal, raw: true });
    state(true);
    backoff = MIN_BACKOFF;
    await readEvents(response.body, () => { lastByteAt = Date.now(); }, entries);
  }

  async function poll(wait) {
    attempt = new AbortController();
    lastByteAt = Date.now();
    const query = `after=${Math.max(polled, after())}&wait=${wait}`;
    const { messages } = await request(`${url}/messages?${query}`, { token, signal: attempt.signal });
    state(true);
    backoff = MIN_BACKOFF;
    if (!messages.length) return;
    polled = messages.at(-1).seq;
    entries(messages);
  }

  // pollOnce polls; it fails only where the server takes no poll at all.
  async function pollOnce() {
    try {
      await poll(POLL_WAIT);
    } catch (error) {
      if (stopped.signal.aborted || !refused(error)) throw error;
      await poll(0);
      await pause(POLL_PAUSE);
    }
  }

  const pause = (ms) => new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, ms * (0.7 + 0.6 * Math.random())); // not everybody at once after a restart
  });

  async function run() {
    while (!stopped.signal.aborted) {
      try {
        if (Date.now() < pollUntil) {
          await pollOnce();
          continue;
        }
        await connect();
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (error instanceof Problem && (error.status === 404 || error.status === 401)) {
          gone();
          return;
        }
        if (refused(error) && Date.now() >= pollUntil) {
          pollUntil = Date.now() + POLL_FOR;
          continue;
        }
      }
      if (stopped.signal.aborted) return;
      state(false);
      const delay = backoff;
      backoff = Math.min(MAX_BACKOFF, backoff * 2);
      await pause(delay);
    }
  }

  // reconnectNow tries at once when the network or the customer is back, and drops a line that sleep has cut.
  function reconnectNow() {
    if (document.hidden) return;
    backoff = MIN_BACKOFF;
    wake();
    if (Date.now() - lastByteAt > STALE_AFTER) attempt?.abort();
  }

  const watch = setInterval(() => { if (Date.now() - lastByteAt > SILENCE_TIMEOUT) attempt?.abort(); }, 5000);
  window.addEventListener('online', reconnectNow);
  window.addEventListener('pageshow', reconnectNow);
  document.addEventListener('visibilitychange', reconnectNow);
  run();
  return function stop() {
    stopped.abort();
    attempt?.abort();
    wake();
    clearInterval(watch);
    window.removeEventListener('online', reconnectNow);
    window.removeEventListener('pageshow', reconnectNow);
    document.removeEventListener('visibilitychange', reconnectNow);
  };
}

// readEvents hands on the data of all events until the stream ends.
async function readEvents(body, onBytes, entries) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    const events = (buffer + value).split('\n\n');
    buffer = events.pop();
    const list = events.flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')));
    if (list.length) entries(list.map((line) => JSON.parse(line.slice(6))));
  }
}
