// The two images of a pair on canvases: window and level, invert, pan, zoom, magnifier; linked, or each by itself.
// Without this module each image is a plain <img>. Pixels are exact at width 256, level 128.
// What changes a view says so: `pane:changed` with the values, `pane:placed` once it is on the screen.

const START = { zoom: 1, x: 0.5, y: 0.5, width: 256, level: 128, inverted: false };
const LIMITS = { zoom: [0.05, 16], x: [0, 1], y: [0, 1], width: [1, 511], level: [0, 255] };
const LENS_SIZE = 220, LENS_POWER = 2.5; // in CSS pixels, and times the image's size beside it
const words = document.getElementById('words').content.firstElementChild.dataset;
const leftPans = document.querySelector('[data-left-pans]'); // the reader's switch: left drag pans

const ahead = new Map(); // address -> promise of the bitmap of a pair that comes next
let panes = [];
let active = null; // the pane that keys and sliders act on
let linked = true;
let magnifying = false;
let spaceHeld = false;

/** The picture at an address, decoded without any colour management. */
async function fetchBitmap(address) {
  const response = await fetch(address, { cache: 'no-store' });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return createImageBitmap(await response.blob(), { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
}

/** Load the next pair's pictures into memory; the page holds no trace of them. */
function preload(addresses) {
  forget();
  for (const address of addresses) {
    const bitmap = fetchBitmap(address);
    bitmap.catch(() => ahead.delete(address)); // it is then loaded when it is due
    ahead.set(address, bitmap);
  }
}

/** The pane of a figure, or the active one. */
export const paneOf = (figure) => panes.find((pane) => pane.figure === figure) ?? active;

/** Let go of pictures that were loaded ahead. */
export function forget() {
  for (const bitmap of ahead.values()) bitmap.then((picture) => picture.close(), () => {});
  ahead.clear();
}

class Pane {
  constructor(figure) {
    this.figure = figure;
    this.view = { ...START };
    this.pointers = new Map();
    this.canvas = document.createElement('canvas');
    this.context = this.canvas.getContext('2d', { willReadFrequently: true });
    this.hud = Object.assign(document.createElement('button'), { type: 'button', className: 'hud' });
    this.hud.popoverTargetElement = document.getElementById('adjust');
    this.lens = Object.assign(document.createElement('canvas'), { className: 'lens', hidden: true });
    figure.append(this.canvas, this.lens, this.hud);
    Object.assign(figure, { tabIndex: 0, role: 'application' });
    this.resized = new ResizeObserver(() => this.redraw());
    this.resized.observe(figure);
    this.listen();
  }

  async load() {
    const address = this.figure.dataset.viewer;
    this.figure.dataset.state = 'loading';
    let bitmap;
    while (!bitmap) {
      try {
        bitmap = await (ahead.get(address) ?? fetchBitmap(address));
      } catch {
        await this.askToTryAgain();
      }
      ahead.delete(address);
    }
    const { width, height } = bitmap;
    Object.assign(this.canvas, { width, height });
    this.context.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.picture = this.context.getImageData(0, 0, width, height);
    this.words = new Uint32Array(this.picture.data.buffer);
    this.grey = new Uint8Array(this.words.length);
    for (let i = 0; i < this.grey.length; i++) this.grey[i] = this.words[i] & 255;
    this.painted = '256 128 false';
    this.figure.dataset.state = 'drawn';
    this.redraw();
  }

  /** Resolves when the reader asks for the image again. */
  askToTryAgain() {
    const note = document.createElement('p');
    const again = Object.assign(document.createElement('button'), { type: 'button', textContent: words.tryAgain });
    note.append(words.notLoaded, ' ', again);
    this.figure.append(note);
    this.figure.dataset.state = 'failed';
    return new Promise((resolve) => again.addEventListener('click', resolve)).then(() => note.remove());
  }

  get fit() {
    return Math.min(this.figure.clientWidth / this.canvas.width, this.figure.clientHeight / this.canvas.height);
  }

  get scale() {
    return this.fit * this.view.zoom;
  }

  /** Where the image's upper left corner lies in the figure; at 1:1 on whole device pixels, or it would be smeared. */
  get corner() {
    const { figure, view, canvas, scale } = this;
    const left = figure.clientWidth / 2 - view.x * canvas.width * scale;
    const top = figure.clientHeight / 2 - view.y * canvas.height * scale;
    if (Math.abs(scale * devicePixelRatio - 1) > 1e-9) return { left, top };
    const box = figure.getBoundingClientRect();
    const whole = (length) => Math.round(length * devicePixelRatio) / devicePixelRatio;
    return { left: whole(box.left + left) - box.left, top: whole(box.top + top) - box.top };
  }

  redraw() {
    if (!this.grey || this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
      this.place();
      this.magnify();
      this.figure.dispatchEvent(new Event('pane:placed', { bubbles: true }));
    });
  }

  /** Grey values through a table of 256, by DICOM's linear window: identity at width 256, level 128. */
  paint() {
    const { width, level, inverted } = this.view;
    const wanted = `${width} ${level} ${inverted}`;
    if (wanted === this.painted) return;
    const table = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      const share = width <= 1 ? Number(i >= level) : (i - level + 0.5) / (width - 1) + 0.5;
      const grey = Math.round(255 * Math.min(1, Math.max(0, inverted ? 1 - share : share)));
      table[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
    for (let i = 0; i < this.grey.length; i++) this.words[i] = table[this.grey[i]];
    this.context.putImageData(this.picture, 0, 0);
    this.painted = wanted;
  }

  place() {
    const { scale, canvas, view } = this;
    const { left, top } = this.corner;
    canvas.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    canvas.style.imageRendering = scale * devicePixelRatio > 2 ? 'pixelated' : 'auto';
    const size = `${view.zoom === 1 ? `${words.fit} ` : ''}${Math.round(100 * scale * devicePixelRatio)} %`;
    const states = [size, linked && words.linked, view.inverted && words.inverted].filter(Boolean).join(', ');
    this.hud.textContent = `W ${Math.round(view.width)} L ${Math.round(view.level)} · ${states}`;
  }

  /** Draw the lens over `this.spot`, or over the middle of the pane. */
  magnify() {
    this.lens.hidden = !magnifying;
    if (!magnifying) return;
    const { canvas, lens, view, scale } = this;
    const spot = this.spot ?? view;
    const size = Math.round(LENS_SIZE * devicePixelRatio), side = LENS_SIZE / (scale * LENS_POWER);
    if (lens.width !== size) Object.assign(lens, { width: size, height: size });
    const context = lens.getContext('2d');
    context.imageSmoothingEnabled = size / side <= 2; // as beside it: above 200 % each pixel is seen
    context.fillRect(0, 0, size, size);
    context.drawImage(canvas, spot.x * canvas.width - side / 2, spot.y * canvas.height - side / 2, side, side, 0, 0, size, size);
    const { left, top } = this.over(spot);
    lens.style.transform = `translate(${left - LENS_SIZE / 2}px, ${top - LENS_SIZE / 2}px)`;
  }

  /** The point of the image, in 0..1, under a pointer. */
  under({ clientX, clientY }) {
    const { figure, canvas, scale, corner } = this;
    const box = figure.getBoundingClientRect();
    return {
      x: (clientX - box.left - corner.left) / (canvas.width * scale),
      y: (clientY - box.top - corner.top) / (canvas.height * scale),
    };
  }

  /** Where a point of the image, in 0..1, lies in the figure, in CSS pixels. */
  over({ x, y }) {
    const { canvas, scale, corner } = this;
    return { left: corner.left + x * canvas.width * scale, top: corner.top + y * canvas.height * scale };
  }

  /** Bring a point of the image, in 0..1, into the middle. */
  lookAt({ x, y }) {
    set(this, { x, y });
  }

  /** Zoom so that the point under the pointer stays there. */
  zoomAt(pointer, factor) {
    const { x, y } = this.under(pointer);
    const zoom = Math.min(LIMITS.zoom[1], Math.max(LIMITS.zoom[0], this.view.zoom * factor));
    const kept = this.view.zoom / zoom;
    set(this, { zoom, x: x + (this.view.x - x) * kept, y: y + (this.view.y - y) * kept });
  }

  /** Say what of the view is not as before. */
  tell(before) {
    const detail = Object.fromEntries(Object.entries(this.view).filter(([name, value]) => before[name] !== value));
    this.figure.dispatchEvent(new CustomEvent('pane:changed', { detail, bubbles: true }));
  }

  pan(dx, dy) {
    const { view, canvas, scale } = this;
    set(this, { x: view.x - dx / (canvas.width * scale), y: view.y - dy / (canvas.height * scale) });
  }

  listen() {
    const { figure, pointers } = this;
    const onImage = (event) => this.grey && !event.target.closest('button');
    figure.addEventListener('focusin', () => activate(this));
    figure.addEventListener('contextmenu', (event) => event.preventDefault());
    figure.addEventListener('mousedown', (event) => event.button === 1 && event.preventDefault());
    figure.addEventListener('pointerdown', (event) => {
      activate(this);
      if (!onImage(event)) return;
      figure.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
    });
    for (const end of ['pointerup', 'pointercancel']) {
      figure.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
    figure.addEventListener('pointermove', (event) => {
      if (!this.grey) return;
      if (magnifying) for (const pane of linked ? panes : [this]) Object.assign(pane, { spot: this.under(event) }).redraw();
      const before = pointers.get(event.pointerId);
      if (!before) return;
      pointers.set(event.pointerId, event);
      if (pointers.size === 2) this.pinch(before, event);
      else if (pointers.size === 1) this.drag(before, event);
    });
    figure.addEventListener('wheel', (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      if (this.grey) this.zoomAt(event, Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) / 500));
    }, { passive: false });
  }

  drag(before, now) {
    const dx = now.clientX - before.clientX, dy = now.clientY - before.clientY;
    if (now.pointerType === 'touch' || spaceHeld) this.pan(dx, dy);
    else if (now.buttons & 2) this.zoomAt(now, Math.exp(-dy / 150));
    else if (Boolean(now.buttons & 4) !== leftPans.checked) this.pan(dx, dy);
    else set(this, { width: this.view.width + dx * 0.6, level: this.view.level + dy * 0.6 });
  }

  pinch(before, now) {
    const other = [...this.pointers.values()].find((pointer) => pointer.pointerId !== now.pointerId);
    const apart = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
    this.pan((now.clientX - before.clientX) / 2, (now.clientY - before.clientY) / 2);
    const middle = { clientX: (now.clientX + other.clientX) / 2, clientY: (now.clientY + other.clientY) / 2 };
    this.zoomAt(middle, apart(now, other) / apart(before, other));
  }
}

/** The one door to a view: while the panes are linked they cannot drift apart. */
function set(pane, changes) {
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    if (name in changes) changes[name] = Math.min(most, Math.max(least, changes[name]));
  }
  for (const each of linked ? panes : [pane]) {
    const before = { ...each.view };
    Object.assign(each.view, changes);
    each.redraw();
    each.tell(before);
  }
  showState();
}

