// Hands in a file of proof: sealed here, sent in parts that go on after a break, checked by the server, then ticked.
// A report takes each file as it arrives (`data-attach`); a statement or an appeal names its files when it is sent.

import * as remembered from './remembered.js'
import { digest, seal } from './seal.js'
import { send } from './upload.js'

const TYPES = ['image/jpeg', 'image/png', 'application/pdf']
const TONES = { arrived: 'ok', sent: 'ok', sealing: 'plain', sending: 'plain' }
const form = document.querySelector('form[data-proof-form]')
const csrf = () => form.elements.csrf_token.value
let turn = Promise.resolve(), busy = 0

for (const input of form ? form.querySelectorAll('input[data-proof]') : []) {
  input.addEventListener('change', () => {
    const files = [...input.files]
    input.value = ''
    busy += files.length
    // One at a time: each names the version that the one before it left.
    for (const file of files) turn = turn.then(() => handIn(input, file)).finally(() => { busy -= 1 })
  })
}

if (form) {
  offer()
  form.addEventListener('submit', (event) => {
    const final = !form.dataset.attach || event.submitter?.value === 'submit'
    if (busy && final) {
      event.preventDefault()
      teller(form.querySelector('input[data-proof]'))('unfinished')
    } else if (!form.dataset.attach) remembered.forgetAll()
  })
}

// What was sent before the page was left is chosen once more; what had not arrived is asked for again.
function offer() {
  const input = form.querySelector('input[data-proof]')
  const sent = form.dataset.attach ? [] : remembered.here().filter((one) => one.named)
  for (const one of sent) carry(input, one.named)
  const left = remembered.here().filter((one) => !one.named)
  const told = form.querySelector('[data-offered]')
  if (!left.length || !told) return
  told.hidden = false
  told.lastElementChild.textContent = told.dataset.offered.replace('0', left.length) + left.map((one) => ` ${Math.round(one.share * 100)} %`).join(',')
}

function teller(input) {
  const told = input.closest('.needs-js').querySelector('[data-told]')
  return (code, more = '') => {
    told.hidden = false
    told.className = `notice tone-${TONES[code] ?? 'problem'}`
    told.lastElementChild.textContent = told.dataset[code] + more
  }
}

async function handIn(input, file) {
  const tell = teller(input)
  if (!crypto.subtle) return tell('insecure')
  if (!TYPES.includes(file.type)) return tell('unsupported')
  if (file.size > Number(form.dataset.bytesMax)) return tell('too_large')
  try {
    tell('sealing')
    const plain = await file.arrayBuffer()
    const sealed = await seal(plain, remembered.find(await digest(plain)))
    await sendOn(sealed, tell)
    const named = {
      digest: sealed.digest, size: file.size, media_type: file.type,
      cipher_digest: sealed.cipherDigest, cipher_size: sealed.cipher.size, file_key: sealed.key,
    }
    if (form.dataset.attach) await attach(input, named).finally(() => remembered.forget(sealed.digest))
    else {
      carry(input, named)
      remembered.keep({ digest: sealed.digest, key: sealed.key, prefix: sealed.prefix, share: 1, named })
    }
    tell(form.dataset.attach ? 'arrived' : 'sent')
  } catch {
    tell('failed')
  }
}

async function sendOn(sealed, tell) {
  let known = { digest: sealed.digest, key: sealed.key, prefix: sealed.prefix, share: 0, ...remembered.find(sealed.digest) }
  const keep = (more) => remembered.keep(known = { ...known, ...more })
  await send(sealed, {
    create: form.dataset.create, csrf: csrf(), address: known.address,
    kept: (address) => keep({ address }),
    progress: (share) => { keep({ share }); tell('sending', ` ${Math.round(share * 100)} %`) },
    waiting: () => tell('waiting'),
  })
}

async function attach(input, named) {
  const answer = await fetch(form.dataset.attach, {
    method: 'POST',
    headers: { 'X-CSRFToken': csrf(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ version: Number(form.elements.version.value), ...named }),
  })
  if (!answer.ok) throw new Error(String(answer.status))
  const report = await answer.json()
  form.elements.version.value = report.version
  const file = report.files.find((one) => one.digest === named.digest)
  for (const group of form.querySelectorAll('[data-files]')) {
    const own = group.dataset.files === input.dataset.proof
    const known = group.querySelector(`input[value="${file.digest}"]`)
    if (known) known.checked ||= own
    else line(group, file.number, file.digest, own)
  }
}

function carry(input, named) {
  const group = form.querySelector(`[data-files="${input.dataset.proof}"]`)
  const lines = [...group.querySelectorAll('input')]
  const known = lines.find((one) => JSON.parse(one.value).digest === named.digest)
  if (known) known.checked = true
  else line(group, lines.length + 1, JSON.stringify(named), true)
}

function line(group, number, value, checked) {
  const words = `${document.documentElement.lang === 'en' ? 'File' : '文件'} ${number}`
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: group.dataset.files, value, checked })
  const label = document.createElement('label')
  label.append(box, Object.assign(document.createElement('span'), { textContent: words }))
  const made = Object.assign(document.createElement('div'), { className: 'portal-choice' })
  made.append(label)
  group.append(made)
}
