"""`python -m schemas.vectors --write` renews the vectors, `--check` says which are not what the code makes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.vectors.subjects import FOLDER, texts


def stale(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Return the paths of files that are missing, too many, or other than `wanted`."""
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    different = {
        name
        for name, text in wanted.items()
        if name not in present or (folder / name).read_text("utf-8") != text
    }
    return sorted(different | (present - wanted.keys()))


def write(folder: Path) -> list[str]:
    """Bring the folder to what the code makes, and return the paths of the files that changed."""
    wanted = texts(folder)
    changed = stale(folder, wanted)
    for name in changed:
        path = folder / name
        if name not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(wanted[name], "utf-8")
    return changed


def main(words: Sequence[str]) -> int:
    """Run the command; return its exit status: 1 where --check finds something."""
    parser = argparse.ArgumentParser(prog="python -m schemas.vectors", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="renew what is not what the code makes")
    what.add_argument("--check", action="store_true", help="name it, and change nothing")
    asked = parser.parse_args(words)
    found = write(FOLDER) if asked.write else stale(FOLDER, texts(FOLDER))
    sys.stdout.write("".join(f"{name}\n" for name in found))
    return 1 if found and asked.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
