"""The project's own wheel, written by hand: what git tracks of its rooms, and a RECORD; no build backend takes part.

The form is that of the binary distribution format (PyPA, version 1.0). The same files give the same bytes.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import subprocess
import time
import zipfile
from pathlib import Path

ROOMS = ("sync", "schemas", "server", "mobile_stub")
TAG = "py3-none-any"
LEFT_OUT = ("package-lock.json", ".npmrc")


def settings(root: Path) -> configparser.ConfigParser:
    """Return setup.cfg."""
    found = configparser.ConfigParser(interpolation=None)
    found.read(root / "setup.cfg", "utf-8")
    return found


def version(root: Path) -> str:
    """Return the project's version."""
    return settings(root)["metadata"]["version"]


def tracked(root: Path) -> list[str]:
    """Return the names of all files of the rooms that git tracks, sorted."""
    command = ["git", "ls-files", "-z", *ROOMS]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and not name.endswith(LEFT_OUT))


def committed_at(root: Path) -> int:
    """Return the time of the newest commit, in Unix seconds: the time of every file in a bundle."""
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout)


def metadata(root: Path) -> str:
    """Return METADATA, with the requirements of setup.cfg."""
    found = settings(root)
    about, options = found["metadata"], found["options"]
    needs = options["install_requires"].split("\n")
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {about['name']}",
        f"Version: {about['version']}",
        f"Summary: {about['description']}",
        f"License: {about['license']}",
        f"Requires-Python: {options['python_requires']}",
        *(f"Requires-Dist: {need.strip()}" for need in needs if need.strip()),
    ]
    return "\n".join(lines) + "\n"


def make(root: Path, folder: Path) -> Path:
    """Write the wheel into a folder and return its path."""
    found = settings(root)
    name, number = found["metadata"]["name"], found["metadata"]["version"]
    info = f"{name}-{number}.dist-info"
    entry = found["options.entry_points"]["console_scripts"].strip()
    contents = {path: (root / path).read_bytes() for path in tracked(root)}
    contents |= {
        f"{info}/METADATA": metadata(root).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: wardledger\nRoot-Is-Purelib: true\nTag: {TAG}\n".encode(),
        f"{info}/entry_points.txt": f"[console_scripts]\n{entry}\n".encode(),
        f"{info}/LICENSE": (root / "LICENSE").read_bytes(),
    }
    record = "".join(f"{path},{_hash(content)},{len(content)}\n" for path, content in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / f"{name}-{number}-{TAG}.whl"
    moment = time.gmtime(committed_at(root))[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, content in contents.items():
            member = zipfile.ZipInfo(inside, moment)
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return path


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
