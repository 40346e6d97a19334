// A picture larger: by wheel, buttons, keys (+ - 0, arrows), drag, double click and pinch. Without this file it is whole.
import { find, keys } from "./desk.js";

const STEP = 1.4;
const MOST = 10;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const frame = find("[data-zoom]");
const image = frame && find("img", frame);
const fingers = new Map();
let [scale, x, y] = [1, 0, 0];

function draw() {
  const edge = (size) => (size * (scale - 1)) / 2;
  x = Math.max(-edge(frame.clientWidth), Math.min(edge(frame.clientWidth), x));
  y = Math.max(-edge(frame.clientHeight), Math.min(edge(frame.clientHeight), y));
  image.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
  frame.classList.toggle("zoomed", scale > 1);
  find("[data-zoom-said]").textContent = `${Math.round(scale * 100)}%`;
}

// What lies under the given place of the frame stays there; the middle where none is given.
function zoomTo(wanted, at) {
  const box = frame.getBoundingClientRect();
  const [px, py] = at ? [at.x - box.left - box.width / 2, at.y - box.top - box.height / 2] : [0, 0];
  const next = Math.max(1, Math.min(MOST, wanted));
  [x, y] = [px - ((px - x) * next) / scale, py - ((py - y) * next) / scale];
  scale = next;
  draw();
}

const middle = ([one, other]) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
const apart = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);

function moved(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const was = [...fingers.values()];
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  const now = [...fingers.values()];
  if (now.length === 2) {
    [x, y] = [x + middle(now).x - middle(was).x, y + middle(now).y - middle(was).y];
    zoomTo((scale * apart(now)) / Math.max(1, apart(was)), middle(now));
  } else if (scale > 1) {
    [x, y] = [x + event.clientX - before.x, y + event.clientY - before.y];
    draw();
  }
}

const lifted = (event) => fingers.delete(event.pointerId);

if (image) {
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomTo(scale * STEP ** (-Math.sign(event.deltaY) / 2), { x: event.clientX, y: event.clientY });
  }, { passive: false });
  frame.addEventListener("dblclick", (event) => zoomTo(scale > 1 ? 1 : 3, { x: event.clientX, y: event.clientY }));
  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", moved);
  for (const kind of ["pointerup", "pointercancel"]) frame.addEventListener(kind, lifted);
  image.addEventListener("dragstart", (event) => event.preventDefault());
  addEventListener("resize", draw);
  frame.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    if (!way || scale === 1) return;
    event.preventDefault();
    [x, y] = [x + (way[0] * frame.clientWidth) / 8, y + (way[1] * frame.clientHeight) / 8];
    draw();
  });
  const larger = () => zoomTo(scale * STEP);
  const smaller = () => zoomTo(scale / STEP);
  const whole = () => zoomTo(1);
  find("[data-zoom-in]").addEventListener("click", larger);
  find("[data-zoom-out]").addEventListener("click", smaller);
  find("[data-zoom-said]").addEventListener("click", whole);
  const focused = (act) => () => {
    frame.focus({ preventScroll: true });
    act();
  };
  Object.assign(keys, { "+": focused(larger), "=": focused(larger), "-": focused(smaller), 0: focused(whole) });
}
