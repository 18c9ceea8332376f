// Dialogs: questions with a few answers, and the form that finds a ticket.

import { el } from './ui.js';

// choose asks, and resolves to the id of the answer that was picked, "" for none. answers = [{id, label, main}].
export function choose({ title, text, answers }) {
  return new Promise((resolve) => {
    const buttons = answers.map(({ id, label, main }) => el('button', {
      type: 'button', className: main ? 'button' : 'button quiet', textContent: label, onclick: () => box.close(id),
    }));
    const box = dialog(title, el('p', { textContent: text }), el('div', { className: 'answers' }, ...buttons));
    box.addEventListener('close', () => resolve(box.returnValue));
  });
}

// askTicket asks for a ticket's number and the proof that it is the customer's, until find(number, proof) does not
// throw, or the customer gives up.
export function askTicket(find) {
  const field = (label, hint, properties) => {
    const input = el('input', { required: true, autocomplete: 'off', ...properties });
    return [input, el('label', {}, el('span', { textContent: label }), input, el('small', { textContent: hint }))];
  };
  const [ticket, ticketLabel] = field('工单号', '登记时告诉过您，像 1124-7K3F 这样', { maxLength: 32, autocapitalize: 'characters', spellcheck: false });
  const [proof, proofLabel] = field('后四位', '登记时留的手机号后四位，或 SN、终端号的后四位', { maxLength: 64, autocapitalize: 'characters', spellcheck: false });
  const problem = el('p', { className: 'problem', role: 'alert' });
  const submit = el('button', { className: 'button', textContent: '查工单' });
  const form = el('form', {}, ticketLabel, proofLabel, problem, el('div', { className: 'answers' },
    el('button', { type: 'button', className: 'button quiet', textContent: '取消', onclick: () => box.close() }), submit));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    problem.textContent = '';
    submit.disabled = true;
    try {
      await find(ticket.value.trim(), proof.value.trim());
      box.close();
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      submit.disabled = false;
    }
  });
  const box = dialog('查我的工单', form);
}

// dialog opens one with a title; Escape closes it, with the returnValue "".
function dialog(title, ...parts) {
  const box = el('dialog', { className: 'dialog', 'aria-label': title }, el('h2', { textContent: title }), ...parts);
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}
