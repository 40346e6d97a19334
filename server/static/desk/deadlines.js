// The board: arrows go from stage to stage, to the first case of each. The calendar: arrows turn the month.
import { find, keys } from "./desk.js";

const columns = [...document.querySelectorAll("[data-column]")].filter((each) => each.querySelector(".lead a"));

function turn(direction) {
  const month = find(`.turn [rel=${direction > 0 ? "next" : "prev"}]`);
  if (month) return month.click();
  if (!columns.length) return;
  const at = columns.indexOf(document.activeElement.closest("[data-column]"));
  const next = at < 0 ? (direction > 0 ? 0 : columns.length - 1) : at + direction;
  columns[Math.min(columns.length - 1, Math.max(0, next))].querySelector(".lead a").focus();
}

Object.assign(keys, { ArrowRight: () => turn(1), ArrowLeft: () => turn(-1) });
