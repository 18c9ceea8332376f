// The customer's conversation with the server: opened at the first message, followed by a stream or polls, found
// again after a reload, and one in all tabs. It knows nothing of the page; it tells what it learns by listener.

import { BASE, Problem, problem, request } from './ui.js';
import { follow } from './stream.js';
import { load, onChange, save, setPublic } from './memory.js';

const ROOT = `${BASE}/api/v1/conversations`;
const TRY_TIMEOUT = 20000; // ms for one try
const UPLOAD_TIMEOUT = 90000; // ms, over a slow telephone network
const RETRY_DELAYS = [800, 2000]; // ms before the second and the third try of a message
const UNKNOWN = { holder: null, ticket: null }; // how a conversation stands that was not asked about yet
const HIDDEN_TIMEOUT = 60000; // ms: a page that nobody sees and no agent writes to does not hold a connection

// newConversation needs a listener: entries(list) for what was said, in order within one list;
// connection(connected); status({holder, ticket}); gone() when the server forgot the conversation; moved() when
// another tab began, cleared or found one; found(ticket, move) when a message proved that a ticket is the customer's,
// whose conversation move() goes to.
export function newConversation(listener) {
  let memory = load();
  let seen = new Set(); // sequence numbers that were told
  let after = 0; // everything up to here was told
  let buffered = []; // what the stream brought while a message was on its way
  let sending = 0;
  let stop = null; // ends the stream
  let opening = null;
  let status = UNKNOWN; // who speaks, "bot" or "agent", and the newest ticket: {number, state}
  let ticketed = false; // there is or was a ticket
  let statusTimer = 0; // runs until fetchStatus

  const url = (rest = '') => `${ROOT}/${memory.id}${rest}`;

  // publish passes on what is new. Only the stream leaves no gap, so only it moves after beyond one.
  function publish(list, streamed) {
    const fresh = list.filter((e) => !seen.has(e.seq));
    fresh.forEach((e) => {
      seen.add(e.seq);
      ticketed ||= Boolean(e.reply?.ticket) || e.from === 'agent' || e.from === 'system';
    });
    if (streamed) list.forEach((e) => { after = Math.max(after, e.seq); });
    while (seen.has(after + 1)) after += 1;
    if (!fresh.length) return;
    listener.entries(fresh);
    clearTimeout(statusTimer);
    statusTimer = setTimeout(fetchStatus, 20);
  }

  // fetchStatus finds out who speaks to the customer and how far the ticket is, which an entry may have changed.
  async function fetchStatus() {
    if (!ticketed) setStatus({ holder: 'bot', ticket: null });
    else if (memory.id) {
      try {
        const { holder, ticket } = await request(url(), { token: memory.token });
        setStatus({ holder, ticket });
      } catch { /* the next entry asks again */ }
    }
  }

  function setStatus(now) {
    if (JSON.stringify(now) === JSON.stringify(status)) return;
    status = now;
    listener.status(status);
  }

  const isOpen = () => Boolean(status.ticket) && status.ticket.state !== 'closed';

  // The stream. While a message is on its way its entries wait: the answer to the message says which
  // of them it is.
  function start() {
    if (stop || !memory.id) return;
    stop = follow({
      url: url(),
      token: memory.token,
      after: () => after,
      entries: (list) => {
        if (sending) buffered.push(...list);
        else publish(list, true);
      },
      state: listener.connection,
      gone: forget,
    });
  }

  function closeStream() {
    stop?.();
    stop = null;
    listener.connection(true);
  }

  let hidden = 0;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => { if (!isOpen()) closeStream(); }, HIDDEN_TIMEOUT);
    else start();
  });

  function endSending() {
    sending -= 1;
    if (sending) return;
    const list = buffered;
    buffered = [];
    if (list.length) publish(list, true);
  }

  function switchTo(next) {
    show(next);
    save(memory);
  }

  // show begins anew with what was saved.
  function show(next) {
    closeStream();
    memory = next;
    seen = new Set();
    after = 0;
    buffered = [];
    ticketed = false;
    setStatus(UNKNOWN);
  }

  // forget drops a conversation that the server does not know any more; unsent messages stay.
  function forget() {
    switchTo({ ...memory, id: '', token: '' });
    listener.gone();
  }

  // joinOther takes over the conversation that another tab opened meanwhile, if there is one.
  function joinOther() {
    const { id, token } = load();
    if (id) Object.assign(memory, { id, token });
    return Boolean(id);
  }

  async function ensureOpen(signal) {
    if (memory.id || joinOther()) return;
    opening ||= request(ROOT, { body: { channel: 'widget' }, signal }).finally(() => { opening = null; });
    const { id, token } = await opening;
    if (memory.id || joinOther()) return; // another message had waited for the same answer, or another tab was first
    Object.assign(memory, { id, token });
    save(memory);
  }

  onChange(() => {
    const now = load();
    if (now.id === memory.id) {
      memory.helpful = now.helpful;
      return;
    }
    if (opening) return; // ensureOpen looks when it has its answer
    show({ ...now, unsent: memory.unsent });
    listener.moved();
    start();
  });

  // moveTo goes on with another conversation, {id, token}.
  function moveTo({ id, token }) {
    switchTo({ ...memory, id, token, helpful: {} });
    start();
  }

  // deliver does one message by act(signal), in a conversation that is opened when there is none, and
  // again with the same client id when it is unknown whether it arrived. delivered() comes before
  // anybody is told.
  async function deliver(act, { signal, timeout = TRY_TIMEOUT, delivered }) {
    sending += 1;
    let turn;
    try {
      turn = await withRetries(act, signal, timeout);
      delivered();
      publish([turn.message, ...turn.entries]);
    } finally {
      endSending();
    }
    const { resumed, replies } = turn;
    if (resumed) listener.found(replies[0]?.ticket, () => moveTo(resumed));
  }

  async function withRetries(act, signal, timeout) {
    for (let tries = 0; ; tries += 1) {
      try {
        await withTimeout(TRY_TIMEOUT, signal, ensureOpen);
        start();
        return await withTimeout(timeout, signal, act);
      } catch (error) {
        if (signal?.aborted || tries >= RETRY_DELAYS.length) throw error;
        const { status } = error;
        if (status === 404) forget();
        else if (status > 0 && status < 500) throw error;
        await new Promise((resolve) => { setTimeout(resolve, status === 404 ? 0 : RETRY_DELAYS[tries]); });
      }
    }
  }

  const unsent = (change) => { memory.unsent = change(memory.unsent); save(memory); };

  return {
    // resume goes on with the conversation of before a reload; false when there is none.
    resume() {
      start();
      return Boolean(memory.id);
    },
    // unsent are the messages of before a reload that may not have arrived.
    unsent: () => memory.unsent,
    status: () => status,
    helpful: (entry) => memory.helpful[entry.id],

    // send says a text; it throws a Problem when that fails. The same client again says nothing twice.
    async send(client, text, { signal, delivered }) {
      if (!memory.unsent.some((m) => m.client === client)) unsent((list) => [...list, { client, text }]);
      const say = (s) => request(url('/messages'), { body: { client_id: client, text }, token: memory.token, signal: s });
      await deliver(say, {
        signal,
        delivered() {
          unsent((list) => list.filter((m) => m.client !== client));
          delivered();
        },
      });
    },

    // drop forgets a text that cannot be delivered; only this page still shows it.
    drop: (client) => unsent((list) => list.filter((m) => m.client !== client)),

    // sendPicture uploads a picture; progress(0…1) tells how far it is.
    sendPicture(client, file, { signal, progress, delivered }) {
      const act = (s) => upload(url('/attachments'), { client, file, token: memory.token, progress, signal: s });
      return deliver(act, { signal, delivered, timeout: UPLOAD_TIMEOUT });
    },

    // picture is the bytes of an attachment.
    async picture(id) {
      const response = await request(url(`/attachments/${id}`), { token: memory.token, accept: 'image/*', raw: true });
      return response.blob();
    },

    // rate says whether a bot's entry helped.
    async rate(entry, helpful) {
      const before = memory.helpful[entry.id];
      memory.helpful[entry.id] = helpful;
      save(memory);
      try {
        await request(url('/feedback'), { body: { message: entry.id, helpful }, token: memory.token });
      } catch (error) {
        memory.helpful[entry.id] = before;
        save(memory);
        throw error;
      }
    },

    // find looks for a ticket's conversation by its number and a proof, and goes on with it; it throws a Problem
    // where they are wrong.
    async find(ticket, proof) {
      moveTo(await request(`${ROOT}/resume`, { body: { ticket, proof } }));
    },

    // setPublic says whether others use this computer.
    setPublic: (yes) => setPublic(yes, memory),

    // handOver is what another window needs to go on, and takeOver goes on with that.
    handOver: () => ({ id: memory.id, token: memory.token }),
    takeOver: moveTo,

    // leave begins anew; the func it returns goes back.
    leave() {
      const old = memory;
      switchTo({ id: '', token: '', unsent: [], helpful: {} });
      return () => { switchTo(old); start(); };
    },
  };
}

