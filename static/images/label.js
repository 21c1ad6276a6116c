// Telling what many images show, by keyboard alone. Without it: boxes to tick, fields and a button, reached by Tab.
const FIELDS = { r: "region", v: "view", m: "modifier", s: "side", x: "sex" };

for (const form of document.querySelectorAll("[data-label]")) {
  const boxes = [...form.querySelectorAll("input[name=images]")];
  const count = form.querySelector("[data-label-count]");
  const say = () => { count.textContent = boxes.filter((box) => box.checked).length; };
  form.querySelector("[data-label-hint]").hidden = false;
  form.addEventListener("change", say);
  boxes[0]?.focus({ preventScroll: true });
  say();

  const middle = (box) => { const { left, top, width } = box.closest("li").getBoundingClientRect(); return { x: left + width / 2, y: top }; };

  // The box a row further up or down whose middle is nearest; the rows are as the window breaks them.
  const below = (from, step) => {
    const { x, y } = middle(from);
    const there = boxes.filter((box) => Math.sign(Math.round(middle(box).y - y)) === step);
    const row = Math.min(...there.map((box) => Math.abs(middle(box).y - y)));
    return there.filter((box) => Math.abs(middle(box).y - y) < row + 2)
      .sort((one, other) => Math.abs(middle(one).x - x) - Math.abs(middle(other).x - x))[0];
  };

  const go = (from, to, choosing) => {
    if (!to) return;
    const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((one, other) => one - other);
    if (choosing) for (const box of boxes.slice(first, last + 1)) box.checked = true;
    to.focus();
    say();
  };

  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target.closest("input[name=images]");
    if (!box) {
      // A list of choices, unlike a text field, does not send its form by itself.
      if (event.key === "Enter" && event.target.matches("select")) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "Escape") { event.preventDefault(); (boxes.find((one) => one.checked) ?? boxes[0])?.focus(); }
      return;
    }
    const at = boxes.indexOf(box);
    const to = { ArrowLeft: boxes[at - 1], ArrowRight: boxes[at + 1] };
    const key = event.key.toLowerCase();
    if (event.key in to) go(box, to[event.key], event.shiftKey);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") go(box, below(box, event.key === "ArrowUp" ? -1 : 1), event.shiftKey);
    else if (key === "a") { const all = boxes.every((one) => one.checked); for (const one of boxes) one.checked = !all; say(); }
    else if (key in FIELDS) form.elements[FIELDS[key]].focus();
    else if (key === "enter") form.requestSubmit();
    else return;
    event.preventDefault();
  });
}
