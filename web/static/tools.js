// The small tools below the input: a ticket is found again, a public computer forgets, and a frame that the browser
// lets remember nothing opens as a window.

import { el, toast } from './ui.js';
import { askTicket, choose } from './dialog.js';
import { isPublic, isRemembered } from './memory.js';
import { popOut } from './popout.js';

// showTools puts them to work: ticket() is the number of the open ticket, clear() begins the conversation anew,
// found() shows another one that was found.
export function showTools({ conversation, ticket, clear, found, framed }) {
  const shared = document.getElementById('public');

  document.getElementById('find').addEventListener('click', () => askTicket(async (number, proof) => {
    await conversation.find(number, proof);
    found();
  }));

  const showPublic = () => shared.setAttribute('aria-pressed', String(isPublic()));
  shared.addEventListener('click', async () => {
    if (isPublic()) {
      conversation.setPublic(false);
      toast('好的，这台设备会记住对话');
    } else {
      const number = ticket();
      const answer = await choose({
        title: '这是公用电脑？',
        text: `那就不在这里留下对话：关掉或刷新这个页面，后面的人就看不到了。${number ? `请记下工单号 ${number}：凭它和您留的手机号、SN 或终端号的后四位，换台设备也能查。` : ''}`,
        answers: [{ id: 'clear', label: '现在就清空' }, { id: 'keep', label: '关页面时清空', main: true }],
      });
      if (!answer) return;
      conversation.setPublic(true);
      if (answer === 'clear') clear();
    }
    showPublic();
  });
  showPublic();

  if (isRemembered()) return;
  const note = el('span', { textContent: '浏览器不让这里记住对话，关掉页面就没了。' });
  const out = el('button', { type: 'button', textContent: '在新窗口打开', onclick: () => popOut(conversation.handOver) });
  document.getElementById('tools').prepend(note, ...(framed ? [out] : []));
}
