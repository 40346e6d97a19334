#!/bin/sh
# Sees to the programs that the tests drive: installs those that are missing when
# it may (root on a Debian-like system), else names them and fails. What is there
# is recognised by its files, so another system's own packages do as well.
set -u

has_font() { find /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" -iname '*CJK*' 2>/dev/null | grep -q .; }
has_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
has_nginx() { command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; }
has_pdftotext() { command -v pdftotext >/dev/null; }
has_node() { command -v node >/dev/null; }
has_npm() { command -v npm >/dev/null; }
has_go() { command -v go >/dev/null; }
has_go_mod() { [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ]; }

missing() {
  has_chromium || echo chromium
  has_font || echo fonts-noto-cjk
  has_postgres || echo postgresql
  has_go || echo golang-go
  has_nginx || echo nginx
  has_pdftotext || echo poppler-utils
  has_node || echo nodejs
  has_npm || echo npm
  has_go_mod || echo golang-golang-x-mod-dev
}

install() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 install -y --no-install-recommends "$@"
}

needed=$(missing | tr '\n' ' ')
[ -z "$needed" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests: $needed"
  # The package lists of a fresh machine may be absent or old: refresh them once.
  # shellcheck disable=SC2086
  install $needed || { apt-get -o DPkg::Lock::Timeout=400 update && install $needed; }
  needed=$(missing | tr '\n' ' ')
  [ -z "$needed" ] && exit 0
fi

echo "The tests need programs that are not on this machine: $needed" >&2
echo "Install them as root, on Debian or Ubuntu:  apt-get install --no-install-recommends $needed" >&2
exit 1
