// Covers the images once a pair has been looked at for as long as the study allows; the answers stay open.
// Only time in which the images can be seen counts: no pause, no other tab. A reload goes on with the time that is left.
// Without this module, and without scripts, the time is not limited, and the answer tells no `exposed_ms`.

const main = document.getElementById('main');
const limit = Number(main.dataset.exposure) * 1000; // milliseconds
let clock = 0; // the frame that is waited for

/** What this tab remembers of the pair: how long it has been seen. */
const nameOf = (form) => `exposed ${main.dataset.study} ${form.querySelector('.progress span').textContent}`;

function look(form) {
  const name = nameOf(form);
  let seen = Number(sessionStorage.getItem(name) ?? 0);
  let before = performance.now();
  const tick = (now) => {
    const isVisible = !document.hidden && !document.body.classList.contains('paused');
    if (isVisible) seen += Math.min(now - before, 100); // a tab that was away has no frames: its time is not counted
    before = now;
    form.elements.exposed_ms.value = Math.round(seen);
    sessionStorage.setItem(name, seen);
    if (seen < limit) clock = requestAnimationFrame(tick);
    else cover(form);
  };
  clock = requestAnimationFrame(tick);
}

function cover(form) {
  for (const figure of form.querySelectorAll('figure')) figure.dataset.over = main.dataset.over;
  document.body.classList.add('covered');
  document.querySelector('[data-announce]').textContent = main.dataset.over;
}

document.addEventListener('pair:drawn', (event) => {
  cancelAnimationFrame(clock);
  document.body.classList.remove('covered');
  look(event.target);
});
new MutationObserver(() => {
  cancelAnimationFrame(clock);
  document.body.classList.remove('covered');
}).observe(main, { childList: true });
