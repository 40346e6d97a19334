"""What programs send to act on a case, its notice, its report and a request for more time."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.records.notice import SERVICE_METHODS
from schemas.records.rectification_case import CALLS_BACK, FAILINGS, LOOKS_BACK, RETURNS
from schemas.records.rectification_report import MEASURES, VERDICTS
from schemas.values import DIGEST, TEXT_CHARS_MAX, UUID, Matching, WholeNumber
from schemas.wire.parts import Strict, whole
from server.api.bodies import assertion
from server.casework.confirm import WORKING_DAYS_MAX
from server.casework.extending import GRANT, REFUSE
from server.casework.notices import TYPES
from server.casework.paper_reports import PLACE_CHARS_MAX, SCANS_MAX
from server.casework.reports import WORDS_CHARS_MAX as ANSWER_CHARS_MAX
from server.casework.serving import NAME_CHARS_MAX
from server.casework.verifying import RETURNED_DAYS, WORDS_CHARS_MAX

FINDINGS_MAX = 200
ARTICLES_MAX = 50
CODE_CHARS_MAX = 64


def _id() -> fields.String:
    return fields.String(validate=Matching(UUID, "an id is a lower-case UUID"))


def _words(*, required: bool = False) -> fields.String:
    return fields.String(required=required, validate=validate.Length(1, WORDS_CHARS_MAX))


def _digests(least: int, *, required: bool = False) -> fields.List[str]:
    each = fields.String(validate=Matching(DIGEST, "64 hexadecimal digits"))
    return fields.List(each, required=required, validate=validate.Length(least, SCANS_MAX))


def _term(usual: int | None = None) -> WholeNumber:
    within = validate.Range(1, WORKING_DAYS_MAX)
    return (
        WholeNumber(required=True, validate=within)
        if usual is None
        else WholeNumber(load_default=usual, validate=within)
    )


class VersionBody(Strict):
    """A step on exactly one version."""

    version = whole(required=True)


class WordingBody(Strict):
    """POST /api/notices/<id>/change: what a draft says from now on."""

    version = whole(required=True)
    type = fields.String(load_default=TYPES[0], validate=validate.OneOf(list(TYPES)))
    facts = fields.String(required=True, validate=validate.Length(1, TEXT_CHARS_MAX))
    demands = fields.String(required=True, validate=validate.Length(1, TEXT_CHARS_MAX))
    working_days = _term()
    legal_basis = fields.List(
        fields.String(validate=validate.Length(1, CODE_CHARS_MAX)), validate=validate.Length(0, ARTICLES_MAX)
    )
    legal_basis_on = fields.Date()


class DraftBody(Strict):
    """POST /api/cases/<id>/notices. version: of the case; replaces: a notice that was signed off already."""

    version = whole(required=True)
    replaces = _id()


class IssueBody(Strict):
    """POST /api/notices/<id>/issue. document: the digest of its paper."""

    version = whole(required=True)
    document = fields.String(validate=Matching(DIGEST, "64 hexadecimal digits"))


class ServeBody(Strict):
    """POST /api/notices/<id>/serve. slip: the evidence that is the signed slip; receipt: else, a scan's digest."""

    version = whole(required=True)
    method = fields.String(required=True, validate=validate.OneOf(list(SERVICE_METHODS)))
    served_on = fields.Date(required=True)
    received_by = fields.String(validate=validate.Length(1, NAME_CHARS_MAX))
    witness = fields.String(validate=validate.Length(1, NAME_CHARS_MAX))
    receipt = fields.String(validate=Matching(DIGEST, "64 hexadecimal digits"))
    slip = _id()


class VerdictBody(Strict):
    """What was found of the answer to one finding; words are wanted unless it is met."""

    finding = fields.String(required=True, validate=Matching(UUID, "an id is a lower-case UUID"))
    verdict = fields.String(required=True, validate=validate.OneOf(list(VERDICTS)))
    words = _words()


class VerifyBody(Strict):
    """POST /api/cases/<id>/verify: a verdict for every finding."""

    version = whole(required=True)
    verdicts = fields.List(
        fields.Nested(VerdictBody), required=True, validate=validate.Length(1, FINDINGS_MAX)
    )
    failings = fields.List(
        fields.String(validate=validate.OneOf(list(FAILINGS))), validate=validate.Length(0, len(FAILINGS))
    )
    money_settled = fields.Boolean(load_default=False)
    assertion = assertion()


class PaperAnswerBody(Strict):
    """What a report on paper says to one finding. proof: digests among its scans, wanted for what is corrected"""

    finding = fields.String(required=True, validate=Matching(UUID, "an id is a lower-case UUID"))
    measure = fields.String(required=True, validate=validate.OneOf(list(MEASURES)))
    words = fields.String(required=True, validate=validate.Length(1, ANSWER_CHARS_MAX))
    done_on = fields.Date()
    proof = _digests(0)


class PaperReportBody(Strict):
    """POST /api/cases/<id>/report: a report that came on paper.

    version: of the case; scans: SHA-256 of the scanned pages; place: where the paper lies
    instead: it takes the place of a draft that was begun in the portal
    """

    version = whole(required=True)
    handed_in_by = fields.String(required=True, validate=validate.Length(1, NAME_CHARS_MAX))
    handed_in_on = fields.Date(required=True)
    place = fields.String(required=True, validate=validate.Length(1, PLACE_CHARS_MAX))
    scans = _digests(1, required=True)
    answers = fields.List(
        fields.Nested(PaperAnswerBody), required=True, validate=validate.Length(1, FINDINGS_MAX)
    )
    instead = fields.Boolean(load_default=False)


class ReturnBody(Strict):
    """POST /api/cases/<id>/return. working_days: of the further term, from today."""

    version = whole(required=True)
    code = fields.String(required=True, validate=validate.OneOf(list(RETURNS)))
    words = _words()
    working_days = _term(RETURNED_DAYS)


class CloseBody(Strict):
    """POST /api/cases/<id>/close."""

    version = whole(required=True)
    look_back_on = fields.Date(required=True)
    assertion = assertion()


class CallBackBody(Strict):
    """POST /api/cases/<id>/call-back."""

    version = whole(required=True)
    on = fields.Date(required=True)
    result = fields.String(required=True, validate=validate.OneOf(list(CALLS_BACK)))


class LookBackBody(Strict):
    """POST /api/cases/<id>/look-back."""

    version = whole(required=True)
    on = fields.Date(required=True)
    result = fields.String(required=True, validate=validate.OneOf(list(LOOKS_BACK)))


class ReopenBody(Strict):
    """POST /api/cases/<id>/reopen. working_days: of the further term, from today."""

    version = whole(required=True)
    words = _words(required=True)
    working_days = _term(RETURNED_DAYS)


class DecideExtensionBody(Strict):
    """POST /api/extensions/<id>/decide. working_days: wanted for a grant; words: wanted for a refusal."""

    version = whole(required=True)
    act = fields.String(required=True, validate=validate.OneOf([GRANT, REFUSE]))
    working_days = WholeNumber(load_default=0, validate=validate.Range(0, WORKING_DAYS_MAX))
    words = _words()
