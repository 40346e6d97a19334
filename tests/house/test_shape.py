"""Files and functions stay small enough to be read at once, and say what they promise."""

from __future__ import annotations

from tests.house.rooms import ROOT, house_files, place, sources
from tests.house.shape import functions, javascript_functions, python_functions, undocumented

FUNCTION_LINES_MAX = 50
MODULE_LINES_MAX = 400
# A file with such a name has no subject, so everything ends up in it.
NAMES_FORBIDDEN = {"util", "utils", "helper", "helpers", "manager", "managers", "service"}


def test_no_function_is_longer_than_fifty_lines():
    long = [
        f"{place(path, span.first)} {span.name}: {span.lines} lines"
        for path in sources(".py", ".js", ".mjs")
        for span in functions(path)
        if span.lines > FUNCTION_LINES_MAX
    ]
    assert not long, "too long, split by what they do:\n" + "\n".join(long)


def test_a_function_over_fifty_lines_is_found_in_both_languages():
    body = "\n".join(f"    x = {n}" for n in range(FUNCTION_LINES_MAX))
    (python,) = python_functions(f"def long():\n{body}\n")
    assert python.lines == FUNCTION_LINES_MAX + 1

    script = f"const fine = () => {{ return '}}'; }};\nfunction long(a) {{\n{body}\n}}\nif (a) {{\n}}\n"
    fine, long = javascript_functions(script)
    assert (fine.lines, long.first, long.lines) == (1, 2, FUNCTION_LINES_MAX + 2)


def test_braces_in_texts_comments_and_expressions_do_not_count():
    script = "function a() {\n  // }\n  const b = '}' + `}`; /* } */\n  return /[}/]/.test(b);\n}\n"
    (span,) = javascript_functions(script)
    assert (span.first, span.last) == (1, 5)


def test_no_module_is_longer_than_four_hundred_lines():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources(".py", ".js", ".mjs")}
    long = [f"{place(path)}: {lines} lines" for path, lines in lengths.items() if lines > MODULE_LINES_MAX]
    assert lengths, "no sources were found; the walk is broken"
    assert not long, "too long, split by noun:\n" + "\n".join(long)


def test_no_file_is_named_for_having_no_subject():
    nameless = [
        place(path)
        for path in house_files()
        if {path.name.split(".")[0].lower(), path.parent.name.lower()} & NAMES_FORBIDDEN
    ]
    assert not nameless, "name these for their noun or their one verb: " + ", ".join(nameless)


def test_every_public_function_and_class_of_the_core_says_what_it_promises():
    silent = [
        f"{place(path, span.first)} {span.name}"
        for path in sources(".py", rooms=("sync", "schemas"))
        for span in undocumented(path.read_text("utf-8"))
    ]
    assert not silent, "no docstring:\n" + "\n".join(silent)


def test_a_public_function_without_a_docstring_is_found_and_a_private_one_is_not():
    text = 'def spoken():\n    """Return nothing."""\ndef silent(): ...\ndef _own(): ...\nclass Silent: ...\n'
    assert [span.name for span in undocumented(text)] == ["silent", "Silent"]


def test_every_module_of_the_house_says_what_it_holds():
    silent = [
        place(path) for path in sources(".py") if not path.read_text("utf-8").lstrip().startswith('"""')
    ]
    # Migrations are read through their message, which Alembic keeps as their docstring too.
    assert not silent, "no module docstring: " + ", ".join(silent)


def test_the_test_folders_do_not_hide_the_rooms_they_mirror():
    """`import sync` would find tests/sync if that were a package and tests were none."""
    packages = [place(path) for path in (ROOT / "tests").glob("*/__init__.py")]
    assert not packages, "tests are plain folders, without __init__.py: " + ", ".join(packages)
