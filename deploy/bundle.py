"""`python -m deploy.bundle`: one file with all that an installation without a network needs, checksums included.

Run it on a machine that reaches a package registry, with the Python version and the kind of machine that the bundle is
for. Every wheel is checked against the lock's hashes when it is fetched, and again when it is installed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

from deploy import wheel

ROOT = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"
SUMS = "SHA256SUMS"
DOCUMENTS = (
    "README.md", "LICENSE", "CHANGELOG.md", "docs/installing.md", "docs/installing.zh-CN.md", "docs/operating.md",
    "docs/protocol.md", "docs/README.zh-CN.md",
)  # fmt: skip
DEPLOYED = ("install.sh", "nginx", "systemd")
READABLE, RUNNABLE = 0o644, 0o755


def platform() -> str:
    """Return which Python on which machine the wheels are for, like cp311-linux_x86_64."""
    machine = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"cp{sys.version_info.major}{sys.version_info.minor}-{machine}"


def name() -> str:
    """Return the bundle's name, which is also that of the folder in it."""
    return f"wardledger-{wheel.version(ROOT)}-{platform()}"


def fetch(folder: Path, links: Path | None) -> None:
    """Fetch every locked wheel; links: a folder of wheels to take them from instead of the registry."""
    source = ["--no-index", "--find-links", str(links)] if links else []
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes",
        "--only-binary", ":all:", *source, "-r", str(ROOT / LOCK), "-d", str(folder),
    ]  # fmt: skip
    subprocess.run(command, check=True)


def fill(folder: Path, links: Path | None) -> None:
    """Put all that belongs to a bundle into a folder, the checksums last."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    print("fetching the locked wheels ...", flush=True)
    fetch(wheels, links)
    own = wheel.make(ROOT, wheels)
    shutil.copy(ROOT / LOCK, folder / LOCK)
    for place in DEPLOYED:
        source = ROOT / "deploy" / place
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / place)
    for document in DOCUMENTS:
        target = folder / document
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / document, target)
    digest = hashlib.sha256(own.read_bytes()).hexdigest()
    about = {
        "VERSION": f"{wheel.version(ROOT)}-{digest[:8]}",
        "PYTHON": f"{sys.version_info[0]}.{sys.version_info[1]}",
    }
    for one, content in about.items():
        (folder / one).write_text(f"{content}\n")
    (folder / SUMS).write_text(sums(folder))


def sums(folder: Path) -> str:
    """Return the SHA-256 of every file of a folder, as sha256sum reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files
    )


def pack(folder: Path, target: Path) -> None:
    """Write a folder as tar.gz, sorted and as of the newest commit: the same files give the same bytes."""
    moment = wheel.committed_at(ROOT)

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = moment
        member.mode = RUNNABLE if member.isdir() or member.name.endswith(".sh") else READABLE
        return member

    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.add(folder, folder.name, recursive=False, filter=plain)
        for path in sorted(folder.rglob("*")):
            archive.add(path, f"{folder.name}/{path.relative_to(folder)}", recursive=False, filter=plain)


def main() -> int:
    """Make the bundle and say where it is and how it is checked."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where to put it (default: dist/)")
    parser.add_argument(
        "--wheels", type=Path, help="take the locked wheels from this folder, not from a registry"
    )
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    target = args.out / f"{name()}.tar.gz"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name()
        try:
            fill(folder, args.wheels)
        except subprocess.CalledProcessError as error:
            print(
                f"pip could not fetch the locked wheels (status {error.returncode}); see above",
                file=sys.stderr,
            )
            return 1
        pack(folder, target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_name(f"{target.name}.sha256").write_text(f"{digest}  {target.name}\n")
    print(f"{target}  ({target.stat().st_size / 1024**2:.0f} MiB)\nsha256  {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
