// What the chat must know after a reload. The conversation and its token stand in the browser's storage, for all its
// tabs and for tomorrow; what was said does not, for the server has it. On a public computer, and where the browser
// refuses storage, as it may in somebody's frame, this page alone knows them. What is not sent yet is this tab's.

const KEY = 'yingda.chat.3';
const UNSENT_KEY = 'yingda.unsent';
const PUBLIC_KEY = 'yingda.public';

// read is what stands in a storage, and write puts it there; a value of null takes it out. Both bear refusal.
function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key));
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false; // refused or full
  }
}

let shared = read('sessionStorage', PUBLIC_KEY) !== true;
let ownCopy = null; // of what would be stored, where it is not

// conversationOf is a stored conversation as far as it is whole.
function conversationOf(stored) {
  const { id, token, helpful } = stored ?? {};
  const known = typeof id === 'string' && typeof token === 'string';
  return { id: known ? id : '', token: known ? token : '', helpful: helpful && typeof helpful === 'object' ? helpful : {} };
}

// load returns what was saved: {id, token, unsent: [{client, text}], helpful: {entry id: bool}}.
export function load() {
  const unsent = read('sessionStorage', UNSENT_KEY);
  return {
    ...conversationOf(ownCopy ?? (shared ? read('localStorage', KEY) : null)),
    unsent: Array.isArray(unsent) ? unsent.filter((m) => m && typeof m.client === 'string' && typeof m.text === 'string') : [],
  };
}

// save keeps it.
export function save({ id, token, helpful, unsent }) {
  const conversation = { id, token, helpful };
  ownCopy = shared && write('localStorage', KEY, id ? conversation : null) ? null : conversation;
  write('sessionStorage', UNSENT_KEY, unsent.length ? unsent : null);
}

// isRemembered tells whether the browser keeps what is saved beyond this page.
export function isRemembered() {
  const probe = `${KEY}.probe`;
  return write('localStorage', probe, 1) && write('localStorage', probe, null);
}

export const isPublic = () => !shared;

// setPublic says whether others use this computer: nothing of the chat is left on it then, from this moment on.
export function setPublic(yes, memory) {
  shared = !yes;
  write('sessionStorage', PUBLIC_KEY, yes || null);
  if (yes) write('localStorage', KEY, null);
  save(memory);
}

// onChange calls changed() when another tab has saved something.
export function onChange(changed) {
  window.addEventListener('storage', ({ key }) => { if (shared && (key === KEY || key === null)) changed(); });
}
