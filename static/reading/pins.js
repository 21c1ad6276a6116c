// Pins: a defect named at a point or in a box of one image, by pointer or by keys alone. The list in the form is the
// truth: a button and a hidden field for each pin; what lies over the images is drawn from it.
// Without this module the pins that were saved stay as they are. It is loaded once the first pair is on the screen.

import { paneOf } from './viewer.js';

const MOST_A_SIDE = 20, CLICK_PIXELS = 5;
const KEYS = '123456789abcdefghijklmopqrstuvwxyz'; // of the tags, in the order of the rubric
const SIDES = { left: 'A', right: 'B' };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let cross = null; // while a pin is being placed: its figure, its point in 0..1 and, for a box, the first corner
let drag = null; // while a pointer is down: where it went down

const figures = () => [...document.querySelectorAll('#pair figure')];
const list = () => document.querySelector('#pair .pins');
const items = (side) => [...list().children].filter((item) => !side || item.dataset.side === side);
const sideOf = (figure) => Object.keys(SIDES)[figures().indexOf(figure)];
const figureOf = (side) => figures()[Object.keys(SIDES).indexOf(side)];
const inside = (value) => Math.min(1, Math.max(0, value));
const words = document.getElementById('words').content.firstElementChild.dataset;
const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
const say = (text) => { document.querySelector('[data-announce]').textContent = text; };

/** A pin's field as numbers; width and height are missing for a point. */
function read(item) {
  const [side, tag, ...numbers] = item.querySelector('input').value.split(' ');
  const [x, y, width, height] = numbers.map(Number);
  return { side, tag, x, y, width, height };
}

function write(item, { side, tag, x, y, width, height }) {
  const numbers = [x, y, width, height].filter((number) => number !== undefined);
  item.querySelector('input').value = [side, tag, ...numbers.map((number) => number.toFixed(4))].join(' ');
  list().dispatchEvent(new Event('input', { bubbles: true }));
  draw();
}

function add(pin, label) {
  const item = document.createElement('li');
  const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'mark' });
  const button = () => Object.assign(document.createElement('button'), { type: 'button' });
  item.dataset.side = pin.side;
  item.append(Object.assign(button(), { textContent: label }), button(), field);
  Object.assign(item.children[1], { textContent: '×' }).dataset.remove = '';
  list().append(item);
  write(item, pin);
  say(fill(words.pinSet, { name: item.dataset.name, label }));
}

function remove(item) {
  if (!item) return;
  say(fill(words.pinRemoved, { name: item.dataset.name }));
  const next = item.nextElementSibling ?? item.previousElementSibling;
  const had = item.contains(document.activeElement);
  item.remove();
  list().dispatchEvent(new Event('input', { bubbles: true }));
  if (had) (next?.querySelector('button') ?? document.querySelector('#pair [type=submit]')).focus();
  draw();
}

/** Name the pins by image and number, and put a ring or a box for each over its image. */
function draw() {
  if (!list()) return;
  for (const figure of figures()) {
    figure.querySelectorAll('.pin').forEach((shape) => shape.remove());
    items(sideOf(figure)).forEach((item, index) => {
      const name = `${SIDES[item.dataset.side]}${index + 1}`;
      const pin = read(item), [label, close] = item.children;
      item.dataset.name = name;
      label.dataset.name = name;
      const place = { x: Math.round(100 * pin.x), y: Math.round(100 * pin.y) };
      label.ariaLabel = fill(words.pin, { name, label: label.textContent, ...place });
      close.ariaLabel = fill(words.pinRemove, { name });
      figure.append(shapeOf(pin, name));
    });
    if (cross?.figure === figure) figure.append(Object.assign(shapeOf(boxOf(cross), ''), { id: 'cross' }));
    place(figure);
  }
}

function shapeOf({ x, y, width, height }, name) {
  const shape = Object.assign(document.createElement('span'), { className: 'pin', textContent: name, ariaHidden: 'true' });
  if (width) shape.classList.add('box');
  return Object.assign(shape, { spot: { x, y, width, height } });
}

/** Put what is drawn over an image where the view has its points. */
function place(figure) {
  const pane = paneOf(figure);
  if (!pane?.grey) return;
  for (const shape of figure.querySelectorAll('.pin')) {
    const { x, y, width = 0, height = 0 } = shape.spot;
    const { left, top } = pane.over({ x, y });
    const end = pane.over({ x: x + width, y: y + height });
    shape.style.transform = `translate(${left}px, ${top}px)`;
    if (width) Object.assign(shape.style, { width: `${end.left - left}px`, height: `${end.top - top}px` });
  }
}

/** What a cross stands for: a point, or the box between it and its first corner. */
function boxOf({ x, y, corner }) {
  const box = { x: Math.min(x, corner?.x ?? x), y: Math.min(y, corner?.y ?? y) };
  const width = Math.abs(x - (corner?.x ?? x)), height = Math.abs(y - (corner?.y ?? y));
  return width > 0.0002 && height > 0.0002 ? { ...box, width, height } : { x, y };
}

function begin() {
  const { figure, view } = paneOf(document.activeElement);
  cross = { figure, x: inside(view.x), y: inside(view.y) };
  figure.focus();
  say(words.pinHow);
  show();
}

function leave() {
  cross = drag = null;
  show();
}

