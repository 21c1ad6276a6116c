// What is done to see the images of a pair: when, which image, what kind and to which values, in a field of its form.
// Within a second, one kind on one image is one event, with the values it came to.
// Without this module an answer tells nothing of it.

import { paneOf } from './viewer.js';

const APART = 1000; // milliseconds
const MOST = 600; // what comes later in one pair is not told
const KINDS = {
  zoom: ['zoom'],
  pan: ['x', 'y'],
  window: ['width', 'level'],
  invert: ['inverted'],
  magnify: ['magnified'],
};

let events = []; // of the pair on the screen: { at, side, kind, values }

const form = () => document.querySelector('form#pair');

function note({ target, detail }) {
  if (!form()) return; // at a first look
  const at = Math.round(performance.now()) - form().elements.t_shown.value;
  const side = target === form().querySelector('figure') ? 'left' : 'right';
  const view = { ...paneOf(target).view, ...detail };
  for (const [kind, names] of Object.entries(KINDS)) {
    if (!names.some((name) => name in detail) || (kind === 'pan' && 'zoom' in detail)) continue;
    const values = names.map((name) => Number(Number(view[name]).toFixed(3)));
    const last = events.findLast((event) => event.side === side && event.kind === kind);
    if (last && at - last.at < APART) last.values = values;
    else if (events.length < MOST) events.push({ at, side, kind, values });
  }
}

document.addEventListener('pane:changed', note);
document.addEventListener('pair:drawn', () => { events = []; });
document.addEventListener('submit', () => {
  if (!form()) return;
  const told = events.map(({ at, side, kind, values }) => [at, side, kind, ...values].join(' '));
  form().elements.views.value = told.join(';');
}, { capture: true });
