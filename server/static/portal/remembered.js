// Files that were on their way when a page was left: digest, upload address and key, no name and no content.
// They stand in this browser's storage for the page's own address, until they are handed in or a week is over.

const KEY = 'wardledger-uploads', DAYS = 7, MOST = 20
const now = () => Date.now()

function all() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => one.at > now() - DAYS * 86400000) : []
  } catch {
    return []
  }
}

function write(entries) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries.slice(-MOST)))
  } catch {
    // A browser that keeps nothing sends a file anew after a reload; nothing else changes.
  }
}

export function here() {
  return all().filter((one) => one.page === location.pathname)
}

export function find(digest) {
  return here().find((one) => one.digest === digest) ?? null
}

export function keep(entry) {
  write([...all().filter((one) => one.page !== location.pathname || one.digest !== entry.digest),
    { ...entry, page: location.pathname, at: now() }])
}

export function forget(digest) {
  write(all().filter((one) => one.page !== location.pathname || one.digest !== digest))
}

export function forgetAll() {
  write(all().filter((one) => one.page !== location.pathname))
}
