// A decision of whoever has a passkey: the form is sent to learn what is to be signed, the passkey signs exactly that,
// and the form goes again with what it said. The page is left only then, so a cancelled prompt loses nothing.
import { get } from "./passkey.js";

const told = document.querySelector("#signing");
const words = told.querySelector("span");
const SENT = "data-signing";
let busy = false;

const tell = (word) => {
  words.textContent = told.dataset[word];
  told.dataset.tone = word;
  told.hidden = false;
};

const hidden = (form, name, value) => {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
  field.setAttribute(SENT, "");
  form.append(field);
};

const send = (form, button, said) => {
  for (const field of form.querySelectorAll(`[${SENT}]`)) field.remove();
  if (button?.name) hidden(form, button.name, button.value);
  if (said) hidden(form, "assertion", JSON.stringify(said));
  form.submit();
};

const asked = async (form, button) => {
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  // Not `form.action`: a button of that name would stand before it.
  return fetch(form.getAttribute("action"), { method: "POST", body, headers: { "Wardledger-Sign": "1" } });
};

async function decide(form, button) {
  const answer = await asked(form, button);
  if (answer.redirected) return location.assign(answer.url);
  // Whatever else was refused is told by the page that the same form leads to.
  if (answer.status !== 428) return send(form, button);
  const { options } = await answer.json();
  tell("asking");
  return send(form, button, await get(options));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-signed]") || event.submitter?.hasAttribute("data-plain")) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  try {
    await decide(form, event.submitter);
  } catch (fault) {
    tell(fault.name === "NotAllowedError" || fault.name === "AbortError" ? "cancelled" : "failed");
    event.submitter?.focus();
  }
  busy = false;
});
addEventListener("pageshow", () => (told.hidden = true));
