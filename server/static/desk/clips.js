// Sound and film by keys: space plays and stops, arrows seek. Without this file the player's own controls do the same.
import { find } from "./desk.js";

const clip = find(".photo-frame video, .photo-frame audio");
const SECONDS = 5;
const SECONDS_WITH_SHIFT = 1;
const WAYS = { ArrowLeft: -1, ArrowRight: 1 };
// Where a key already means something of its own: a button is pressed by space, a form is typed into.
const OWN = "a, button, summary, input, select, textarea, dialog, [contenteditable]";
const keysOff = () => find("[data-keys]")?.checked === false;

function play() {
  // What cannot be played is told by the player itself.
  if (clip.paused) clip.play().catch(() => {});
  else clip.pause();
}

function seek(way, seconds) {
  const end = Number.isFinite(clip.duration) ? clip.duration : clip.currentTime;
  clip.currentTime = Math.max(0, Math.min(end, clip.currentTime + way * seconds));
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (keysOff() || event.target.closest(OWN)) return;
  if (event.key === " ") {
    if (!event.repeat) play();
  } else if (event.key in WAYS) seek(WAYS[event.key], event.shiftKey ? SECONDS_WITH_SHIFT : SECONDS);
  else return;
  // The player and the page have keys of their own for these: neither may act a second time.
  event.preventDefault();
}

if (clip) document.addEventListener("keydown", pressed, true);
