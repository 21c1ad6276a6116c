// Tells the display check the sizes of window and screen, and asks for a new check where a pair is opened on a screen
// of another size. Without this module the check is answered without sizes and holds for this browser.

const sizes = () => ({
  window_width: innerWidth,
  window_height: innerHeight,
  screen_width: screen.width,
  screen_height: screen.height,
  pixel_ratio: devicePixelRatio.toFixed(3),
});
const form = document.querySelector('[data-display-check]');
const checked = document.querySelector('[data-screen]');

form?.addEventListener('submit', () => {
  for (const [name, value] of Object.entries(sizes())) form.elements[name].value = value;
});
if (checked && checked.dataset.screen !== `${screen.width}x${screen.height}`) location.replace(checked.dataset.display);
