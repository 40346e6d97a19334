"""`python -m schemas`: print what is derived from the declarations, write it to its files, or check them.

Without an option it prints the page; `--write` writes docs/records.md and the phone app's records.json;
`--check` ends with 1 and names the files that are not what the declarations say.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from schemas.describe import form, markdown
from schemas.records import TYPES

ROOT = Path(__file__).resolve().parents[1]
PAGE, FORMS = Path("docs/records.md"), Path("mobile_stub/pwa/generated/records.json")


def derived() -> dict[Path, str]:
    """Return what each generated file must hold, by its path under the project's root."""
    known = [TYPES[name] for name in sorted(TYPES)]
    forms = {kind.name: form(kind) for kind in known if kind.synced}
    return {PAGE: markdown(known), FORMS: json.dumps(forms, ensure_ascii=False, indent=1) + "\n"}


def stale(root: Path) -> list[Path]:
    """Return the generated files under a root that are missing or not what the declarations say."""
    return [
        path
        for path, text in derived().items()
        if not (root / path).is_file() or (root / path).read_text("utf-8") != text
    ]


def write(root: Path) -> None:
    """Write the generated files under a root."""
    for path, text in derived().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m schemas", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the generated files")
    parser.add_argument("--check", action="store_true", help="name the files that are not fresh")
    chosen = parser.parse_args(arguments)
    if chosen.write:
        write(root)
    elif chosen.check:
        for path in stale(root):
            sys.stderr.write(f"{path} is not what the declarations say: run `python -m schemas --write`\n")
        return 1 if stale(root) else 0
    else:
        sys.stdout.write(derived()[PAGE])
    return 0


if __name__ == "__main__":
    sys.exit(main())
