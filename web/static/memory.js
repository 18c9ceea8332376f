// What the page must know after a reload, kept for this tab only: another tab and tomorrow do not find
// it, for a shop's computer has many users. What was said is not kept here; the server has it.
// In somebody's page the browser may refuse storage; the chat works without it then.

const KEY = 'yingda.chat.2';

// load returns what was saved: {id, token, unsent: [{client, text}], helpful: {entry id: bool}}.
export function load() {
  try {
    const { id, token, unsent, helpful } = JSON.parse(sessionStorage.getItem(KEY) || '{}');
    const known = typeof id === 'string' && typeof token === 'string';
    return {
      id: known ? id : '',
      token: known ? token : '',
      unsent: Array.isArray(unsent) ? unsent.filter((m) => m && typeof m.client === 'string' && typeof m.text === 'string') : [],
      helpful: helpful && typeof helpful === 'object' ? helpful : {},
    };
  } catch {
    return { id: '', token: '', unsent: [], helpful: {} };
  }
}

// save keeps it.
export function save(memory) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory));
  } catch { /* refused or full */ }
}
