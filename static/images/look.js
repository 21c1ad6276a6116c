// Rectangles drawn on a picture become lines of numbers, and lines rectangles. Without it: the lines are typed.
for (const form of document.querySelectorAll("[data-look]")) {
  const sheet = document.querySelector("[data-boxes]");
  const lines = form.elements.boxes;
  const { width, height } = sheet.viewBox.baseVal;
  let start = null;

  const path = ([left, top, right, bottom], kind) => {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawn.setAttribute("d", `M${left} ${top}H${right}V${bottom}H${left}Z`);
    if (kind) drawn.setAttribute("class", kind);
    return drawn;
  };
  const written = () => lines.value.split("\n").map((line) => line.trim().split(/[\s,;]+/).map(Number)).filter((box) => box.length === 4 && box.every(Number.isFinite));
  const show = (...more) => sheet.replaceChildren(...written().map((box) => path(box)), ...more);
  const at = ({ clientX, clientY }) => {
    const place = new DOMPoint(clientX, clientY).matrixTransform(sheet.getScreenCTM().inverse());
    return [Math.min(width, Math.max(0, Math.round(place.x))), Math.min(height, Math.max(0, Math.round(place.y)))];
  };
  const between = ([x, y], [u, v]) => [Math.min(x, u), Math.min(y, v), Math.max(x, u), Math.max(y, v)];

  sheet.addEventListener("pointerdown", (event) => { start = at(event); sheet.setPointerCapture(event.pointerId); });
  sheet.addEventListener("pointermove", (event) => { if (start) show(path(between(start, at(event)), "new")); });
  sheet.addEventListener("pointerup", (event) => {
    if (!start) return;
    const box = between(start, at(event));
    start = null;
    if (box[0] < box[2] && box[1] < box[3]) lines.value = [lines.value.trim(), box.join(" ")].filter(Boolean).join("\n");
    show();
  });
  sheet.addEventListener("pointercancel", () => { start = null; show(); });
  lines.addEventListener("input", () => show());
  show();
}
