"""A bundle as a file that a browser saves, for pages and API alike; that it left the server is logged.

It is made whole in an unnamed file of the home before the first byte leaves, so a download never breaks off for a
reason that the server knew, memory stays as it is, and nothing is left over when the process is killed.
"""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Iterator
from typing import IO

from flask import Response

from server.accounts import access_log
from server.documents import bundle, bundle_contents
from server.queries.reading import Reading
from server.storage.room import full_is_refused
from sync.errors import Busy

AT_ONCE = 2
"""Bundles that a process makes at once; each reads thousands of entries."""
RETRY_SECONDS = 20
CHUNK = 256 * 1024
MEDIA = "application/zip"
_seats = threading.BoundedSemaphore(AT_ONCE)


def bundle_answer(look: Reading, kind: str, record: str, *, private: bool) -> Response:
    """Return a bundle of a record, with private lines and originals or without.

    Raises NotFound outside the reader's scope, NotAllowed by his role, TooLarge, Busy while others are made, and
    StorageFull where there is no room to make it.
    """
    contents = bundle_contents.of_reader(look, kind, record, private=private)
    if not _seats.acquire(blocking=False):
        raise Busy(f"{AT_ONCE} bundles are being made at this moment", retry_seconds=RETRY_SECONDS)
    try:
        file = tempfile.TemporaryFile(dir=look.services.config.home)  # noqa: SIM115 - the answer closes it
        try:
            with full_is_refused():
                made = bundle.export_of(look, contents, file)
            act = access_log.EXPORT_PRIVATE if private else access_log.EXPORT_BUNDLE
            access_log.note(look.services, look.user, act, record)
        except BaseException:
            file.close()
            raise
    finally:
        _seats.release()
    answer = Response(_sent(file), content_type=MEDIA)
    answer.call_on_close(file.close)
    answer.headers["Content-Length"] = str(made.size)
    answer.headers["Content-Disposition"] = f'attachment; filename="bundle-{kind}-{record[-12:]}.zip"'
    answer.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(made.digest)).decode()}:"
    return answer


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(CHUNK):
            yield part
