// Opens the chat in a corner of any page: <script src="https://…/widget.js" defer></script>
// A classic script: it needs document.currentScript. Styles are set by property, which the strictest
// content security policy of the page around us allows.
(() => {
  const script = document.currentScript;
  if (!script || document.getElementById('yingda-launcher')) return;
  const { origin, href } = new URL('.', script.src);
  const phone = matchMedia('(max-width: 480px), (max-height: 480px)');
  const svg = (path) => `url("data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="${path}"/></svg>`)}")`;
  const CHAT = svg('M12 4c-5 0-9 3.2-9 7.2 0 2.3 1.3 4.3 3.3 5.6L5.6 20l3.6-1.9c.9.2 1.8.3 2.8.3 5 0 9-3.2 9-7.2S17 4 12 4z');
  const CROSS = svg('M6 6l12 12M18 6L6 18');

  const launcher = document.createElement('button');
  launcher.id = 'yingda-launcher';
  launcher.type = 'button';
  launcher.setAttribute('aria-controls', 'yingda-frame');
  Object.assign(launcher.style, {
    all: 'initial', position: 'fixed', right: '20px', bottom: 'calc(20px + env(safe-area-inset-bottom))', zIndex: '2147483646',
    width: '56px', height: '56px', borderRadius: '50%', cursor: 'pointer', boxShadow: '0 4px 16px rgba(0,0,0,.22)',
    backgroundColor: '#087a42', backgroundPosition: 'center', backgroundSize: '28px', backgroundRepeat: 'no-repeat',
  });
  launcher.addEventListener('focus', () => { launcher.style.outline = launcher.matches(':focus-visible') ? '3px solid #087a42' : ''; });
  launcher.addEventListener('blur', () => { launcher.style.outline = ''; });
  launcher.style.outlineOffset = '3px';

  let frame = null; // made when it is first opened: a page that nobody asks from loads nothing
  let opened = false;

  function makeFrame() {
    frame = document.createElement('iframe');
    frame.id = 'yingda-frame';
    frame.title = '应答 · POS 使用助手';
    frame.src = `${href}chat`;
    document.body.append(frame);
  }

  function place() {
    launcher.setAttribute('aria-expanded', String(opened));
    launcher.setAttribute('aria-label', opened ? '关闭应答' : '打开应答，POS 使用助手');
    launcher.style.backgroundImage = opened ? CROSS : CHAT;
    launcher.style.display = opened && phone.matches ? 'none' : 'block';
    if (!frame) return;
    Object.assign(frame.style, {
      all: 'initial', position: 'fixed', zIndex: '2147483647', border: '0', display: opened ? 'block' : 'none', colorScheme: 'normal',
    }, phone.matches ? { inset: '0', width: '100%', height: '100%' } : {
      right: '20px', bottom: '88px', width: '392px', height: 'min(660px, calc(100vh - 112px))', borderRadius: '14px', boxShadow: '0 8px 40px rgba(0,0,0,.24)',
    });
  }

  function toggle(open) {
    opened = open;
    if (opened && !frame) makeFrame();
    place();
    (opened ? frame : launcher).focus();
  }

  launcher.addEventListener('click', () => toggle(!opened));
  addEventListener('keydown', (event) => { if (opened && event.key === 'Escape') toggle(false); });
  addEventListener('message', (event) => { // Escape or the cross inside the frame
    if (frame && event.source === frame.contentWindow && event.origin === origin && event.data === 'yingda:close') toggle(false);
  });
  phone.addEventListener('change', place);

  const start = () => { document.body.append(launcher); place(); };
  if (document.body) start();
  else addEventListener('DOMContentLoaded', start);
})();
