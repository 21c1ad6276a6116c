// Keys, the tool buttons that do the same, the help sheet and the pause. The help sheet's table says what each key does.
// Without this module everything is reached by Tab and by mouse.
// Single keys act only while the focus is on the tools, on an image or in the form, and the help sheet switches them off.

import { commands as scoring, hide } from './form.js';
import { commands as viewing, forget } from './viewer.js';

const help = document.getElementById('help');
const pause = document.getElementById('pause');
const single = document.querySelector('[data-single-keys]');

let pinning = { pin: () => false }; // until its module is there; nothing before the first pair waits for these three
document.addEventListener('pair:drawn', async () => {
  import('./trace.js');
  import('./unfinished.js');
  pinning = (await import('./pins.js')).commands;
}, { once: true });

const page = {
  help: () => help.showModal(),
  send: () => document.querySelector('#pair [type=submit]').click(),
  pause() {
    hide(true);
    forget();
    document.body.classList.add('paused');
    pause.showModal();
  },
};

/** Arrow keys belong to the radio buttons, but on an image they move what is seen of it. */
function look(key) {
  if (document.activeElement.tagName !== 'FIGURE') return false;
  viewing[key.slice(5).toLowerCase()]();
  return true;
}

const looking = { ...viewing, ...page, look };
const rating = {
  ...looking,
  ...scoring,
  pin: () => pinning.pin(),
  'a-is-real': () => scoring.real('left'),
  'b-is-real': () => scoring.real('right'),
  better: (key) => scoring.better({ '<': '1', '>': '3' }[key]),
};

/** What can be done now, by name: at a first look nothing is rated, and a notice takes no keys. */
function acts() {
  if (document.querySelector('form#pair')) return rating;
  return document.querySelector('#pair figure') ? looking : {};
}

// The help sheet's rows, in their order: the first one of a key that does not answer `false` has it.
const table = [...help.querySelectorAll('[data-keys]')].map(({ dataset }) => [dataset.keys.split(' '), dataset.act]);

/** Whether the focused element does something of its own with Enter. */
const answersEnter = (element) => element.matches('a, button, summary, input');

/** Whether a modifier makes it a key of the browser; AltGr does not, as [ and ] are typed with it on many keyboards. */
const isModified = (event) => (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph');

function press(event) {
  if (isModified(event) || event.isComposing || document.querySelector('dialog[open]')) return;
  const { target, key } = event;
  const known = acts();
  const isTyping = target.matches('textarea, input:not([type=radio], [type=range], [type=checkbox])');
  if (isTyping && (key !== 'Escape' || known.scores)) {
    if (key === 'Escape') known.scores();
    else if (key === 'Enter' && known.typed?.(target)) event.preventDefault();
    return;
  }
  // Nothing has the focus after a click beside the form: the keys are meant for the pair then, too.
  if (key !== 'Escape' && target !== document.body && !target.closest('#pair, .tools')) return;
  if (key.length === 1 && !single.checked) return;
  if (key === 'Enter' && answersEnter(target)) return;
  if (key === 'Escape' && document.querySelector(':popover-open')) return; // the browser closes it
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  const done = table.some(([keys, act]) => keys.includes(wanted) && known[act] && known[act](wanted) !== false);
  if (done) event.preventDefault();
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
  const button = event.target.closest('button[data-command]');
  if (button) acts()[button.dataset.command]?.();
});
