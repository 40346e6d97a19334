// Arrows go from stage to stage of the board, to the first case of each; j and k from case to case (desk.js).
import { keys } from "./desk.js";

const columns = [...document.querySelectorAll("[data-column]")].filter((each) => each.querySelector(".lead a"));

function turn(direction) {
  if (!columns.length) return;
  const at = columns.indexOf(document.activeElement.closest("[data-column]"));
  const next = at < 0 ? (direction > 0 ? 0 : columns.length - 1) : at + direction;
  columns[Math.min(columns.length - 1, Math.max(0, next))].querySelector(".lead a").focus();
}

Object.assign(keys, { ArrowRight: () => turn(1), ArrowLeft: () => turn(-1) });
