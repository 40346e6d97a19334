// Keys and small comforts. Every page works without this file; it only saves a reload or a reach.
const root = document.documentElement;
root.classList.add("js");

export const find = (selector, within = document) => within.querySelector(selector);
const typing = (node) => node.closest("input:not([type=checkbox]), select, textarea, dialog");
const KEYS_OFF = "desk-keys-off";

// Single keys can be switched off (WCAG 2.1.4): speech input would trigger them.
const keysOff = () => localStorage.getItem(KEYS_OFF) === "1";

const help = find("#help");
for (const opener of document.querySelectorAll("[data-open=help]")) {
  opener.addEventListener("click", () => help.showModal());
}
const keysBox = find("[data-keys]");
if (keysBox) {
  keysBox.checked = !keysOff();
  keysBox.addEventListener("change", () => localStorage.setItem(KEYS_OFF, keysBox.checked ? "0" : "1"));
}

function step(direction) {
  const near = find(direction > 0 ? "[data-next]" : "[data-previous]");
  if (near) return near.click();
  const rows = [...document.querySelectorAll("[data-item], [data-row] .lead a, .hits [data-row] > a")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + direction))].focus();
}

// What each key does; a page's own module adds its own.
export const keys = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => find("[data-find]")?.focus(),
  "?": () => help?.showModal(),
};

// What was found is gone through by the arrows too, as below any field of search.
if (find(".hits")) Object.assign(keys, { ArrowDown: keys.j, ArrowUp: keys.k });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) return;
  if (keysOff() && event.key !== "?") return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
});

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`not a page: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// A bed opens beside the grid without losing the place in it. Any trouble: follow the link.
async function openBed(address, { remember }) {
  let page;
  try {
    page = await fetched(address);
  } catch {
    location.assign(address);
    return;
  }
  const panel = find("#bed");
  panel.innerHTML = find("#bed", page).innerHTML;
  const chosen = find(".bed[aria-current]", page)?.dataset.bed;
  for (const tile of document.querySelectorAll(".bed")) {
    if (tile.dataset.bed === chosen) tile.setAttribute("aria-current", "true");
    else tile.removeAttribute("aria-current");
  }
  if (remember) history.pushState({ bed: true }, "", address);
  if (matchMedia("(max-width: 760px)").matches) panel.scrollIntoView();
  else panel.scrollTop = 0;
}

if (find("#bed")) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-bed]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openBed(link.href, { remember: true });
  });
  addEventListener("popstate", () => openBed(location.href, { remember: false }));
}

// The due date is worked out by the server alone; here it is only asked for again.
const confirmForm = find("[data-deadline]");
confirmForm?.addEventListener("change", async () => {
  const fields = new FormData(confirmForm);
  const address = new URL(confirmForm.dataset.deadline, location.href);
  address.searchParams.set("served_on", fields.get("served_on"));
  address.searchParams.set("working_days", fields.get("working_days"));
  const button = find("[value=confirm]", confirmForm);
  const wasDisabled = button.disabled;
  button.disabled = true;
  try {
    const page = await fetched(address);
    for (const part of confirmForm.querySelectorAll("[data-refresh]")) {
      part.innerHTML = find(`[data-refresh="${part.dataset.refresh}"]`, page).innerHTML;
    }
    button.disabled = wasDisabled;
  } catch {
    location.assign(address);
  }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(find(`#${button.dataset.copy}`).textContent);
    button.textContent = button.dataset.copied;
  });
}
for (const all of document.querySelectorAll("[data-choose-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`[name=${all.dataset.chooseAll}]:not(:disabled)`)) {
      box.checked = all.checked;
    }
  });
}
// A small picture that cannot be shown leaves its frame; its page tells why.
const blank = (image) => image.replaceWith(Object.assign(document.createElement("span"), { className: "thumb" }));
addEventListener("error", (event) => event.target.matches?.("img.thumb") && blank(event.target), true);
document.querySelectorAll("img.thumb").forEach((image) => image.complete && !image.naturalWidth && blank(image));
find(".review-list [aria-current]")?.scrollIntoView({ block: "nearest" });
