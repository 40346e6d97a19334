// Pages that follow the ledger: elements marked data-live="key" are fetched again from the page's own address and
// swapped when they changed. Without this file the same pages show how things stood when they were opened.
//
//   data-live="key"        swapped by key; data-live-every="5" on one of them: seconds between looks
//   data-live-say="words"  said to a screen reader when the words change
//   data-live-item="key"   inside one: flashes (class just-changed) when it came back different
//   data-live-state        tells whether the page is up to date: data-now, data-fresh, data-stale
//   time[data-running]     counts up from its datetime
//   time[data-countdown]   counts down to its datetime; data-over: the words once it has passed
const HEADER = "Wardledger-Live";
const EVERY_SECONDS = 5;
const BACK_OFF_SECONDS_MAX = 60;
const SAY_SECONDS = 8;
const SOON_MILLISECONDS = 5 * 60 * 1000;
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";

const every = (selector, within = document) => [...within.querySelectorAll(selector)];
const outermost = (within) => every("[data-live]", within).filter((one) => !one.parentElement.closest("[data-live]"));
// A form's token is another one each time, and says nothing.
const plain = (html) => html.replace(/(name="csrf_token"[^>]*value=")[^"]*/g, "$1");
const state = document.querySelector("[data-live-state]");

let ahead = state ? Date.parse(state.dataset.now) - Date.now() : 0;
let failures = 0;
let etag = "";
let timer = 0;
let looking = false;
let waiting = "";
let saidAt = 0;
const seen = new Map(outermost(document).map((one) => [one.dataset.live, plain(one.innerHTML)]));

const voice = document.createElement("p");
voice.className = "hidden-words";
voice.setAttribute("role", "status");
document.body.append(voice);

// -- what a person has in hand is not taken away -----------------------------------------------------

function inHand(part) {
  if (part.querySelector("dialog[open]")) return true;
  const active = part.contains(document.activeElement) && document.activeElement;
  if (active && active.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) return true;
  return every("input, textarea, option", part).some((control) => {
    if (control.type === "hidden") return false;
    if (control.matches("option")) return control.parentElement.matches("[data-dirty]");
    return control.type === "checkbox" || control.type === "radio"
      ? control.checked !== control.defaultChecked
      : control.value !== control.defaultValue;
  });
}
document.addEventListener("change", (event) => event.target.matches("select") && (event.target.dataset.dirty = ""));

const unfoldedBy = (fold, number) => fold.id || fold.dataset.fold || `${number}`;

function focusIn(part) {
  const active = document.activeElement;
  if (!part.contains(active) || active === part) return () => {};
  const number = every(CONTROLS, part).indexOf(active);
  const item = active.closest("[data-live-item]")?.dataset.liveItem;
  const { id } = active;
  const href = active.getAttribute("href");
  return () => {
    const again =
      (id && part.querySelector(`#${CSS.escape(id)}`)) ||
      (item && part.querySelector(`[data-live-item="${CSS.escape(item)}"]`)) ||
      (href && part.querySelector(`[href="${CSS.escape(href)}"]`)) ||
      every(CONTROLS, part)[number];
    const target = again?.matches(CONTROLS) ? again : again?.querySelector(CONTROLS);
    target?.focus({ preventScroll: true });
  };
}

function swap(part, fresh) {
  const folds = new Map(every("details", part).map((fold, n) => [unfoldedBy(fold, n), fold.open]));
  const items = new Map(every("[data-live-item]", part).map((item) => [item.dataset.liveItem, plain(item.outerHTML)]));
  const refocus = focusIn(part);
  const top = part.scrollTop;
  const words = part.dataset.liveSay;
  for (const { name } of [...part.attributes]) if (!fresh.hasAttribute(name)) part.removeAttribute(name);
  for (const { name, value } of fresh.attributes) part.setAttribute(name, value);
  part.innerHTML = fresh.innerHTML;
  every("details", part).forEach((fold, n) => (fold.open = folds.get(unfoldedBy(fold, n)) ?? fold.open));
  for (const item of every("[data-live-item]", part)) {
    const before = items.get(item.dataset.liveItem);
    if (before !== plain(item.outerHTML)) item.classList.add("just-changed");
  }
  part.scrollTop = top;
  refocus();
  if (part.dataset.liveSay && part.dataset.liveSay !== words) say(part.dataset.liveSay);
}

