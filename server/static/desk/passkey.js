// Passkeys: the authenticator signs what the server asks, for this site alone; nothing of the key passes through here.
const bytes = (words) =>
  Uint8Array.from(atob(words.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const ask = async (path, body, token) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const told = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.detail), { code: told.code });
  return told;
};

// The credential as JSON; browsers older than toJSON() get the same by hand.
const plain = (made) => {
  if (made.toJSON) return made.toJSON();
  const { response } = made;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const found = parts.filter((name) => response[name]).map((name) => [name, words(response[name])]);
  return {
    id: made.id, rawId: words(made.rawId), type: made.type, clientExtensionResults: made.getClientExtensionResults(),
    response: { ...Object.fromEntries(found), ...(response.getTransports && { transports: response.getTransports() }) },
  };
};

const withIds = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

export const get = async (options) => {
  const asked = { ...options, challenge: bytes(options.challenge), allowCredentials: withIds(options.allowCredentials) };
  return plain(await navigator.credentials.get({ publicKey: asked }));
};

export const make = async (options) => {
  const asked = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: withIds(options.excludeCredentials),
  };
  return plain(await navigator.credentials.create({ publicKey: asked }));
};

// One form, one act: its button waits while the authenticator asks, and what went wrong stands in words of the page.
const run = (form, act) => {
  const told = form.querySelector("[data-told]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    told.hidden = true;
    try {
      await act(form.elements.csrf_token.value);
    } catch (fault) {
      told.hidden = false;
      told.querySelector("span").textContent = told.dataset[fault.code] || told.dataset.failed;
    } finally {
      button.disabled = false;
    }
  });
};

const signIn = document.querySelector("[data-passkey-sign-in]");
const add = document.querySelector("[data-passkey-add]");
const confirmed = document.querySelector("[data-passkey-confirm]");
if (!window.PublicKeyCredential) {
  for (const form of [signIn, add, confirmed]) if (form) form.hidden = true;
} else {
  if (signIn) {
    run(signIn, async (token) => {
      const options = await ask("/api/session/passkey/options", {}, token);
      await ask("/api/session/passkey", { answer: await get(options) }, token);
      location.assign(signIn.dataset.next || "/");
    });
  }
  if (confirmed) {
    run(confirmed, async (token) => {
      const options = await ask("/api/session/passkey/options", {}, token);
      await ask("/api/session/confirm", { answer: await get(options) }, token);
      location.reload();
    });
  }
  if (add) {
    run(add, async (token) => {
      const options = await ask("/api/account/passkeys/options", {}, token);
      await ask("/api/account/passkeys", { name: add.elements.name.value, answer: await make(options) }, token);
      location.reload();
    });
  }
}
