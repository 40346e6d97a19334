// A phone's exported work: the file goes to the server as it is, and what became of each part is shown.
const form = document.querySelector("[data-outbox]");
const told = document.querySelector("[data-told]");

if (form) {
  const failed = form.querySelector("[data-failed]");
  const progress = form.querySelector("[data-progress]");
  const button = form.querySelector("button");

  const cell = (label, words) => {
    const made = document.createElement("td");
    made.dataset.label = label;
    made.textContent = words;
    return made;
  };
  const row = (one, heads) => {
    const what = one.kind === "set" ? `${told.dataset.set} ${one.seq}` : `${told.dataset.file} ${one.digest.slice(0, 12)}`;
    const verdicts = Object.entries(one.verdicts).map(([verdict, count]) => `${verdict} ${count}`).join(", ");
    const made = document.createElement("tr");
    made.dataset.row = one.became;
    const words = [String(one.part), what, told.dataset[one.became], one.code ? `${one.code}: ${one.detail}` : verdicts];
    made.append(...words.map((each, n) => cell(heads[n], each)));
    return made;
  };
  const show = (report) => {
    const heads = [...told.querySelectorAll("th")].map((head) => head.textContent);
    told.querySelector("tbody").replaceChildren(...report.parts.map((one) => row(one, heads)));
    told.querySelector("[data-whole]").hidden = !report.whole;
    told.querySelector("[data-part]").hidden = report.whole;
    told.querySelector("[data-broken]").textContent = report.broken ?? "";
    told.hidden = false;
  };
  const send = async (file) => {
    const headers = { "Content-Type": form.dataset.media, "X-CSRFToken": form.dataset.token };
    const answer = await fetch(form.dataset.outbox, { method: "POST", headers, body: file });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.detail || said.title), { told: true });
    return said;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    progress.hidden = false;
    button.disabled = true;
    try {
      show(await send(form.elements.file.files[0]));
    } catch (error) {
      failed.querySelector("span").textContent = error.told ? error.message : told.dataset.offline;
      failed.hidden = false;
    } finally {
      progress.hidden = true;
      button.disabled = false;
    }
  });
}