// newClientID is a message's own id, the same for every try to send it.
export function newClientID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs https
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

// withTimeout gives act a signal that ends after a time, or with signal.
async function withTimeout(timeout, signal, act) {
  const control = new AbortController();
  const end = () => control.abort();
  const timer = setTimeout(end, timeout);
  signal?.addEventListener('abort', end);
  try {
    return await act(control.signal);
  } catch (error) {
    if (error.name === 'AbortError' && !signal?.aborted) throw new Problem('等了很久没有回应，请再试一次。');
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

// upload posts a picture. XMLHttpRequest, for fetch does not tell how far it is.
function upload(url, { client, file, token, progress, signal }) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append('client_id', client);
    form.append('file', file);
    const call = new XMLHttpRequest();
    call.open('POST', url);
    call.setRequestHeader('Accept', 'application/json');
    call.setRequestHeader('Authorization', `Bearer ${token}`);
    call.responseType = 'json';
    call.upload.addEventListener('progress', (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    call.addEventListener('load', () => {
      if (call.status >= 200 && call.status < 300 && call.response) resolve(call.response);
      else reject(problem(call.status, call.response));
    });
    call.addEventListener('error', () => reject(new Problem('网络好像断了，图片没有送到。请看一下网络再试。')));
    call.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    signal.addEventListener('abort', () => call.abort());
    call.send(form);
  });
}