function show() {
  document.querySelector('[data-command=pin]').ariaPressed = Boolean(cross);
  for (const figure of figures()) figure.classList.toggle('pinning', Boolean(cross));
  draw();
}

/** Ask which defect it is, then pin it. */
function ask() {
  const { figure } = cross;
  const side = sideOf(figure), spot = boxOf(cross);
  if (items(side).length >= MOST_A_SIDE) {
    return say(fill(words.pinsFull, { image: SIDES[side], most: MOST_A_SIDE }));
  }
  const dialog = document.getElementById('tags');
  const buttons = [...dialog.querySelectorAll('[data-tag]')];
  buttons.forEach((button, index) => { button.querySelector('kbd').textContent = KEYS[index].toUpperCase(); });
  const choose = (button) => {
    dialog.close();
    add({ side, tag: button.dataset.tag, ...spot }, button.querySelector('span').textContent);
    leave();
  };
  dialog.onclick = ({ target }) => {
    const button = target.closest('[data-tag]');
    if (button) choose(button);
    else if (target.closest('[data-cancel]')) dialog.close();
  };
  dialog.onkeydown = (event) => {
    const step = ARROWS[event.key]?.reduce((sum, part) => sum + part);
    const index = buttons.indexOf(document.activeElement);
    if (step) buttons.at((index + step) % buttons.length).focus();
    else if (event.key.length === 1 && buttons[KEYS.indexOf(event.key.toLowerCase())]) {
      choose(buttons[KEYS.indexOf(event.key.toLowerCase())]);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // the digit that named the defect is no score
  };
  return dialog.showModal();
}

/** Move a point by a share of what is in view: 1 %, with Shift 5 %. */
function moved(spot, key, isFar, pane) {
  const step = (isFar ? 0.05 : 0.01) / Math.max(1, pane.view.zoom);
  const [across, down] = ARROWS[key];
  const { width = 0, height = 0 } = spot;
  return {
    ...spot,
    x: Math.min(1 - width, inside(spot.x + across * step)),
    y: Math.min(1 - height, inside(spot.y + down * step)),
  };
}

/** Keys while the cross is on an image; true: the key was for it. */
function placing({ key, shiftKey }) {
  if (ARROWS[key]) Object.assign(cross, moved({ x: cross.x, y: cross.y }, key, shiftKey, paneOf(cross.figure)));
  else if (key === 'Enter' && shiftKey) cross.corner = { x: cross.x, y: cross.y };
  else if (key === 'Enter') ask();
  else if (key === 'Escape') leave();
  else return false;
  draw();
  return true;
}

/** Keys while a pin of the list has the focus; true: the key was for it. */
function editing(item, { key, shiftKey }) {
  if (ARROWS[key]) write(item, moved(read(item), key, shiftKey, paneOf(figureOf(item.dataset.side))));
  else if (key === 'Delete' || key === 'Backspace') remove(item);
  else return false;
  return true;
}

function press(event) {
  if (document.querySelector('dialog[open]') || !list()) return;
  const item = event.target.closest?.('.pins li');
  const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.target.matches('textarea, [name=reason]');
  let done = isUndo && list().children.length > 0;
  if (done) remove(list().lastElementChild);
  else if (cross && event.target === cross.figure) done = placing(event);
  else if (item) done = editing(item, event);
  if (!done) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The figure a pointer event is for while a pin is being placed; the viewer does not hear of it then. */
function aimed(event) {
  const figure = cross && event.button <= 0 && !event.target.closest('button') && event.target.closest('#pair figure');
  if (figure) event.stopPropagation();
  return figure;
}

function down(event) {
  const figure = aimed(event);
  if (!figure) return;
  const spot = paneOf(figure).under(event);
  drag = { figure, x: inside(spot.x), y: inside(spot.y), clientX: event.clientX, clientY: event.clientY };
  cross = { figure, x: drag.x, y: drag.y };
  figure.focus();
  draw();
}

function move(event) {
  if (!drag) return;
  event.stopPropagation();
  const spot = paneOf(drag.figure).under(event);
  const isBox = Math.hypot(event.clientX - drag.clientX, event.clientY - drag.clientY) >= CLICK_PIXELS;
  cross = isBox ? { figure: drag.figure, x: inside(spot.x), y: inside(spot.y), corner: drag } : { ...drag };
  draw();
}

function up(event) {
  if (!drag) return;
  event.stopPropagation();
  drag = null;
  ask();
}

/** What keys and buttons can ask for, by name. */
export const commands = { pin: () => (cross ? leave() : begin()) };

document.addEventListener('keydown', press, { capture: true });
document.addEventListener('pointerdown', down, { capture: true });
document.addEventListener('pointermove', move, { capture: true });
document.addEventListener('pointerup', up, { capture: true });
document.addEventListener('click', ({ target }) => {
  const item = target.closest('.pins li');
  if (!item) return;
  if (target.closest('[data-remove]')) remove(item);
  else paneOf(figureOf(item.dataset.side)).lookAt(read(item));
});
document.addEventListener('pane:placed', ({ target }) => place(target));
document.addEventListener('pair:drawn', () => {
  if (!cross?.figure.isConnected) cross = drag = null; // the pair gave way to the next one
  show();
});
document.querySelector('[data-command=pin]').disabled = false;
show();
