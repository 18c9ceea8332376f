// Fits the chat to what the customer can see of it.

// fitViewport keeps the chat within the visual viewport, which a phone's keyboard makes smaller, and
// calls changed after the height changed.
export function fitViewport(changed) {
  const view = window.visualViewport;
  if (!view) return;
  const root = document.documentElement.style;
  let height = 0;
  const fit = () => {
    if (view.scale > 1.05) return; // zoomed in by hand: leave the page alone
    root.setProperty('--top', `${view.offsetTop}px`);
    root.setProperty('--height', `${view.height}px`);
    if (height !== view.height) changed();
    height = view.height;
  };
  view.addEventListener('resize', fit);
  view.addEventListener('scroll', fit);
  fit();
}

// growTextarea makes the input as high as its text, up to the four lines of its max-height.
export function growTextarea(area) {
  area.style.height = '';
  area.style.height = `${area.scrollHeight + 2}px`; // 2: the border
}
