// Keys, the tool buttons that do the same, the help sheet and the pause. One table says what each key does.
// Without this module everything is reached by Tab and by mouse.
// Single keys act only while the focus is on an image or in the form, and can be switched off in the help sheet.

import { commands as scoring, hide } from './form.js';
import { commands as viewing, forget } from './viewer.js';

const help = document.getElementById('help');
const pause = document.getElementById('pause');
const single = document.querySelector('[data-single-keys]');

let pinning = { pin: () => false }; // until its module, which nothing before the first pair waits for, is there
document.addEventListener('pair:drawn', async () => { pinning = (await import('./pins.js')).commands; }, { once: true });

const page = {
  help: () => help.showModal(),
  pause() {
    hide(true);
    forget();
    document.body.classList.add('paused');
    pause.showModal();
  },
};

// Shown in the help sheet as they stand here. The first entry of a key that does not answer `false` has it.
const KEYS = [
  ['1 – 5', '0123456789', 'score the current row and go on', (key) => scoring.score(key)],
  ['N', 'n', 'not assessable: say why below', () => scoring['not-assessable']()],
  ['A', 'a', 'A is real', () => scoring.real('left')],
  ['B', 'b', 'B is real', () => scoring.real('right')],
  ['Backspace', ['Backspace'], 'clear the row, or go one row back', () => scoring.clear()],
  ['H', 'h', 'what the levels of the row mean', () => scoring.levels()],
  ['C', 'c', 'comment; Esc leaves it', () => scoring.comment()],
  ['Enter', ['Enter'], 'next pair', () => scoring.send()],
  ['Page up', ['PageUp'], 'back to the pair before', () => scoring.back()],
  ['L', 'l', 'link the images, or move each by itself', () => viewing.link()],
  ['I', 'i', 'invert', () => viewing.invert()],
  ['F', 'f', 'fit', () => viewing.fit()],
  ['O', 'o', 'one image pixel to one screen pixel', () => viewing.actual()],
  ['M', 'm', 'magnifier', () => viewing.magnify()],
  ['P', 'p', 'pin a defect: click or drag, or arrow keys and Enter', () => pinning.pin()],
  ['0', '0', 'reset the view', () => viewing.reset()],
  ['+', '+=', 'zoom in', () => viewing['zoom-in']()],
  ['-', '-', 'zoom out', () => viewing['zoom-out']()],
  ['[', '[', 'narrower window', () => viewing.narrower()],
  [']', ']', 'wider window', () => viewing.wider()],
  [';', ';', 'lower level', () => viewing.lower()],
  ["'", "'", 'higher level', () => viewing.higher()],
  ['← → ↑ ↓', ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], 'move the image that has the focus', move],
  ['Esc', ['Escape'], 'pause: the images are covered, the clock stands still', () => page.pause()],
  ['?', '?', 'this sheet', () => page.help()],
];

/** Arrow keys belong to the radio buttons, but on an image they move it. */
function move(key) {
  if (document.activeElement.tagName !== 'FIGURE') return false;
  viewing[key.slice(5).toLowerCase()]();
  return true;
}

/** Whether the focused element does something of its own with Enter. */
const answersEnter = (element) => element.matches('a, button, summary, input');

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]')) return;
  const { target, key } = event;
  if (target.matches('textarea, input:not([type=radio], [type=range], [type=checkbox])')) {
    if (key === 'Escape') scoring.scores();
    return;
  }
  const hasForm = document.querySelector('form#pair');
  // Nothing has the focus after a click beside the form: the keys are meant for the pair then, too.
  if (!hasForm || (key !== 'Escape' && target !== document.body && !target.closest('#pair'))) return;
  if (key.length === 1 && !single.checked) return;
  if (key === 'Enter' && answersEnter(target)) return;
  if (key === 'Escape' && document.querySelector(':popover-open')) return; // the browser closes it
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  const done = KEYS.some(([, keys, , act]) => keys.includes(wanted) && act(wanted) !== false);
  if (done) event.preventDefault();
}

for (const [shown, , does] of KEYS) {
  const term = document.createElement('dt');
  term.append(Object.assign(document.createElement('kbd'), { textContent: shown }));
  help.querySelector('dl').append(term, Object.assign(document.createElement('dd'), { textContent: does }));
}
for (const dialog of [help, pause]) {
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
}
pause.addEventListener('close', () => {
  document.body.classList.remove('paused');
  hide(false);
});
single.checked = localStorage.getItem('single-keys') !== 'off';
single.addEventListener('change', () => localStorage.setItem('single-keys', single.checked ? 'on' : 'off'));
document.addEventListener('keydown', press);
document.addEventListener('click', (event) => {
  const command = event.target.closest('button[data-command]')?.dataset.command;
  if (command && document.querySelector('form#pair')) ({ ...viewing, ...pinning, ...page })[command]();
});
