"""`python -m computility.hub`."""

import sys

from computility.hub.main import main

sys.exit(main())
