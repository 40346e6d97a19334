"""Mutation testing: what survived is told with its reason, and the settings name what is really there."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

import pytest

from tests.fuzz import marked
from tests.mutation import __main__ as command
from tests.mutation import workspace
from tests.mutation.survivors import REASONS
from tests.mutation.workspace import ROOT, Mutant

NAMES = {"killed": 1, "timeout": 36, "survived": 0, "unchecked": None}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace in which mutmut has tried five mutants of one module."""
    (tmp_path / "mutants" / "sync").mkdir(parents=True)
    fates = [NAMES["killed"], NAMES["killed"], NAMES["timeout"], NAMES["survived"], NAMES["unchecked"]]
    codes = {f"sync.merkle.x_perfect__mutmut_{n}": code for n, code in enumerate(fates, start=1)}
    told = json.dumps({"exit_code_by_key": codes})
    (tmp_path / "mutants" / "sync" / "merkle.py.meta").write_text(told)
    return tmp_path


def settings(name: str) -> list[str]:
    """Return a list of the settings of mutmut."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return [row for row in parser["mutmut"][name].split("\n") if row]


def test_what_ends_in_a_failure_or_never_ends_was_noticed_and_all_else_was_not(place: Path):
    found = list(workspace.mutants(place))
    assert [mutant.fate for mutant in found] == ["killed", "killed", "timeout", "survived", "unchecked"]
    assert {(mutant.module, mutant.function) for mutant in found} == {("merkle", "perfect")}
    assert command.shares(found) == {"merkle": 0.6}
    assert command.count(found) == [("`sync/merkle.py`", 5, 2, 1, 2, "60.0%")]


def test_a_method_is_named_with_its_class():
    assert (
        Mutant("sync.merkle.xǁCompactRangeǁappend__mutmut_7", "merkle", "killed").function
        == "CompactRange.append"
    )


def test_survivors_are_told_with_their_reasons_and_bars_do_not_break_the_table(tmp_path: Path, monkeypatch):
    path = tmp_path / "reliability.md"
    path.write_text("# Before\n<!-- mutation --><!-- mutation: end -->\nAfter\n")
    one = ("merkle", "perfect", "a | b", "a & b")
    monkeypatch.setitem(REASONS, one, "the same")
    found = [Mutant(f"sync.merkle.x_perfect__mutmut_{n}", "merkle", "survived") for n in (1, 2)]
    command.write(path, found, [one, ("merkle", "perfect", "c", "d")])
    text = path.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\nAfter\n")
    assert "| `merkle.perfect` | `a \\| b` | `a & b` | the same |" in text
    assert "| `merkle.perfect` | `c` | `d` | not explained yet |" in text


def test_a_module_that_was_not_tried_to_the_end_gets_no_figure_and_is_named(tmp_path: Path, place: Path):
    path = tmp_path / "reliability.md"
    path.write_text("<!-- mutation --><!-- mutation: end -->")
    done = [Mutant(f"sync.rights.x_may__mutmut_{n}", "rights", "killed") for n in (1, 2)]
    command.write(path, [*done, *workspace.mutants(place)], [("merkle", "perfect", "c", "d")])
    text = path.read_text()
    assert "| `sync/rights.py` | 2 | 2 | 0 | 0 | 100.0% |" in text
    assert "without a figure: `sync/merkle.py` (1 mutants left)" in text
    assert "merkle.perfect" not in text


def test_a_part_is_written_again_in_its_place_and_nowhere_else(tmp_path: Path):
    path = tmp_path / "x.md"
    path.write_text("a <!-- m -->old<!-- m: end --> b <!-- n --><!-- n: end -->")
    marked.put(path, "m", "new\n")
    marked.put(path, "m", "newer")
    assert path.read_text() == "a <!-- m -->\n\nnewer\n\n<!-- m: end --> b <!-- n --><!-- n: end -->"
    with pytest.raises(ValueError, match="lacks the marks of o"):
        marked.put(path, "o", "x")


def test_a_copy_keeps_what_did_not_change_and_drops_what_is_gone(tmp_path: Path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "copy"
    (source / "sync").mkdir(parents=True)
    (source / "sync" / "a.py").write_text("a")
    (source / "sync" / "b.py").write_text("b")
    monkeypatch.setattr(workspace, "ROOT", source)
    monkeypatch.setattr(workspace, "COPIED", ("sync",))
    workspace.refresh(target)
    before = (target / "sync" / "a.py").stat().st_mtime_ns
    (source / "sync" / "b.py").unlink()
    (source / "sync" / "a.py").touch()
    workspace.refresh(target)
    assert sorted(path.name for path in (target / "sync").iterdir()) == ["a.py"]
    assert (target / "sync" / "a.py").stat().st_mtime_ns == before


def test_new_code_and_new_tests_have_what_survived_tried_again_and_nothing_else(
    place: Path, tmp_path_factory, monkeypatch
):
    source = tmp_path_factory.mktemp("source")
    for name in ("sync/merkle.py", "tests/sync/test_merkle.py"):
        (source / name).parent.mkdir(parents=True)
        (source / name).write_text("x")
    monkeypatch.setattr(workspace, "ROOT", source)
    monkeypatch.setattr(workspace, "COPIED", ("sync", "tests/sync"))
    workspace.refresh(place)
    assert [mutant.fate for mutant in workspace.mutants(place)] == [
        "killed",
        "killed",
        "timeout",
        *["unchecked"] * 2,
    ]
    meta = place / "mutants" / "sync" / "merkle.py.meta"
    meta.write_text(meta.read_text().replace("null", "0", 1))
    workspace.refresh(place)
    assert "survived" in [mutant.fate for mutant in workspace.mutants(place)], "nothing was changed"
    (source / "sync" / "merkle.py").write_text("y")
    workspace.refresh(place)
    assert "survived" not in [mutant.fate for mutant in workspace.mutants(place)]


def test_who_meets_a_function_is_found_anew_where_anything_changed(tmp_path: Path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "copy"
    (source / "sync").mkdir(parents=True)
    (source / "sync" / "a.py").write_text("a")
    monkeypatch.setattr(workspace, "ROOT", source)
    monkeypatch.setattr(workspace, "COPIED", ("sync",))
    workspace.refresh(target)
    known = target / "mutants" / "mutmut-stats.json"
    known.parent.mkdir()
    known.write_text("{}")
    workspace.refresh(target)
    assert known.exists()
    (source / "sync" / "a.py").write_text("b")
    workspace.refresh(target)
    assert not known.exists()


def test_the_settings_name_modules_and_tests_that_there_are():
    for name in (*settings("only_mutate"), *settings("pytest_add_cli_args_test_selection")):
        assert (ROOT / name).is_file(), name


def test_only_words_are_left_out_of_mutation():
    (pattern,) = settings("do_not_mutate_patterns")
    for line in ('    raise BadProof("too long")', '        raise Malformed(f"a line of {size}") from error'):
        assert re.search(pattern, line)
    for line in (
        '    raise BadProof("a", item=x)',
        "    raise WrongLedger",
        "    return x",
        '    x = y("a")',
    ):
        assert not re.search(pattern, line)
