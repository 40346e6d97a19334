// A file's cipher as sync/frames.py reads it: 7 random bytes, then frames of 1 MiB under AES-256-GCM (STREAM).

const FRAME_BYTES = 1024 * 1024, PREFIX_BYTES = 7

// known: key and prefix under which the very same bytes were sealed before, so that their upload goes on.
export async function seal(plain, known = null) {
  const secret = known ? bytes(known.key) : crypto.getRandomValues(new Uint8Array(32))
  const prefix = known ? bytes(known.prefix) : crypto.getRandomValues(new Uint8Array(PREFIX_BYTES))
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt'])
  const parts = [prefix]
  const frames = Math.max(1, Math.ceil(plain.byteLength / FRAME_BYTES))
  for (let n = 0; n < frames; n++) {
    const iv = nonce(prefix, n, n === frames - 1)
    parts.push(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain.slice(n * FRAME_BYTES, (n + 1) * FRAME_BYTES)))
  }
  const cipher = new Blob(parts)
  return { cipher, cipherDigest: await digest(await cipher.arrayBuffer()), digest: await digest(plain), key: b64u(secret), prefix: b64u(prefix) }
}

function nonce(prefix, counter, last) {
  const made = new Uint8Array(12)
  made.set(prefix)
  new DataView(made.buffer).setUint32(PREFIX_BYTES, counter)
  made[11] = last ? 1 : 0
  return made
}

export async function digest(bytes) {
  const found = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...found].map((each) => each.toString(16).padStart(2, '0')).join('')
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0))
}

function b64u(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
