// Computes the digests of chosen files here, one a line, into the field that names them; the files are not sent.
const hex = (bytes) => [...new Uint8Array(bytes)].map((each) => each.toString(16).padStart(2, "0")).join("");

async function digests(input) {
  const field = document.getElementById(input.dataset.digestsTo);
  const found = [];
  for (const file of input.files) found.push(hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
  field.value = found.join("\n");
}

// A page without a secure context computes none: the digests are pasted there.
for (const input of crypto.subtle ? document.querySelectorAll("input[data-digests-to]") : []) {
  input.addEventListener("change", () => digests(input));
}
