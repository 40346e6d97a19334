// Reviewing by keyboard, and choosing several items. Every form works without this file.
import { find, keys } from "./desk.js";

// Two strokes approve: the first shows what is about to happen, the second does it. A key held down is one stroke.
function approve(event) {
  const button = find("[data-approve]:not(:disabled)");
  if (!button) return;
  if (document.activeElement === button && !event.repeat) button.click();
  else button.focus();
}

function openReturn() {
  const opener = find("[data-return]");
  const reason = find("[data-reason]");
  if (opener?.tagName === "SUMMARY") opener.parentElement.open = true;
  if (reason) reason.focus();
  else opener?.focus();
}

function expand() {
  const button = find("[data-expand]");
  if (!button) return;
  button.setAttribute("aria-pressed", String(document.body.classList.toggle("large")));
}
find("[data-expand]")?.addEventListener("click", expand);

const boxes = [...document.querySelectorAll("[data-pick]")];
const bar = find("#together");
let last = null;

function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  find("[data-picked]").textContent = String(chosen);
  find("[data-pick-all]").checked = chosen === boxes.length;
  bar.classList.toggle("some", chosen > 0);
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen === 0;
}

function choose(box, through) {
  const [from, to] = [boxes.indexOf(through ? last : box), boxes.indexOf(box)].sort((a, b) => a - b);
  for (const each of boxes.slice(Math.max(0, from), to + 1)) each.checked = box.checked;
  last = box;
  count();
}

if (bar) {
  for (const box of boxes) {
    box.addEventListener("click", (event) => choose(box, event.shiftKey && last));
  }
  find("[data-pick-all]").addEventListener("change", (event) => {
    for (const box of boxes) box.checked = event.target.checked;
    count();
  });
  addEventListener("pageshow", count);
  count();
}

Object.assign(keys, {
  a: approve,
  r: openReturn,
  e: expand,
  x() {
    const box = find("[data-pick]", document.activeElement.closest("li") ?? document.createElement("i"));
    if (!box) return;
    box.checked = !box.checked;
    choose(box, null);
  },
});
