// A number goes to that value's button, Enter or the same key again decides; `w` goes to the field for another.
const KEYS_OFF = "desk-keys-off";
const buttons = () => [...document.querySelectorAll("[data-choose]:not(:disabled)")];

function choose(key) {
  const field = document.querySelector("[data-write]");
  const button = buttons().find((each) => each.dataset.choose === key);
  if (button) {
    if (document.activeElement === button) button.click();
    else button.focus();
    return true;
  }
  const last = document.querySelectorAll("[data-choose]").length + 1;
  if (!field || (key !== "w" && key !== String(last)) || field.matches(":disabled")) return false;
  field.focus();
  return true;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target.closest("input, select, textarea, dialog") || localStorage.getItem(KEYS_OFF) === "1") return;
  if (choose(event.key)) event.preventDefault();
});

// Enter in a line of text would press the first button of the form, which takes another value than the one written.
document.querySelector("input[data-write]")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  document.querySelector("[data-third]").click();
});
