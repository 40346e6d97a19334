"""`python -m mobile_stub`."""

import sys

from mobile_stub.cli import main

if __name__ == "__main__":
    sys.exit(main())
