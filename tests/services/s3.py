"""An S3-compatible store on loopback, in memory, with a fresh bucket for every test that asks."""

from __future__ import annotations

import itertools
import logging
import warnings
from types import TracebackType
from typing import Any, Self

from tests.services.processes import LOOPBACK

KEY, SECRET, REGION = "demo", "demo-demo", "us-east-1"


class S3Server:
    """moto's S3 in threads of this process; a context manager.

    url: where it answers; any key opens it
    """

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # What its many imports warn of is no fault of ours.
            warnings.simplefilter("ignore")
            from moto.server import ThreadedMotoServer

        # It would tell every request on standard error.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(LOOPBACK, port=0, verbose=False)
        self._names = (f"evidence-{number}" for number in itertools.count(1))
        self.url = ""

    def client(self) -> Any:
        """Return boto3's client, by which a test looks at, or spoils, what lies there."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def new_bucket(self) -> str:
        """Return the name of another empty bucket."""
        name = next(self._names)
        self.client().create_bucket(Bucket=name)
        return name

    def settings(self, bucket: str, prefix: str = "luan") -> dict[str, str]:
        """Return the settings of an installation whose files lie in a bucket."""
        return {
            "WARDLEDGER_FILES_URL": f"s3://{bucket}/{prefix}",
            "WARDLEDGER_S3_ENDPOINT": self.url,
            "WARDLEDGER_S3_REGION": REGION,
            "WARDLEDGER_S3_KEY": KEY,
            "WARDLEDGER_S3_SECRET": SECRET,
        }

    def __enter__(self) -> Self:
        self._server.start()
        self.url = "http://{}:{}".format(*self._server.get_host_and_port())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
