"""Media links of a timeline, which is untrusted input: where a URL may lead, and how a file is written as a URL."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from codub.errors import MediaError, ProjectError

_PICTURES = (".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".avi", ".mpg", ".mpeg", ".mts", ".webm")
_SOUNDS = (".wav", ".aif", ".aiff", ".flac", ".m4a", ".mp3")
_DRIVE = re.compile(r"^/?[A-Za-z]:[/\\]")


@dataclass(frozen=True)
class MediaFolders:
    """The folder that relative links count from, and every folder that links may lead into (`base` is one).

    `relinked` says where the user found media that is not where the timeline says, by its name as `named` has it.
    """

    base: Path
    allowed: tuple[Path, ...]
    relinked: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def of(
        cls, base: Path, allow_media: Sequence[Path] = (), relinked: Mapping[str, Path] | None = None
    ) -> "MediaFolders":
        """`base` and the folders that the user named, free of links and `..`."""
        allowed = tuple(dict.fromkeys(folder.resolve() for folder in (base, *allow_media)))
        return cls(base.resolve(), allowed, relinked or {})

    def named(self, url: str) -> str:
        """Where a URL says that its file lies, whether it does or not; the URL itself where it names no path."""
        try:
            return os.path.normpath(self.base / Path(unquote(str(_path_of(url)))))
        except ProjectError:
            return url

    def locate(self, url: str) -> Path:
        """The file that a media URL names, links followed.

        Raises:
            ProjectError: the URL is of a scheme other than `file`, or leads out of the allowed folders.
            MediaError: there is no such file.
        """
        found = self.relinked.get(self.named(url)) if self.relinked else None
        if found is not None and found.is_file():
            return found.resolve()  # the user chose this very file
        named = _path_of(url)
        candidates = [self.base / named] if not named.is_absolute() else [named]
        if "%" in url:  # some programs escape relative paths, some do not
            candidates.append(self.base / Path(unquote(str(named))))
        for candidate in candidates:
            path = self._confined(candidate, url)
            if path.is_file():
                return path
        raise MediaError(
            f"The media file '{candidates[-1]}' does not exist.",
            fix="Put it there, or link the clip again in the editor.",
        )

    def find(self, name: str) -> Path | None:
        """The only media file of a clip's name, with or without an ending, in the folders or in `media` below them.

        Editors' lists (EDL) name clips and no files.
        """
        chosen = self.relinked.get(name)
        if chosen is not None and chosen.is_file():
            return chosen.resolve()
        if not name or Path(name).name != name:
            return None
        found = set()
        for folder in (place for allowed in self.allowed for place in (allowed, allowed / "media")):
            if folder.is_dir():
                found |= {file for file in folder.iterdir() if name in (file.name, file.stem) and _is_media(file)}
        confined = {self._confined(file, file.name) for file in found}
        return confined.pop() if len(confined) == 1 else None

    def _confined(self, candidate: Path, url: str) -> Path:
        try:
            path = candidate.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise ProjectError(f"The media link {url!r} is no path.", cause=str(error)) from error
        if not any(path.is_relative_to(folder) for folder in self.allowed):
            raise ProjectError(
                f"The media link {url!r} leads to '{path}'.",
                cause="That is outside the project's folder.",
                fix=f"If you trust it, allow its folder: --media-folder '{path.parent}'",
            )
        return path


def media_url(file: Path, folder: Path) -> str:
    """URL for a file as a timeline in `folder` should name it: relative when it lies below, else `file://`."""
    path = file.resolve()
    try:
        return quote(path.relative_to(folder.resolve()).as_posix())
    except ValueError:
        return path.as_uri()


def is_relative(url: str) -> bool:
    """Whether a URL counts from the timeline's folder."""
    return not urlsplit(url).scheme and not _DRIVE.match(url) and not url.startswith(("/", "\\"))


def _is_media(file: Path) -> bool:
    return file.suffix.lower() in (*_PICTURES, *_SOUNDS) and file.is_file()


def _path_of(url: str) -> Path:
    if not url or "\0" in url:
        raise ProjectError(f"The media link {url!r} names no file.")
    if _DRIVE.match(url):
        return Path(url.lstrip("/"))
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ProjectError(f"The media link {url!r} is no URL.", cause=str(error)) from error
    if not parts.scheme:
        return Path(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise ProjectError(
            f"The media link {url!r} is not a file on this machine.",
            cause="codub opens no network address.",
            fix="Copy the media beside the timeline and link the clip again.",
        )
    path = unquote(parts.path)
    return Path(path.lstrip("/") if _DRIVE.match(path) else path)
