"""What the tests of the command line share."""

from support.cli import run  # noqa: F401 - a fixture