// Politely: whoever listens hears the newest words, and not every step on the way.
function say(words) {
  const spoken = waiting;
  waiting = words;
  if (spoken) return;
  const pause = Math.max(0, saidAt + SAY_SECONDS * 1000 - Date.now());
  setTimeout(() => {
    voice.textContent = waiting;
    waiting = "";
    saidAt = Date.now();
  }, pause);
}

// -- looking again -----------------------------------------------------------------------------------

function take(page) {
  const fresh = new Map(outermost(page).map((one) => [one.dataset.live, one]));
  let whole = true;
  for (const part of outermost(document)) {
    const next = fresh.get(part.dataset.live);
    const html = next ? plain(next.innerHTML) : "";
    if (seen.get(part.dataset.live) === html) continue;
    if (inHand(part)) {
      whole = false;
      continue;
    }
    seen.set(part.dataset.live, html);
    if (next) swap(part, next);
    else part.replaceChildren();
  }
  tick();
  document.dispatchEvent(new CustomEvent("live:taken"));
  return whole;
}

async function look() {
  if (looking || document.hidden) return;
  looking = true;
  const address = location.href.split("#")[0];
  try {
    const headers = { [HEADER]: "1", Accept: "text/html", ...(etag && { "If-None-Match": etag }) };
    const answer = await fetch(address, { headers, cache: "no-store" });
    // Signed out, or the thing is no longer this reader's to see: the page itself says it best.
    if (answer.redirected || answer.status === 403 || answer.status === 404) return location.reload();
    if (answer.status !== 304 && !answer.ok) throw new Error(`not a page: ${answer.status}`);
    const told = Date.parse(answer.headers.get("Date"));
    if (told) ahead = told - Date.now();
    if (answer.status !== 304) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const same = address === location.href.split("#")[0];
      etag = same && take(page) ? answer.headers.get("ETag") || "" : "";
    }
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    looking = false;
  }
  tell();
  plan();
}

function tell() {
  if (!state) return;
  state.hidden = false;
  state.classList.toggle("is-stale", failures > 0);
  const words = failures ? state.dataset.stale : state.dataset.fresh;
  const said = state.querySelector("[data-words]") ?? state;
  if (said.textContent !== words) said.textContent = words;
}

function plan() {
  clearTimeout(timer);
  const named = Number(document.querySelector("[data-live-every]")?.dataset.liveEvery) || EVERY_SECONDS;
  const seconds = Math.min(named * 2 ** failures, Math.max(named, BACK_OFF_SECONDS_MAX));
  // Many desks that were opened at once do not ask at once for ever.
  timer = setTimeout(look, seconds * 1000 * (0.9 + Math.random() / 5));
}

function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
}

function tick() {
  for (const since of every("time[data-running]")) {
    const gone = Math.floor((Date.now() + ahead - Date.parse(since.dateTime)) / 1000);
    const words = clock(Math.max(0, gone));
    if (since.textContent !== words) since.textContent = words;
  }
  for (const until of every("time[data-countdown]")) {
    const left = Date.parse(until.dateTime) - Date.now() - ahead;
    until.classList.toggle("is-soon", left > 0 && left < SOON_MILLISECONDS);
    until.classList.toggle("is-over", left <= 0);
    const words = left <= 0 ? until.dataset.over : clock(Math.ceil(left / 1000));
    if (until.textContent !== words) until.textContent = words;
  }
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) look();
});
addEventListener("online", look);
if (seen.size) {
  tell();
  plan();
}
tick();
setInterval(tick, 1000);
