"""Mutants that no test notices, each with the reason why none can: keyed by module, function, and the change itself."""

from __future__ import annotations

Change = tuple[str, str, str, str]
"""Module, function, the line as it is, the line as the mutant has it."""

ALIAS = "ASCII and ascii are two names of one codec."
LENGTHS = "The lengths were compared just before, so there is nothing for `strict` to find."
SIGNATURE = (
    "Ed25519 refuses a signature of another length in the same words; its length is asked first for clarity."
)
ZIPPED = "for n, (entry, digest) in enumerate(zip(entries, expected.changes, {}):"
SIGNED = "return f\"{{signed}}.{{lines.b64u(key.sign(signed.encode('{}')))}}\""
CHECKED = 'key.verify(lines.unb64u(signature, {}), signed.encode("{}"))'
REASONS: dict[Change, str] = {
    **{
        ("receipt", "_entries", ZIPPED.format("strict=True)"), ZIPPED.format(other)): LENGTHS
        for other in ("strict=None)", ")", "strict=False)")
    },
    ("signing", "sign", SIGNED.format("ascii"), SIGNED.format("ASCII")): ALIAS,
    ("signing", "verify", CHECKED.format("length=64", "ascii"), CHECKED.format("length=64", "ASCII")): ALIAS,
    (
        "signing",
        "verify",
        CHECKED.format("length=64", "ascii"),
        CHECKED.format("length=None", "ascii"),
    ): SIGNATURE,
    ("signing", "verify", CHECKED.format("length=64", "ascii"), CHECKED.format("", "ascii")): SIGNATURE,
}
