// Pictures on their way out and in: chosen, made smaller, previewed; shown small, then large.

import { el, icon } from './ui.js';

const MAX_SIDE = 2048; // pixels: a receipt stays readable
const QUALITY = 0.85;
const SMALL_ENOUGH = 1024 * 1024; // bytes: sent as it is
const MAX_BYTES = 5 * 1024 * 1024;
const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const [THUMB_WIDTH, THUMB_HEIGHT, THUMB_MIN] = [240, 280, 72]; // pixels, as chat.css has them for what is unsent
const CROSS = 'M6 6l12 12M18 6L6 18';

// shrink makes a photo small enough to send over a slow network; what the browser cannot read is
// returned as it is, for the server to judge. It throws an Error with words for the customer.
export async function shrink(file) {
  if (!IMAGE_TYPES.includes(file.type)) throw new Error('只能发送 JPG、PNG 或 WebP 图片。');
  if (file.size <= SMALL_ENOUGH) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = el('canvas', { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });
    if (blob && blob.size < file.size) return blob;
  } catch { /* sent as it is */ }
  if (file.size > MAX_BYTES) throw new Error('图片太大了，请发不超过 5 MB 的图片。');
  return file;
}

// chooser lets the customer choose a picture by the button or paste one into the input, and shows it
// above the input until it is sent. changed() is called whenever one was chosen or taken away.
export function chooser({ button, field, input, place, changed, refuse }) {
  let picture = null; // {file, url}

  async function choose(file) {
    if (!file) return;
    try {
      const small = await shrink(file);
      clear();
      picture = { file: small, url: URL.createObjectURL(small) };
      place.replaceChildren(
        el('img', { src: picture.url, alt: '要发送的图片' }),
        el('p', { textContent: '发送前请看一眼：完整卡号、身份证号请先遮住。' }),
        el('button', { type: 'button', className: 'cancel', 'aria-label': '不发这张图片', onclick: remove }, icon(CROSS)),
      );
      place.hidden = false;
      changed();
      input.focus({ preventScroll: true });
    } catch (error) {
      refuse(error.message);
    }
  }

  function clear() {
    picture = null;
    place.hidden = true;
    place.replaceChildren();
  }

  function remove() {
    if (picture) URL.revokeObjectURL(picture.url);
    clear();
    changed();
    input.focus({ preventScroll: true });
  }

  button.addEventListener('click', () => field.click());
  field.addEventListener('change', () => {
    choose(field.files[0]);
    field.value = '';
  });
  input.addEventListener('paste', (event) => {
    const file = Array.from(event.clipboardData.files).find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    choose(file);
  });

  return {
    chosen: () => picture !== null,
    remove,
    // take gives the picture away: {file, url}, or null.
    take() {
      const taken = picture;
      clear();
      return taken;
    },
  };
}

// thumbnail shows an attachment; read(id) fetches its bytes, for an <img> cannot send a token.
export function thumbnail(attachment, read) {
  const image = el('img', { alt: '图片' });
  const button = el('button', { type: 'button', className: 'picture', 'aria-label': '查看图片' }, image);
  reserve(button, attachment);
  let tries = 0;
  const fill = async () => {
    try {
      image.src = URL.createObjectURL(await read(attachment.id));
      button.onclick = () => enlarge(image.src);
      button.classList.remove('broken');
    } catch {
      tries += 1;
      if (tries < 3) setTimeout(fill, 1000 * tries);
      else {
        button.classList.add('broken');
        button.onclick = () => { tries = 0; fill(); };
      }
    }
  };
  fill();
  return button;
}

// reserve gives a thumbnail its size before its bytes are there, so that no row moves when they come.
function reserve(button, { width, height }) {
  const scale = Math.min(1, THUMB_WIDTH / width, THUMB_HEIGHT / height);
  const [w, h] = [width, height].map((side) => Math.max(THUMB_MIN, Math.round(side * scale)));
  button.style.width = `${w}px`;
  button.style.aspectRatio = `${w} / ${h}`;
}

// enlarge shows a picture over the whole page until it is closed.
export function enlarge(src) {
  const dialog = el('dialog', { className: 'viewer', 'aria-label': '图片' },
    el('img', { src, alt: '图片' }),
    el('button', { type: 'button', className: 'close', 'aria-label': '关闭' }, icon(CROSS)));
  dialog.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
