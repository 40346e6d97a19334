"""Change-sets of every released schema lead where they always led: the same verdicts, the same records."""

from __future__ import annotations

import pytest

from schemas import upcasts
from schemas.upcasts import renamed
from sync.outcomes import GRAVEST_FIRST
from tests.corpus import replaying
from tests.corpus.replaying import Story, corpus_file, read, root_of

ROOTS = {1: "f2ebdb9b715919af1860a0d4f1627a9932a54408e681fae36db7519d19125da2"}
"""Over every outcome and record, under the present schema. One that moves without a new schema is a broken promise."""
SCHEMAS = range(upcasts.FIRST, upcasts.SCHEMA_VERSION + 1)


def test_every_schema_has_its_corpus():
    assert sorted(ROOTS) == list(SCHEMAS)
    assert all(corpus_file(schema).exists() for schema in SCHEMAS)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_corpus_leads_to_its_root(schema: int):
    assert root_of(schema) == ROOTS[schema]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_corpus_meets_every_verdict(schema: int):
    told = b"".join(line for story in read(schema) for line in Story(story).steps(story["steps"]))
    assert [verdict for verdict in GRAVEST_FIRST if f'"verdict":"{verdict}"'.encode() not in told] == []


def test_a_schema_without_its_step_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upcasts, "SCHEMA_VERSION", upcasts.SCHEMA_VERSION + 1)
    monkeypatch.setattr(upcasts, "STEPS", {1: renamed("finding", "amount_fen", "nobody_knows")})
    assert root_of(1) != ROOTS[1]


def test_a_frozen_corpus_is_never_written_over():
    before = corpus_file(1).read_bytes()
    with pytest.raises(FileExistsError):
        replaying.write(1, [])
    assert corpus_file(1).read_bytes() == before
