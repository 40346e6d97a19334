// The code on the screen: counts down, and notices by itself when the phone has enrolled or the code has expired.
const EVERY_MILLISECONDS = 2000;
const BACK_OFF_MILLISECONDS_MAX = 30000;
const invite = document.querySelector("[data-invite]");

if (invite) {
  const { after } = invite.dataset;
  // The server's clock counts: a desk's may be minutes off.
  const ahead = Date.parse(invite.dataset.now) - Date.now();
  const ends = Date.parse(invite.dataset.expires);
  const left = invite.querySelector("[data-left]");
  let wait = EVERY_MILLISECONDS;
  // The code is shown once: after a reload the page tells how it stands instead of making another.
  history.replaceState(null, "", after);

  const tick = () => {
    const seconds = Math.max(0, Math.ceil((ends - Date.now() - ahead) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const look = async () => {
    try {
      const answer = await fetch(after, { headers: { Accept: "text/html", "Wardledger-Live": "1" } });
      if (answer.redirected || answer.status === 404) return location.assign(after);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("[data-state=open]")) return location.assign(after);
      wait = EVERY_MILLISECONDS;
    } catch {
      wait = Math.min(wait * 2, BACK_OFF_MILLISECONDS_MAX);
    }
    return setTimeout(look, wait);
  };
  tick();
  setInterval(tick, 1000);
  setTimeout(look, wait);
}
