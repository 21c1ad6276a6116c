// Draws a mask on an image with rectangle, polygon and brush, as shapes in shares of the image (generation/masking.py).
// Without it: one rectangle, in numbers.
const SVG = "http://www.w3.org/2000/svg";
const share = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e5) / 1e5;

for (const part of document.querySelectorAll("[data-mask]")) {
  const form = part.closest("form");
  const [board, layer, state, radius] = ["board", "shapes", "state", "radius"].map((name) => part.querySelector(`[data-${name}]`));
  const stored = form.elements.shapes;
  const numbers = ["left", "top", "width", "height"].map((name) => form.elements[`mask_${name}`]);
  const { width, height } = board.viewBox.baseVal;
  const longer = Math.max(width, height);
  let shapes = stored.value ? JSON.parse(stored.value).shapes : [];
  let open = null; // the shape that is being drawn

  const tool = () => part.querySelector("[name=tool]:checked").value;
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(board.getScreenCTM().inverse());
    return [share(point.x / width), share(point.y / height)];
  };
  const inNumbers = () => {
    const [x, y, across, down] = numbers.map((field) => share(field.value / 100));
    return across && down ? [{ kind: "rectangle", x, y, width: across, height: down }] : [];
  };

  function element(shape) {
    const corners = shape.points?.map(([x, y]) => `${x * width},${y * height}`).join(" ");
    const kind = { rectangle: "rect", polygon: "polygon", brush: "polyline" }[shape.kind];
    const drawn = document.createElementNS(SVG, kind);
    const attributes = shape.kind === "rectangle"
      ? { x: shape.x * width, y: shape.y * height, width: shape.width * width, height: shape.height * height }
      : { points: shape.points.length === 1 ? `${corners} ${corners}` : corners };
    if (shape.kind === "brush") Object.assign(attributes, { class: "stroke", "stroke-width": 2 * shape.radius * longer });
    for (const [name, value] of Object.entries(attributes)) drawn.setAttribute(name, value);
    return drawn;
  }

  function show() {
    layer.replaceChildren(...shapes.map(element));
    for (const shape of [...inNumbers(), ...(open ? [open] : [])]) {
      const drawn = element(shape);
      drawn.classList.add("open");
      layer.append(drawn);
    }
    const drawing = open?.kind === "polygon" ? " Enter or a double click closes the polygon, Escape drops it." : "";
    state.textContent = `${shapes.length} shape${shapes.length === 1 ? "" : "s"} drawn.${drawing}`;
  }

  function keep(changed) {
    shapes = changed;
    stored.value = shapes.length ? JSON.stringify({ shapes }) : "";
    show();
    stored.dispatchEvent(new Event("change", { bubbles: true })); // the order is checked anew
  }

  function close() {
    const done = open;
    open = null;
    const isEmpty = !done || (done.kind === "rectangle" && !(done.width && done.height)) || (done.kind === "polygon" && done.points.length < 3);
    if (isEmpty) show(); else keep([...shapes, done]);
  }

  let start = null;
  board.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    board.focus();
    const point = at(event);
    if (tool() === "polygon") {
      if (event.detail > 1) return;
      open = { kind: "polygon", points: [...(open?.points ?? []), point] };
      return void show();
    }
    board.setPointerCapture(event.pointerId);
    start = point;
    open = tool() === "brush" ? { kind: "brush", points: [point], radius: share(radius.value / 100) } : { kind: "rectangle", x: point[0], y: point[1], width: 0, height: 0 };
    show();
  });
  board.addEventListener("pointermove", (event) => {
    if (!start || !open) return;
    const [x, y] = at(event);
    if (open.kind === "brush") open.points.push([x, y]);
    else Object.assign(open, { x: Math.min(x, start[0]), y: Math.min(y, start[1]), width: share(Math.abs(x - start[0])), height: share(Math.abs(y - start[1])) });
    show();
  });
  board.addEventListener("pointerup", () => { if (start) { start = null; close(); } });
  board.addEventListener("pointercancel", () => { start = open = null; show(); });
  board.addEventListener("dblclick", close);
  part.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === board) close();
    else if (event.key === "Escape" && open) { start = open = null; show(); }
    else if (event.key === "z" && (event.ctrlKey || event.metaKey) && event.target.type !== "number") undo();
    else return;
    event.preventDefault();
  });

  function undo() {
    if (open?.points?.length > 1) { open.points.pop(); show(); }
    else if (open) { open = null; show(); }
    else keep(shapes.slice(0, -1));
  }
  part.querySelector("[data-undo]").addEventListener("click", undo);
  part.querySelector("[data-clear]").addEventListener("click", () => { open = null; keep([]); });
  const add = part.querySelector("[data-add]");
  add.addEventListener("click", () => {
    const rectangle = inNumbers();
    for (const field of numbers) field.value = "";
    if (rectangle.length) keep([...shapes, ...rectangle]);
  });
  for (const field of numbers) field.addEventListener("input", show);
  for (const choice of part.querySelectorAll("[name=tool]")) choice.addEventListener("change", () => { open = null; show(); });

  part.dataset.on = "";
  board.setAttribute("tabindex", "0");
  board.setAttribute("role", "application"); // it takes keys of its own now
  add.hidden = part.querySelector("[data-tools]").hidden = false;
  show();
}