function activate(pane) {
  active = pane;
  showState();
}

/** Buttons and sliders say how the active pane stands. */
function showState() {
  for (const input of document.querySelectorAll('[data-view]')) input.value = active.view[input.dataset.view];
  const states = { link: linked, invert: active.view.inverted, magnify: magnifying };
  for (const [command, on] of Object.entries(states)) {
    document.querySelector(`[data-command="${command}"]`).ariaPressed = on;
  }
}

const middleOf = (figure) => {
  const box = figure.getBoundingClientRect();
  return { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
};
const change = (name, by) => set(active, { [name]: active.view[name] + by });

/** What keys and buttons can ask for, by name. */
export const commands = {
  link() {
    linked = !linked;
    set(active, { ...active.view });
    panes.forEach((pane) => pane.redraw());
  },
  magnify() {
    magnifying = !magnifying;
    for (const pane of panes) {
      Object.assign(pane, { spot: null }).redraw();
      pane.figure.dispatchEvent(new CustomEvent('pane:changed', { detail: { magnified: magnifying }, bubbles: true }));
    }
    showState();
  },
  invert: () => set(active, { inverted: !active.view.inverted }),
  fit: () => set(active, { zoom: 1, x: 0.5, y: 0.5 }),
  actual: () => set(active, { zoom: 1 / (active.fit * devicePixelRatio) }),
  reset: () => set(active, { ...START }),
  'zoom-in': () => active.zoomAt(middleOf(active.figure), 1.25),
  'zoom-out': () => active.zoomAt(middleOf(active.figure), 0.8),
  narrower: () => change('width', -8),
  wider: () => change('width', 8),
  lower: () => change('level', -4),
  higher: () => change('level', 4),
  left: () => active.pan(40, 0),
  right: () => active.pan(-40, 0),
  up: () => active.pan(0, 40),
  down: () => active.pan(0, -40),
};

/** Cover the images with mid grey for as long as the study wants, so that no pair's light lasts into the next. */
function blank() {
  const milliseconds = Number(document.getElementById('main').dataset.blank ?? 0);
  if (!milliseconds) return null;
  document.body.classList.add('blank');
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Put the pair on the page on canvases; `pair:drawn` tells the form that both can be seen. */
async function start() {
  const figures = [...document.querySelectorAll('[data-viewer]')];
  if (figures[0] === panes[0]?.figure) return;
  if (figures.length && figures.every((figure, at) => figure.dataset.viewer === panes[at]?.figure.dataset.viewer)) {
    figures.forEach((figure, at) => figure.replaceWith(panes[at].figure)); // the same showing, asked more: as it stands
    announce();
    return;
  }
  panes.forEach((pane) => pane.resized.disconnect());
  panes = figures.map((figure) => new Pane(figure));
  active = panes[0];
  linked = true; // every pair is met in the same state
  magnifying = false;
  if (!active) return;
  showState();
  const shown = panes;
  await Promise.all([...panes.map((pane) => pane.load()), blank()]);
  document.body.classList.remove('blank');
  if (panes === shown) announce();
}

/** Say that the pair can be seen, once it is painted; before a first look is over there is no form to be told. */
function announce() {
  const shown = panes;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const form = document.querySelector('form#pair');
    if (panes !== shown || !form) return;
    form.dispatchEvent(new Event('pair:drawn', { bubbles: true }));
    const next = form.querySelector('[data-next]');
    if (next) preload(next.dataset.next.split(' '));
  }));
}

const sliders = document.getElementById('adjust');
sliders.addEventListener('beforetoggle', () => { sliders.style.left = `${active.figure.offsetLeft + 8}px`; });
leftPans.checked = localStorage.getItem('left-drag') === 'pan';
leftPans.addEventListener('change', () => localStorage.setItem('left-drag', leftPans.checked ? 'pan' : 'window'));
for (const input of document.querySelectorAll('[data-view]')) {
  input.addEventListener('input', () => set(active, { [input.dataset.view]: Number(input.value) }));
}
document.addEventListener('keydown', (event) => {
  if (event.key !== ' ' || !document.querySelector('figure:hover')) return;
  event.preventDefault(); // or the radio button that has the focus would be chosen
  spaceHeld = true;
});
document.addEventListener('keyup', (event) => { if (event.key === ' ') spaceHeld = false; });
addEventListener('pagehide', forget);
new MutationObserver(start).observe(document.getElementById('main'), { childList: true });
start();
