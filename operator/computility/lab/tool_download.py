"""Downloading an official release: checked against its published checksum, given up on in seconds."""

import hashlib
import http.client
import tarfile
import threading
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from computility.lab.tool_specs import Download

REACH_SECONDS = 3.0
READ_SECONDS = 30.0
_BLOCK_BYTES = 1 << 20


class DownloadFailed(Exception):
    """A release could not be had; the message says why."""


@dataclass(slots=True)
class Downloader:
    """Downloads releases; a host that was out of reach once is not tried again."""

    unreachable: set[str] = field(default_factory=set)

    def fetch(self, download: Download, program: Path) -> None:
        """Download a release and put its program at this path, executable.

        Raises:
            DownloadFailed: No answer within REACH_SECONDS, an error on the way, or a wrong checksum.
        """
        checksum = self._checksum(download)
        archive = program.with_name(f"{program.name}.download")
        try:
            digest = _save(download.url, archive)
            if digest != checksum:
                raise DownloadFailed(f"{download.url} has checksum {digest}, published is {checksum}")
            _unpack(archive, download.member, program)
        except (OSError, http.client.HTTPException, tarfile.TarError, KeyError) as error:
            raise DownloadFailed(f"{download.url}: {error}") from error
        finally:
            archive.unlink(missing_ok=True)

    def _checksum(self, download: Download) -> str:
        """Return the published checksum; a small file, so it also tells whether the host is in reach."""
        host = urlsplit(download.checksum_url).netloc
        if host in self.unreachable:
            raise DownloadFailed(f"{host} is out of reach")
        try:
            text = _read_in_time(download.checksum_url)
        except (OSError, http.client.HTTPException) as error:
            self.unreachable.add(host)
            raise DownloadFailed(f"{host} is out of reach: {error}") from error
        return find_checksum(text, urlsplit(download.url).path.rpartition("/")[2])


def find_checksum(text: str, file_name: str) -> str:
    """Return the checksum of a file from a published list, or from a text that is only the checksum.

    Raises:
        DownloadFailed: The list does not have the file.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    for digest, *names in lines:
        if names in ([file_name], [f"*{file_name}"]) or (not names and len(lines) == 1):
            return digest.lower()
    raise DownloadFailed(f"no checksum of {file_name} is published")


def _read_in_time(url: str) -> str:
    """Read a small text within REACH_SECONDS in all: the look-up of a host's name knows no time-out."""
    outcome: list[str | Exception] = []

    def read() -> None:
        try:
            with urllib.request.urlopen(url, timeout=REACH_SECONDS) as answer:  # noqa: S310 - our own https URLs
                outcome.append(answer.read().decode())
        except Exception as error:  # handed over to the thread that waits
            outcome.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(REACH_SECONDS)
    if not outcome:
        raise TimeoutError(f"no answer within {REACH_SECONDS:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _save(url: str, path: Path) -> str:
    """Save what is at a URL and return its SHA-256 in hexadecimal digits."""
    digest = hashlib.sha256()
    with urllib.request.urlopen(url, timeout=READ_SECONDS) as answer, path.open("wb") as file:  # noqa: S310
        while block := answer.read(_BLOCK_BYTES):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _unpack(archive: Path, member: str, program: Path) -> None:
    """Put the program in its place; of an archive only this one member is read, whatever its name says."""
    if not member:
        archive.replace(program)
    else:
        with tarfile.open(archive) as tar:
            content = tar.extractfile(member)
            if content is None:
                raise DownloadFailed(f"{member} in {archive.name} is no file")
            program.write_bytes(content.read())
    program.chmod(0o755)
