/* Arrow keys move between the jobs of a batch, and from one job's page to the next. Without it: the Tab key and links. */

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/* The grid's columns, so that up and down go where the eye expects it. */
function columns(links) {
  const top = links[0].getBoundingClientRect().top;
  const first = links.findIndex((link) => link.getBoundingClientRect().top > top + 2);
  return first < 0 ? links.length : first;
}

function move(event) {
  const list = event.target.closest("[data-jobs]");
  if (!list || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const links = [...list.querySelectorAll("[data-job]")];
  if (!links.length) return;
  const here = links.indexOf(event.target);
  const vertical = event.key === "ArrowDown" || event.key === "ArrowUp";
  let next = { Home: 0, End: links.length - 1 }[event.key];
  if (event.key in STEPS) next = here < 0 ? 0 : here + STEPS[event.key] * (vertical ? columns(links) : 1);
  if (next === undefined) return;
  event.preventDefault();
  if (links[next]) links[next].focus();
  else list.querySelector(next < 0 ? "a[rel=prev]" : "a[rel=next]")?.focus();
}

function turn(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, [data-jobs]")) return;
  const link = { ArrowRight: "a[rel=next]", ArrowLeft: "a[rel=prev]" }[event.key];
  if (link) document.querySelector(`[data-neighbours] ${link}`)?.click();
}

document.addEventListener("keydown", move);
if (document.querySelector("[data-neighbours]")) document.addEventListener("keydown", turn);
