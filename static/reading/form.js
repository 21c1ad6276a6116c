// The score panel: an answer moves on to the next row, gaps are named before anything is sent, and the clock runs.
// Without this module the same radio buttons are filled and sent by hand, and the server names the gaps.

const IDLE_AFTER = 30_000; // milliseconds without key, pointer and wheel; a longer gap counts whole
const words = document.getElementById('words').content.firstElementChild.dataset;
const now = () => Math.round(performance.now());
let form = null; // of the pair on the screen; null at a first look and on a notice
let current = null; // the row a digit scores
let away = 0; // since when the pair cannot be seen; 0: it can
let stirred = 0; // when something was last touched
let tried = false;

const rows = () => [...form.querySelectorAll('fieldset')];
const chosen = (row) => row.querySelector(':checked');
const typed = (row) => row.querySelector('input:not([type=radio])'); // of a count: the field of a number of one's own
const answered = (row) => chosen(row) || typed(row)?.value.trim();
const nameOf = (row) => row.querySelector('legend').firstChild.textContent;
const field = (name) => form.elements[name];

/** The controls that still want an answer, with their names, in the order of the page. */
function gaps() {
  const found = rows().filter((row) => !answered(row)).map((row) => [nameOf(row), row.querySelector('input')]);
  const reason = field('reason');
  if (form.querySelector('[value="na"]:checked') && !reason.value.trim()) found.push([reason.labels[0].textContent.trim(), reason]);
  return found;
}

function showGaps() {
  const found = gaps();
  const counted = (found.length === 1 ? words.gap : words.gaps).replace('{n}', found.length);
  const line = found.length && (tried || found.length < 4) ? `${counted}: ${found[0][0]}` : '';
  form.querySelector('.missing').textContent = line;
}

/** The level texts of a row, which the page holds once for all pairs; null where its criterion has none. */
const levelsOf = (row) => document.getElementById(`levels-${row?.closest('section')?.dataset.criterion}`);

/** Level texts that are open go along to the row. */
function turnLevels(row) {
  const open = document.querySelector('.levels:popover-open'), wanted = levelsOf(row);
  if (!open || open === wanted) return;
  open.hidePopover();
  wanted?.showPopover();
}

function enter(row) {
  current = row;
  turnLevels(row);
  (chosen(row) ?? (typed(row)?.value ? typed(row) : row.querySelector('input'))).focus();
}

/** Go on to the row after this one, or to the button after the last. */
function onward(row) {
  const next = rows()[rows().indexOf(row) + 1];
  if (next) enter(next);
  else form.querySelector('[type=submit]').focus();
  return true;
}

/** Choose in a row and go on to the next; false where the row has no such choice. */
function choose(row, value) {
  const radio = row?.querySelector(`input[value="${value}"]`);
  if (!radio) return false;
  radio.checked = true;
  settle(radio);
  touched();
  return onward(row);
}

/** Begin to type a number that is none of the row's choices; Enter then goes on. */
function type(row, digit) {
  const number = row && typed(row);
  if (!number) return false;
  number.value = digit;
  number.focus();
  settle(number);
  touched();
  return true;
}

/** A row has one answer: of a choice and a number the later one stays. */
function settle(control) {
  const row = control.closest('fieldset'), number = row && typed(row);
  if (!number) return;
  if (control !== number) number.value = '';
  else if (chosen(row)) chosen(row).checked = false;
}

/** What keys can ask for, by name; false: it means nothing here. */
export const commands = {
  score: (value) => choose(current, value) || type(current, value),
  same: () => ['count', 'preference'].includes(current?.dataset.kind)
    && choose(current, current.dataset.kind === 'count' ? current.querySelector('input').value : '2'),
  better: (side) => current?.dataset.kind === 'preference' && choose(current, side),
  typed: (control) => control.matches('fieldset input') && onward(control.closest('fieldset')),
  'not-assessable': () => choose(current, 'na'),
  real: (side) => choose(field('believed_real')?.[0].closest('fieldset'), side),
  clear() {
    const radio = chosen(current);
    if (radio) radio.checked = false;
    else if (typed(current)?.value) typed(current).value = '';
    else enter(rows()[Math.max(0, rows().indexOf(current) - 1)]);
    showGaps();
  },
  levels() {
    const levels = levelsOf(current);
    if (!levels) return false;
    levels.togglePopover();
    if (levels.matches(':popover-open')) document.querySelector('[data-announce]').textContent = levels.innerText;
    return true;
  },
  comment() {
    form.querySelector('details').open = true;
    field('comment').focus();
  },
  scores: () => enter(current),
  back: () => form.querySelector('[data-command=back]')?.click(),
};

function touched() {
  if (!field('t_first_input').value) field('t_first_input').value = now();
  showGaps();
}

/** Something was touched, or the pair went out of sight: a long gap before it was idle. */
function stir() {
  const gap = now() - stirred;
  if (gap > IDLE_AFTER && !away && field('t_shown')?.value) field('idle_ms').value = Number(field('idle_ms').value) + gap;
  stirred = now();
}

/** Stop the clock while the pair is out of sight, by a pause or in another tab; at a first look none runs. */
export function hide(hidden) {
  if (!form) return;
  if (hidden && !away) {
    stir();
    away = now();
  }
  if (!hidden && away) {
    field('hidden_ms').value = Number(field('hidden_ms').value) + now() - away;
    away = 0;
    stirred = now();
  }
}

function start() {
  const found = document.querySelector('form#pair');
  if (found === form) return;
  form = found;
  if (!form) return;
  tried = false;
  away = 0;
  const open = gaps();
  enter(open.length ? open[0][1].closest('fieldset') ?? rows()[0] : rows()[0]);
  document.querySelector('[data-announce]').textContent = words.pair.replace('{place}', form.querySelector('.progress span').textContent);
}

document.addEventListener('pair:drawn', () => {
  field('t_shown').value = now();
  field('hidden_ms').value = field('idle_ms').value = 0;
  stirred = now();
  away = document.hidden ? now() : 0;
});
document.addEventListener('focusin', (event) => { current = event.target.closest('#pair fieldset') ?? current; });
document.addEventListener('input', ({ target }) => {
  if (!form?.contains(target)) return;
  settle(target);
  touched();
});
for (const touch of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
  document.addEventListener(touch, () => form && stir(), { capture: true, passive: true });
}
document.addEventListener('visibilitychange', () => hide(document.hidden));
// While capturing, so that a gap is named before anything hears of the submit.
document.addEventListener('submit', (event) => {
  if (event.target !== form) return;
  const [first] = gaps();
  tried = true;
  showGaps();
  if (first) {
    event.preventDefault();
    event.stopImmediatePropagation();
    first[1].focus();
  } else {
    field('t_submit').value = now();
  }
}, { capture: true });
new MutationObserver(start).observe(document.getElementById('main'), { childList: true });
start();
