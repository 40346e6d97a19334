// The one-time code comes behind '#': browsers send that to no server, so it stands in no log on the way.
const field = document.querySelector("[data-code]");
const code = decodeURIComponent(location.hash.slice(1));
if (field && /^[A-Za-z2-7 -]{16,40}$/.test(code)) {
  field.value = code;
  // Out of the address bar and the history: whoever comes to this desk next does not find it there.
  history.replaceState(null, "", location.pathname);
  document.querySelector("[name=password]").focus();
}
