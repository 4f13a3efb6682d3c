"""Open ZIP archives, and the formats that are ZIP archives inside, without unpacking more than the limits allow."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from ingest.formats.limits import MAX_MEMBERS, MAX_UNPACKED_BYTES
from ingest.page import UnreadablePage

_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
)


class Budget:
    """What is left of an archive's limits; archives inside it draw on the same."""

    def __init__(self, unpacked: int = MAX_UNPACKED_BYTES, members: int = MAX_MEMBERS) -> None:
        self._unpacked = unpacked
        self._members = members

    def member(self) -> None:
        """Count a file. Raises UnreadablePage when there are too many."""
        self._members -= 1
        if self._members < 0:
            raise UnreadablePage(f"the archive holds more than {MAX_MEMBERS:,} files; unpack it and name the folder")

    def read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        """A file's bytes, never more than the budget allows, whatever size the archive states.

        Raises UnreadablePage when it is broken, encrypted or larger than what is left.
        """
        if info.flag_bits & 1:
            raise UnreadablePage("it is encrypted; unpack it with its password first")
        try:
            with archive.open(info) as stream:
                content = stream.read(self._unpacked + 1)
        except _FAULTS as error:
            raise UnreadablePage(f"it cannot be unpacked: {error}") from None
        self._unpacked -= len(content)
        if self._unpacked < 0:
            self._unpacked = 0
            raise UnreadablePage(f"the archive unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB")
        return content


def opened(content: bytes) -> zipfile.ZipFile:
    """An archive. Names that are not marked as UTF-8 are read as CP949, which Korean Windows writes.

    Raises UnreadablePage when it is none.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(content), metadata_encoding="cp949")
    except UnicodeDecodeError:
        pass
    except _FAULTS as error:
        raise UnreadablePage(f"the archive is broken: {error}") from None
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except _FAULTS as error:
        raise UnreadablePage(f"the archive is broken: {error}") from None


def parts(content: bytes) -> dict[str, bytes]:
    """All files of a document that is an archive, by name; read with the limits, so that nothing larger comes behind.

    Raises UnreadablePage when it is broken, encrypted or too large.
    """
    budget = Budget()
    with opened(content) as archive:
        made: dict[str, bytes] = {}
        for info in archive.infolist():
            budget.member()
            if not info.is_dir():
                made[info.filename] = budget.read(archive, info)
    return made


def members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The files of an archive that a person put there, in order of name."""
    for info in sorted(archive.infolist(), key=lambda info: info.filename):
        path = PurePosixPath(info.filename)
        if not info.is_dir() and path.parts and "__MACOSX" not in path.parts and not path.name.startswith("."):
            yield info


def leaves_archive(name: str) -> bool:
    """Whether a file's name points outside the archive: "../x", "/etc/x", "C:\\x"."""
    path = name.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def xml(content: bytes, name: str) -> etree._Element:
    """The root of an XML part. Entities are refused, nothing is fetched, and the parser's own limits on depth and size
    hold.

    Raises UnreadablePage when it is broken.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadablePage(f"its part {name} is broken: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadablePage(f"its part {name} declares entities, which no release needs")
    return root


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
