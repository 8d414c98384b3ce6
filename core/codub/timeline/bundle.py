"""Bundles (.otioz): checked before anything is unpacked, because an archive may come from anywhere."""

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from codub.errors import ProjectError
from codub.files import replacing

CONTENT = "content.otio"
_LISTED = (CONTENT, "version.txt")
_MEDIA = "media"
MAX_MEMBERS = 100_000
MAX_CONTENT_BYTES = 256 * 2**20
MAX_RATIO = 200  # no camera's or codec's file shrinks so much; a zip bomb does
_RATIO_FLOOR = 2**20  # small text shrinks a lot, and harms nobody
_BLOCK = 2**20


def unpack(path: Path, folder: Path) -> Path:
    """Lays a bundle's timeline and media into `folder` and returns the timeline's path.

    Files that are there already with the same content stay.

    Raises:
        ProjectError: it is no bundle, a member would land outside the folder, or it is a bomb. Nothing is unpacked
            unless every member passes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(archive, path)
            needed = sum(member.file_size for member in members)
            folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folder).free
            if needed > free:
                raise ProjectError(
                    f"The bundle '{path}' does not fit.", cause=f"It needs {needed} bytes and '{folder}' has {free}."
                )
            for member in members:
                _extract(archive, member, folder)
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise ProjectError(f"The bundle '{path}' cannot be read.", cause=str(error)) from error
    return folder / CONTENT


def _checked(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename for member in members]
    if CONTENT not in names:
        raise ProjectError(f"The bundle '{path}' holds no {CONTENT}.")
    if len(members) > MAX_MEMBERS or len(set(names)) < len(names):
        raise ProjectError(f"The bundle '{path}' is refused.", cause="It has too many members, or two of one name.")
    for member in members:
        reason = _objection(member)
        if reason:
            raise ProjectError(f"The bundle '{path}' is refused.", cause=f"Its member {member.filename!r} {reason}.")
    return members


def _objection(member: zipfile.ZipInfo) -> str:
    parts = PurePosixPath(member.filename).parts
    if member.filename not in _LISTED and (len(parts) < 2 or parts[0] != _MEDIA):
        return f"lies outside '{_MEDIA}/'"
    if ".." in parts or any(char in member.filename for char in "\\:\0"):
        return "has a name that may lead out of the folder"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.filename == CONTENT and member.file_size > MAX_CONTENT_BYTES:
        return "is too large for a timeline"
    if member.file_size > max(_RATIO_FLOOR, MAX_RATIO * member.compress_size):
        return "is packed like a bomb"
    return ""


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / member.filename
    if target.is_symlink() or not target.parent.resolve().is_relative_to(folder.resolve()):
        raise ProjectError(f"'{target}' is or follows a link.", cause="A bundle is unpacked into plain folders only.")
    if target.is_file() and target.stat().st_size == member.file_size and _crc(target) == member.CRC:
        return
    with replacing(target) as temporary, archive.open(member) as source, temporary.open("wb") as out:
        shutil.copyfileobj(source, out, _BLOCK)  # zipfile stops at the stated size and checks the CRC


def _crc(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            value = zlib.crc32(block, value)
    return value
