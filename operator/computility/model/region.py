"""Regions, as ISO 3166-2 names them."""

from typing import Annotated

from msgspec import Meta

Region = Annotated[str, Meta(max_length=6, pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}\Z")]
