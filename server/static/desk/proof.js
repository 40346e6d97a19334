// The proof badge, found anew by this browser: entry, path, root, signature, with WebCrypto and nothing else.
// Sources: RFC 6962 and RFC 9162 2.1.3.2 for the tree, c2sp.org/signed-note, c2sp.org/tlog-proof.
const HASH = 32;
const HEADER = "c2sp.org/tlog-proof@v1";
const text = new TextEncoder();

export class Fault extends Error {
  constructor(step) {
    super(step);
    this.step = step;
  }
}

const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (one, other) => hex(one) === hex(other);
const unbase64 = (words) => Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));

export const leafHash = (line) => sha256(join(Uint8Array.of(0), text.encode(line)));
const nodeHash = (left, right) => sha256(join(Uint8Array.of(1), left, right));

/** Return the root that a leaf and its path lead to; sizes beyond 2^32 rule the bit operators out. */
export async function rootOf(leaf, index, size, path) {
  let [first, last, node] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH) throw new Fault("path");
    if (first % 2 === 1 || first === last) {
      node = await nodeHash(sibling, node);
      while (first % 2 === 0 && first > 0) [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
    } else {
      node = await nodeHash(node, sibling);
    }
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new Fault("path");
  return node;
}

/** Return what a tlog-proof states; nothing of it is verified. */
export function parseProof(words) {
  const cut = words.indexOf("\n\n");
  const [header, place, ...path] = words.slice(0, cut).split("\n");
  const note = words.slice(cut + 2);
  const end = note.indexOf("\n\n");
  const [name, size, root] = note.slice(0, end).split("\n");
  if (cut < 0 || end < 0 || header !== HEADER || !/^index \d{1,16}$/.test(place)) throw new Fault("path");
  return {
    index: Number(place.slice(6)),
    path: path.map(unbase64),
    name,
    size: Number(size),
    root: unbase64(root),
    body: note.slice(0, end + 1),
    signatures: note.slice(end + 2).split("\n").filter(Boolean),
  };
}

/** Return {name, id, raw} of a verifier key `name+hash+base64`. */
export function parseKey(words) {
  const [, name, id, encoded] = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(words) ?? [];
  if (!name) throw new Fault("signature");
  return { name, id, raw: unbase64(encoded).slice(1) };
}

async function ed25519(raw) {
  try {
    return await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
}

/** Return whether a ledger key signed a head; null where this browser knows no Ed25519. Throws Fault. */
export async function signed(head, keys) {
  for (const key of keys.map(parseKey)) {
    const id = hex((await sha256(join(text.encode(`${key.name}\n`), Uint8Array.of(1), key.raw))).slice(0, 4));
    if (id !== key.id || key.name !== head.name) continue;
    for (const line of head.signatures) {
      const [, name, encoded] = /^\u2014 (.+) ([^ ]+)$/.exec(line) ?? [];
      if (name !== head.name) continue;
      const mark = unbase64(encoded);
      if (hex(mark.slice(0, 4)) !== id) continue;
      const known = await ed25519(key.raw);
      if (known === null) return null;
      if (await crypto.subtle.verify("Ed25519", known, mark.slice(4), text.encode(head.body))) return true;
      throw new Fault("signature");
    }
  }
  throw new Fault("signature");
}

/** Check one entry: line and change belong together, the leaf leads to the root. Throws Fault; returns the head. */
async function entryHead(each, id) {
  const line = JSON.parse(each.entry);
  if (!each.change || hex(await sha256(text.encode(each.change))) !== line.change) throw new Fault("change");
  if (JSON.parse(each.change).record !== id) throw new Fault("change");
  const head = parseProof(each.proof);
  if (head.index !== each.index) throw new Fault("path");
  if (!same(await rootOf(await leafHash(each.entry), head.index, head.size, head.path), head.root)) {
    throw new Fault("path");
  }
  return head;
}

/** Check all that the server gave. item: {id, digest} as the page shows them. Throws Fault at the first that fails. */
export async function check(facts, item, note = () => {}) {
  if (facts.id !== item.id || !facts.entries.length) throw new Fault("change");
  let [sealed, heads] = [true, []];
  for (const each of facts.entries) heads.push(await entryHead(each, item.id));
  note("change", "ok");
  note("path", "ok");
  if (JSON.parse(facts.entries[0].change).set?.digest !== item.digest) throw new Fault("digest");
  note("digest", "ok");
  for (const head of heads) sealed = (await signed(head, facts.keys)) === true && sealed;
  note("signature", sealed ? "ok" : "unknown");
  return sealed ? "ok" : "unsigned";
}

// -- the page -------------------------------------------------------------------------------------------------

const TONES = ["ok", "waiting", "problem", "unknown", "plain"];

function tell(badge, state) {
  const line = badge.querySelector("[data-browser]");
  line.dataset.state = state;
  for (const words of line.children) words.hidden = words.dataset.when !== state;
  const tone = [...line.children].find((words) => !words.hidden)?.dataset.tone;
  // The worse of both verdicts colours the badge: neither can whitewash the other.
  if (tone === "problem" || badge.dataset.verdict === "ok") {
    badge.classList.remove(...TONES.map((each) => `tone-${each}`));
    badge.classList.add(`tone-${tone === "plain" ? "ok" : tone}`);
  }
  if (tone === "problem") {
    badge.querySelector("[data-proof-word]").textContent = line.querySelector("[data-when=bad]").textContent;
    badge.open = true;
    const sign = badge.querySelector("[data-sign] use");
    sign.setAttribute("href", sign.getAttribute("href").replace(/#.*/, "#alert"));
  }
}

function mark(badge, step, result) {
  const row = badge.querySelector(`[data-step=${step}]`);
  row.dataset.result = result;
  row.querySelector("[data-said]").textContent = { ok: "✓", bad: "✗", unknown: "?" }[result] ?? "";
}

async function look(badge) {
  const answer = await fetch(badge.dataset.proof, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new TypeError(`no facts: ${answer.status}`);
  return answer.json();
}

async function run(badge) {
  if (!globalThis.crypto?.subtle) return tell(badge, "unable");
  let facts;
  try {
    facts = await look(badge);
  } catch {
    return tell(badge, "away");
  }
  badge.querySelector("[data-key]").textContent = facts.keys.join("\n");
  if (facts.witnesses.length) {
    badge.querySelector("[data-witnesses]").textContent = `${facts.witnesses.join(", ")} (${facts.witnessed_size})`;
  }
  try {
    const item = { id: badge.dataset.item, digest: badge.dataset.digest };
    tell(badge, await check(facts, item, (step, result) => mark(badge, step, result)));
  } catch (fault) {
    mark(badge, fault instanceof Fault ? fault.step : "change", "bad");
    tell(badge, "bad");
  }
}

async function hashFile(badge, button) {
  button.disabled = true;
  try {
    const answer = await fetch(badge.dataset.file);
    if (!answer.ok) throw new TypeError("no file");
    const good = hex(await sha256(new Uint8Array(await answer.arrayBuffer()))) === badge.dataset.digest;
    mark(badge, "file", good ? "ok" : "bad");
    if (!good) tell(badge, "bad");
  } catch {
    mark(badge, "file", "unknown");
  } finally {
    button.disabled = false;
  }
}

for (const badge of globalThis.document?.querySelectorAll("[data-proof]") ?? []) {
  run(badge);
  const button = badge.querySelector("[data-check-file]");
  button?.addEventListener("click", () => hashFile(badge, button));
}
