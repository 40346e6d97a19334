"""The page of a message's link: reading it tells little, and only the button acknowledges.

The token comes in the fragment; the page's script puts it into the form and asks what it is about. A mail scanner that
fetches the address sends no fragment, and one that runs scripts presses no button. Without scripts the page says what
to do: the characters behind the # can be put into the form by hand.
"""

from __future__ import annotations

from flask import make_response, request
from werkzeug.wrappers import Response

from server.current import services
from server.portal import acknowledging, links
from server.portal.links import LinkExpired, LinkReplaced, LinkUnknown
from server.portal.pages import AckPage
from server.portal.rim import open_blueprint, show
from server.problems import status_of
from sync.errors import BadTransition, VersionChanged

FAULTS = (LinkUnknown, LinkExpired, LinkReplaced)


@open_blueprint.get(links.PATH)
def page() -> str:
    """Show the page; what the link is about stands in its fragment, which does not come here."""
    return show(AckPage())


@open_blueprint.post(links.PATH)
def look() -> Response:
    """Show number, last day and institution of a link, with the button."""
    return _answer(acknowledge=False)


@open_blueprint.post(f"{links.PATH}/confirm")
def confirm() -> Response:
    """Acknowledge; whoever presses twice, or comes again, is told that it is done."""
    return _answer(acknowledge=True)


def _answer(*, acknowledge: bool) -> Response:
    here = services()
    here.rates.check_sign_in(request)
    given = request.form.get("token", "")[: links.TOKEN_CHARS_MAX]
    try:
        seen = links.see(here, given)
        if acknowledge and seen.state == links.READY:
            seen = acknowledged(given)
    except FAULTS as refusal:
        return make_response(show(AckPage(state=refusal.code)), status_of(refusal))
    shown = AckPage(
        state=seen.state, token=given, institution=seen.institution, number=seen.number, due_on=seen.due_on
    )
    return make_response(show(shown))


def acknowledged(given: str) -> links.Seen:
    """Acknowledge by a link and return what stands then; raises the link's refusals, or BadTransition."""
    here = services()
    notice, _ = links.checked(here, given)
    try:
        acknowledging.by_link(here, notice)
    except (VersionChanged, BadTransition):
        # Two pressed at once, or the notice is not served yet: what stands now is the answer.
        seen = links.see(here, given)
        if seen.state != links.DONE:
            raise
        return seen
    return links.see(here, given)
