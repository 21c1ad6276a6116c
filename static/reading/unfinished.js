// Keeps a half-filled form on the server when its page is left or rests, and sees to it that one window reads.
// It is loaded once the first pair is on the screen. Without it a form that was not sent is lost with its page, and a
// second window is told of the first one's answer when it sends its own.

import { headers } from './saving.js';

const REST = 30_000; // milliseconds without a change

let known = ''; // the answers that the server has, as text
let resting = 0;

const pair = () => document.querySelector('form#pair');

function answersOf(form) {
  const answers = new URLSearchParams(new FormData(form));
  for (const { name } of form.querySelectorAll('[type=hidden]:not([name=mark])')) answers.delete(name); // times, tokens
  return answers;
}

/** Send what the form holds, if that is news. The stamp tells the page that comes next what to wait for. */
function keep() {
  clearTimeout(resting);
  const form = pair();
  const answers = form && answersOf(form);
  const isTouched = form?.elements.t_first_input.value || form?.querySelector('[role=alert]');
  if (!isTouched || answers.toString() === known) return;
  known = answers.toString();
  const stamp = crypto.randomUUID();
  sessionStorage.setItem('draft', JSON.stringify({ pair: form.querySelector('h1').textContent, stamp }));
  answers.set('stamp', stamp);
  const url = `${form.getAttribute('action')}draft/`;
  fetch(url, { method: 'POST', keepalive: true, body: answers, headers: headers(), redirect: 'manual' })
    .then((response) => { if (!response.ok) known = ''; }, () => { known = ''; });
}

function start() {
  const form = pair();
  // Answers that the server refused are nowhere but here.
  known = !form || form.querySelector('[role=alert]') ? '' : answersOf(form).toString();
}

/** Hold the study for this window; another one that holds it is told of, and can be taken over. */
async function hold(options) {
  const elsewhere = document.getElementById('elsewhere');
  const { study, reader } = document.getElementById('main').dataset;
  try {
    await navigator.locks.request(`read ${study} ${reader}`, options, () => {
      elsewhere.close();
      return new Promise(() => {}); // until this page ends, or another takes it
    });
  } catch {
    elsewhere.showModal();
  }
}

document.addEventListener('pair:drawn', start);
document.addEventListener('visibilitychange', () => { if (document.hidden) keep(); });
addEventListener('pagehide', keep);
document.addEventListener('input', () => {
  clearTimeout(resting);
  resting = setTimeout(keep, REST);
});
start();
if (navigator.locks) {
  const elsewhere = document.getElementById('elsewhere');
  elsewhere.addEventListener('cancel', (event) => event.preventDefault());
  elsewhere.querySelector('button').addEventListener('click', () => hold({ steal: true }));
  // A page that is just being left gives its lock back a moment later.
  hold({ signal: AbortSignal.timeout(1000) });
}
