// What was said, kept for this tab only: a reload finds it again, another tab and tomorrow do not.
// In somebody's page the browser may refuse storage; the chat works without it then.

const KEY = 'yingda.chat.1';
const MOST = 200; // turns kept

// load returns the turns that were saved, [] when there are none or they cannot be read.
export function load() {
  try {
    const turns = JSON.parse(sessionStorage.getItem(KEY) || '[]');
    return Array.isArray(turns) ? turns.filter(sound) : [];
  } catch {
    return [];
  }
}

// save keeps the newest turns.
export function save(turns) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(turns.slice(-MOST)));
  } catch { /* refused or full */ }
}

function sound(turn) {
  if (!turn || typeof turn.text !== 'string') return false;
  if (turn.from !== 'bot') return turn.from === 'customer' || turn.from === 'error';
  return Boolean(turn.reply) && Array.isArray(turn.reply.articles) && Array.isArray(turn.reply.options);
}
