#!/bin/sh
# Installs Wardledger from this folder, without a network: checks every file, makes an environment of its own,
# the account `wardledger`, its home, and the units of systemd. Run it again with a newer bundle to upgrade: the
# program of before stays beside the new one, and nothing of the home but the database's tables is touched.
set -eu

prefix=/opt/wardledger home=/srv/wardledger account=wardledger units=/etc/systemd/system
python='' origin='' url='' admin='' region='' systemd=yes

usage() {
  cat <<TEXT
usage: ./install.sh [--origin NAME --url ADDRESS [--admin LOGIN --region CODE]] [options]

  --origin NAME     the ledger's name for ever, like ledger.bureau.example/luan   (first installation)
  --url ADDRESS     the public address, like https://audit.bureau.example         (first installation)
  --admin LOGIN     make the first administrator; the password is printed once
  --region CODE     the administrator's region (GB/T 2260), like 341500
  --prefix DIR      where the program goes (default: $prefix)
  --home DIR        where database, files and keys go (default: $home)
  --python PATH     the Python to use (default: the first python3 of the bundle's version)
  --no-systemd      neither account nor units: everything belongs to whoever runs this
TEXT
}

fail() { echo "install.sh: $*" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case "$1" in
    --no-systemd) systemd=no; shift; continue ;;
    -h|--help) usage; exit 0 ;;
    --origin|--url|--admin|--region|--prefix|--home|--python) ;;
    *) usage >&2; exit 2 ;;
  esac
  [ $# -ge 2 ] || { usage >&2; exit 2; }
  case "$1" in
    --origin) origin=$2 ;; --url) url=$2 ;; --admin) admin=$2 ;; --region) region=$2 ;;
    --prefix) prefix=$2 ;; --home) home=$2 ;; --python) python=$2 ;;
  esac
  shift 2
done
case "$prefix$home" in *[!A-Za-z0-9._/-]*) fail "--prefix and --home take letters, digits and . _ - / only" ;; esac
case "$prefix" in /*) ;; *) fail "--prefix must begin with /" ;; esac
case "$home" in /*) ;; *) fail "--home must begin with /" ;; esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$here"

# -- what was brought is what was made ------------------------------------------------------------------
[ -f SHA256SUMS ] || fail "SHA256SUMS is missing: unpack the bundle again"
sha256sum --check --quiet --strict SHA256SUMS || fail "a file is not what was packed; fetch the bundle again"
version=$(cat VERSION) needed=$(cat PYTHON)

# -- a Python that fits ---------------------------------------------------------------------------------
fits() { [ "$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$needed" ]; }
if [ -n "$python" ]; then
  fits "$python" || fail "$python is not Python $needed, which the wheels in this bundle are for"
else
  for candidate in "python$needed" python3; do
    if fits "$candidate"; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ]; then
  found=$(python3 --version 2>/dev/null || echo "no Python 3")
  fail "this bundle is for Python $needed; here is $found. Wardledger needs Python 3.11 or newer: install
  python$needed and python$needed-venv from your system's own packages, or have a bundle made with the Python that
  is here (make bundle PYTHON=...)"
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "$python has no venv module; on Debian and Ubuntu: apt-get install python$needed-venv (from the installation medium)"

# -- the account ----------------------------------------------------------------------------------------
as() { "$@"; }
if [ "$systemd" = yes ]; then
  [ "$(id -u)" = 0 ] || fail "run it as root, or with --no-systemd for yourself alone"
  command -v systemctl >/dev/null || fail "systemd is not here; use --no-systemd and start the server yourself"
  id "$account" >/dev/null 2>&1 ||
    useradd --system --user-group --home-dir "$home" --shell /usr/sbin/nologin "$account"
  as() { runuser -u "$account" -- "$@"; }
fi

# -- the program, beside any older one ------------------------------------------------------------------
target="$prefix/versions/$version"
mkdir -p "$prefix/versions" "$prefix/bin"
if [ ! -f "$target/.complete" ]; then
  echo "installing $version into $target"
  rm -rf "$target"
  "$python" -m venv "$target"
  pip() { "$target/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
  pip install --no-index --find-links wheels --require-hashes --only-binary :all: -r requirements.lock
  pip install --no-index --no-deps wheels/wardledger-*.whl
  pip check
  mkdir -p "$target/share"
  cp -R nginx systemd docs "$target/share/"
  touch "$target/.complete"
fi
wrapper="$prefix/bin/wardledger"
cat >"$wrapper.new" <<TEXT
#!/bin/sh
# The command of this installation: with its home, and as its own account when root asks.
export WARDLEDGER_HOME="\${WARDLEDGER_HOME:-$home}"
program="$prefix/current/bin/wardledger"
if [ "$systemd" = yes ] && [ "\$(id -u)" = 0 ]; then cd "\$WARDLEDGER_HOME" && exec runuser -u $account -- "\$program" "\$@"; fi
exec "\$program" "\$@"
TEXT
chmod 755 "$wrapper.new"
mv "$wrapper.new" "$wrapper"

# -- the home -------------------------------------------------------------------------------------------
mkdir -p "$home"
chmod 700 "$home"
if [ "$systemd" = yes ]; then chown "$account:$account" "$home"; fi
WARDLEDGER_HOME=$home
export WARDLEDGER_HOME
cd "$home"
wardledger() { as "$target/bin/wardledger" "$@"; }
there=no
# Written by `init` as its last step; after one that broke off, `init` goes on with the keys that are there.
if grep -q '^WARDLEDGER_ORIGIN=' "$home/settings.env" 2>/dev/null; then there=yes; fi

serving="wardledger.service wardledger-scheduler.service"
if [ "$there" = yes ]; then
  if [ "$systemd" = yes ] && [ -e "$prefix/current" ]; then
    # shellcheck disable=SC2086
    systemctl stop $serving
    # shellcheck disable=SC2086,SC2064
    trap "echo 'install.sh: it failed; the program of before is started again' >&2; systemctl start $serving" EXIT
  fi
  wardledger upgrade
elif [ -n "$origin" ] && [ -n "$url" ]; then
  set -- --origin "$origin" --url "$url"
  if [ -n "$admin" ]; then set -- "$@" --admin "$admin" --region "$region"; fi
  wardledger init "$@"
  there=yes
fi
# The new program is the current one from here on: only now do its tables fit.
ln -sfn "versions/$version" "$prefix/current.new"
mv -T "$prefix/current.new" "$prefix/current"
trap - EXIT

# -- the units ------------------------------------------------------------------------------------------
if [ "$systemd" = yes ]; then
  for unit in "$here"/systemd/*; do
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@HOME@|$home|g" "$unit" >"$units/$(basename "$unit")"
  done
  systemctl daemon-reload
  if [ "$there" = yes ]; then
    systemctl enable --now wardledger.service wardledger-scheduler.service wardledger-backup.timer
  fi
  ln -sfn "$wrapper" /usr/local/bin/wardledger
fi

echo
echo "wardledger $version is installed: $wrapper"
if [ "$there" = no ]; then
  echo "next: $here/install.sh --origin ... --url ... --admin ... --region ...   (makes the ledger)"
else
  echo "next: $wrapper doctor; the proxy with TLS: $prefix/current/share/nginx/wardledger.conf; docs/installing.md"
fi
