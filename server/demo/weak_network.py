"""A network that breaks off in the middle of a file, as a hospital's stairwell does: for simulated phones."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

import httpx

from mobile_stub.transport import TIMEOUT_SECONDS

PIECE_BYTES = 64 * 1024
OFFSET = "upload-offset"


class WeakNetwork(httpx.BaseTransport):
    """Breaks each upload in `to_cut` once, at a share of its bytes; everything else passes as it is.

    to_cut: {cipher digest: share, over 0 and under 1}; went_on: {cipher digest: offset} at which those that were
    cut have been gone on with.
    """

    def __init__(self, under: httpx.BaseTransport | None = None):
        self._under = under or httpx.HTTPTransport()
        self._uploads: dict[str, tuple[str, int]] = {}
        self.to_cut: dict[str, float] = {}
        self.broken: list[str] = []
        self.went_on: dict[str, int] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on; raises httpx.WriteError where the network breaks."""
        digest, size = self._uploads.get(str(request.url), ("", 0))
        if request.method == "PATCH" and digest:
            offset = int(request.headers[OFFSET])
            if digest in self.to_cut:
                request = self._weakened(request, digest, offset, round(self.to_cut[digest] * size))
            elif digest in self.broken:
                self.went_on.setdefault(digest, offset)
        response = self._under.handle_request(request)
        if request.method == "POST" and "upload-metadata" in request.headers:
            self._remember(request, response)
        return response

    def close(self) -> None:
        """Close what lies under it."""
        self._under.close()

    def _remember(self, request: httpx.Request, response: httpx.Response) -> None:
        location = response.headers.get("location")
        if location is None:
            return
        words = dict(pair.strip().split(" ", 1) for pair in request.headers["upload-metadata"].split(","))
        digest = base64.b64decode(words["digest"]).decode("ascii")
        size = int(request.headers["upload-length"])
        self._uploads[urljoin(str(request.url), location)] = (digest, size)

    def _weakened(self, request: httpx.Request, digest: str, offset: int, until: int) -> httpx.Request:
        """Return the request with a body that breaks off at a byte of the file, if that lies in it."""
        assert isinstance(request.stream, httpx.SyncByteStream), "a phone sends its pieces from memory"
        if offset + int(request.headers["content-length"]) <= until:
            return request
        del self.to_cut[digest]
        self.broken.append(digest)
        torn = _Torn(request.stream, max(0, until - offset))
        return httpx.Request(
            request.method, request.url, headers=request.headers, stream=torn, extensions=request.extensions
        )


class _Torn(httpx.SyncByteStream):
    """A body that ends too early, with the error of a connection that is gone."""

    def __init__(self, whole: Iterable[bytes], length: int):
        self._whole, self._length = whole, length

    def __iter__(self) -> Iterator[bytes]:
        left = self._length
        for chunk in self._whole:
            for start in range(0, min(left, len(chunk)), PIECE_BYTES):
                yield chunk[start : min(left, start + PIECE_BYTES)]
            left -= len(chunk)
            if left <= 0:
                break
        raise httpx.WriteError("the network broke off")


def weak_client() -> tuple[httpx.Client, WeakNetwork]:
    """Return a client for a phone, and the network that it goes through."""
    network = WeakNetwork()
    return httpx.Client(transport=network, timeout=TIMEOUT_SECONDS), network
