// Sends a sealed file in parts (tus 1.0.0): goes on after a break, and from an address that was remembered.

const PART_BYTES = 512 * 1024, TRIES_MAX = 60, WAIT_MS_MAX = 15000
const VERSION = { 'Tus-Resumable': '1.0.0' }
const OVER = [404, 410, 460, 413]
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export async function send(sealed, { create, csrf, address, kept, progress, waiting }) {
  let at = address ? await reached(address, null) : null
  if (at === null) ({ address, at } = await begin(sealed, create, csrf))
  kept(address)
  for (let tries = 0; at < sealed.cipher.size;) {
    try {
      at = await part(address, sealed.cipher, at)
      tries = 0
      progress(at / sealed.cipher.size)
    } catch (error) {
      if (++tries > TRIES_MAX || error.final) throw error
      waiting()
      await rest(Math.min(1000 * 2 ** tries, WAIT_MS_MAX))
      at = await reached(address, at)
    }
  }
}

async function begin(sealed, create, csrf) {
  const answer = await fetch(create, {
    method: 'POST',
    headers: { ...VERSION, 'X-CSRFToken': csrf, 'Upload-Length': String(sealed.cipher.size), 'Upload-Metadata': `digest ${btoa(sealed.cipherDigest)}` },
  })
  if (answer.status !== 201) throw new Error(String(answer.status))
  return { address: answer.headers.get('Location'), at: Number(answer.headers.get('Upload-Offset')) }
}

async function part(address, cipher, at) {
  const answer = await fetch(address, {
    method: 'PATCH',
    headers: { ...VERSION, 'Upload-Offset': String(at), 'Content-Type': 'application/offset+octet-stream' },
    body: cipher.slice(at, at + PART_BYTES),
  })
  const next = answer.headers.get('Upload-Offset')
  if (answer.ok || (answer.status === 409 && next)) return Number(next)
  throw Object.assign(new Error(String(answer.status)), { final: OVER.includes(answer.status) })
}

// How far an upload has come; `unknown` where nobody can tell, or where it is over.
async function reached(address, unknown) {
  try {
    const answer = await fetch(address, { method: 'HEAD', headers: VERSION })
    return answer.ok ? Number(answer.headers.get('Upload-Offset')) : unknown
  } catch {
    return unknown
  }
}
