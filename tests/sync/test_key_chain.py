"""The chain of ledger keys: followed from any of them, never led astray, never over a compromised one."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import key_chain, lines, signing
from sync.errors import BadSignature, Malformed
from sync.key_chain import KeyCompromised, assemble, follow, introduce, maker, refuse_compromised

ORIGIN = "ledger.test/luan"
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(4)]
RAW = [signing.public_raw(key) for key in KEYS]


def statement(old: int, new: int, *, signer: int | None = None, **changed: object) -> str:
    """Return the statement by which a key introduces another; signer: who signs in its place."""
    said = {
        **key_chain.payload(ORIGIN, before=signing.key_digest(RAW[old]), public=RAW[new], since=5),
        **changed,
    }
    by = old if signer is None else signer
    return signing.sign(KEYS[by], signing.STATEMENT, said, kid=signing.key_id(RAW[by]))


CHAIN = [statement(0, 1), statement(1, 2), statement(2, 3)]


@pytest.mark.parametrize("start", range(4))
def test_from_each_key_the_chain_leads_to_the_newest(start):
    assert follow(RAW[start], CHAIN, origin=ORIGIN) == tuple(RAW[start:])


def test_without_a_statement_a_key_leads_to_itself_alone():
    assert follow(RAW[0], [], origin=ORIGIN) == (RAW[0],)


def test_statements_of_other_kinds_are_passed_over():
    other = signing.sign(KEYS[0], signing.STATEMENT, {"v": 1, "kind": "device"}, kid=signing.key_id(RAW[0]))
    assert follow(RAW[0], [other, *CHAIN], origin=ORIGIN) == tuple(RAW)


def test_a_chain_with_a_gap_ends_there():
    assert follow(RAW[0], [CHAIN[0], CHAIN[2]], origin=ORIGIN) == (RAW[0], RAW[1])


@pytest.mark.parametrize(
    ("spoilt", "kind"),
    [
        (statement(0, 1, signer=2), BadSignature),
        (statement(0, 1, origin="ledger.invalid/luan"), BadSignature),
        (statement(0, 1, v=2), BadSignature),
        (statement(0, 1, since="today"), BadSignature),
        (statement(0, 1, key="none"), Malformed),
        (CHAIN[0][:-4] + "AAAA", BadSignature),
        (statement(0, 1).replace(".", "!"), BadSignature),
    ],
)
def test_a_statement_that_is_not_the_keys_own_is_refused(spoilt, kind):
    with pytest.raises(kind):
        follow(RAW[0], [spoilt], origin=ORIGIN)


def test_a_chain_that_runs_in_a_ring_is_refused():
    with pytest.raises(Malformed):
        follow(RAW[0], [statement(0, 1), statement(1, 0)], origin=ORIGIN)


def test_the_second_of_two_successors_is_not_followed():
    assert follow(RAW[0], [statement(0, 1), statement(0, 2)], origin=ORIGIN) == (RAW[0], RAW[1])


def test_a_chain_with_a_compromised_key_is_refused_and_one_that_begins_behind_it_is_not():
    compromised = [signing.key_digest(RAW[1])]
    for start in (0, 1):
        with pytest.raises(KeyCompromised):
            refuse_compromised(follow(RAW[start], CHAIN, origin=ORIGIN), compromised)
    refuse_compromised(follow(RAW[2], CHAIN, origin=ORIGIN), compromised)


def test_a_statement_is_put_together_again_to_the_byte():
    made = introduce(KEYS[0], ORIGIN, public=RAW[1], since=5)
    assert made == CHAIN[0]
    parts = {"before": signing.key_digest(RAW[0]), "public": RAW[1], "since": 5}
    assert assemble(ORIGIN, **parts, signature=made.rpartition(".")[2]) == made


def test_a_token_is_verified_by_the_key_it_names():
    keys = [key.public_key() for key in KEYS]
    token = signing.sign(KEYS[1], signing.FEED, {}, kid=signing.key_id(RAW[1]))
    assert signing.public_raw(maker(token, signing.FEED, keys)) == RAW[1]
    unknown = signing.sign(KEYS[1], signing.FEED, {}, kid=lines.digest(b"x")[:16])
    assert signing.public_raw(maker(unknown, signing.FEED, keys)) == RAW[-1]
