// The last review can be taken back for a minute. The server's clock decides; this one only counts along.
import { find, keys } from "./desk.js";

const toast = find("[data-undo]");
const ends = performance.now() + Number(toast.dataset.undo) * 1000;
keys.u = () => !toast.hidden && toast.requestSubmit();
toast.dataset.counting = "";
const counting = setInterval(() => {
  const left = Math.ceil((ends - performance.now()) / 1000);
  find("[data-left]", toast).textContent = String(Math.max(0, left));
  if (left > 0) return;
  toast.hidden = true;
  clearInterval(counting);
}, 500);
