// Puts the token of the address's fragment into the form and asks what it is about. It acknowledges nothing.

const form = document.querySelector('form[data-link]')
const token = location.hash.slice(1)

if (form && token) {
  history.replaceState(null, '', location.pathname)
  form.elements.token.value = token
  form.requestSubmit()
}
