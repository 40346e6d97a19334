// Hands in a file of proof: sealed here, sent in parts that go on after a break, checked by the server, then ticked.

import { seal } from './seal.js'

const PART_BYTES = 512 * 1024, TRIES_MAX = 60, WAIT_MS_MAX = 15000
const TYPES = ['image/jpeg', 'image/png', 'application/pdf']
const form = document.querySelector('form[data-report]')
const csrf = () => form.elements.csrf_token.value
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
let turn = Promise.resolve()

for (const input of form ? form.querySelectorAll('input[data-proof]') : []) {
  input.addEventListener('change', () => {
    const files = [...input.files]
    input.value = ''
    // One at a time: each names the version that the one before it left.
    for (const file of files) turn = turn.then(() => handIn(input, file))
  })
}

async function handIn(input, file) {
  const told = input.closest('.needs-js').querySelector('[data-told]')
  const tell = (code, more = '') => {
    told.hidden = false
    told.className = `notice tone-${code === 'arrived' ? 'ok' : ['sealing', 'sending'].includes(code) ? 'plain' : 'problem'}`
    told.lastElementChild.textContent = told.dataset[code] + more
  }
  if (!crypto.subtle) return tell('insecure')
  if (!TYPES.includes(file.type)) return tell('unsupported')
  if (file.size > Number(form.dataset.bytesMax)) return tell('too_large')
  try {
    tell('sealing')
    const sealed = await seal(await file.arrayBuffer())
    await send(sealed, (share) => tell('sending', ` ${Math.round(share * 100)} %`), () => tell('waiting'))
    await attach(input, file, sealed)
    tell('arrived')
  } catch {
    tell('failed')
  }
}

async function send(sealed, progress, waiting) {
  const metadata = `digest ${btoa(sealed.cipherDigest)}`
  const created = await fetch(form.dataset.create, {
    method: 'POST',
    headers: { 'X-CSRFToken': csrf(), 'Tus-Resumable': '1.0.0', 'Upload-Length': String(sealed.cipher.size), 'Upload-Metadata': metadata },
  })
  if (created.status !== 201) throw new Error(String(created.status))
  const address = created.headers.get('Location')
  let at = Number(created.headers.get('Upload-Offset'))
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

async function part(address, cipher, at) {
  const answer = await fetch(address, {
    method: 'PATCH',
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': String(at), 'Content-Type': 'application/offset+octet-stream' },
    body: cipher.slice(at, at + PART_BYTES),
  })
  const next = answer.headers.get('Upload-Offset')
  if (answer.ok || (answer.status === 409 && next)) return Number(next)
  throw Object.assign(new Error(String(answer.status)), { final: [404, 410, 460, 413].includes(answer.status) })
}

async function reached(address, at) {
  try {
    const answer = await fetch(address, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })
    return answer.ok ? Number(answer.headers.get('Upload-Offset')) : at
  } catch {
    return at
  }
}

async function attach(input, file, sealed) {
  const answer = await fetch(form.dataset.attach, {
    method: 'POST',
    headers: { 'X-CSRFToken': csrf(), 'Content-Type': 'application/json' },
    body: JSON.stringify({
      version: Number(form.elements.version.value), digest: sealed.digest, size: file.size, media_type: file.type,
      cipher_digest: sealed.cipherDigest, cipher_size: sealed.cipher.size, file_key: sealed.key,
    }),
  })
  if (!answer.ok) throw new Error(String(answer.status))
  const report = await answer.json()
  form.elements.version.value = report.version
  show(input, report.files.find((one) => one.digest === sealed.digest))
}

function show(input, file) {
  const words = `${document.documentElement.lang === 'en' ? 'File' : '文件'} ${file.number}`
  for (const group of form.querySelectorAll('[data-files]')) {
    const own = group.dataset.files === input.dataset.proof
    const known = group.querySelector(`input[value="${file.digest}"]`)
    if (known) { known.checked ||= own; continue }
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: group.dataset.files, value: file.digest, checked: own })
    const label = document.createElement('label')
    label.append(box, Object.assign(document.createElement('span'), { textContent: words }))
    const line = Object.assign(document.createElement('div'), { className: 'portal-choice' })
    line.append(label)
    group.append(line)
  }
}
