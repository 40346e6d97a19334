// A census is looked at without leaving the page, so the file that was chosen stays chosen for the import. Without this
// file the same form works, and asks for the file once more.
const form = document.querySelector("form[data-census]");
const part = form?.querySelector("[data-preview]");

const without = () => form.querySelector("[data-without-script]")?.setAttribute("hidden", "");

async function look(event) {
  const button = event.submitter;
  if (!button || button.name !== "look") return;
  event.preventDefault();
  if (form.classList.contains("is-busy")) return;
  form.classList.add("is-busy");
  form.setAttribute("aria-busy", "true");
  try {
    const body = new FormData(form, button);
    body.delete("seen");
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    if (answer.redirected) return location.assign(answer.url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-preview]");
    // An answer of another kind, such as that of a file beyond every limit, is a page of its own.
    if (!fresh) return document.querySelector("main").replaceChildren(...page.querySelector("main, body").childNodes);
    part.replaceChildren(...fresh.childNodes);
    without();
    part.querySelector("button[name=import]")?.focus();
  } finally {
    form.classList.remove("is-busy");
    form.removeAttribute("aria-busy");
  }
}

if (form && part) {
  form.addEventListener("submit", look);
  // What was looked at belongs to the file and the words that were sent.
  form.addEventListener("change", (event) => part.contains(event.target) || part.replaceChildren());
}
