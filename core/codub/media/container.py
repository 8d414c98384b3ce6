"""Opens media files: local ones only, never a playlist, and every failure as a `MediaError`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codub.errors import MediaError

if TYPE_CHECKING:
    from av.container import InputContainer

# What may be opened. Playlists (hls, dash, concat, imf) and picture sequences read other files: they are left out.
_DEMUXERS = (
    "mov,matroska,webm,avi,mxf,mpegts,mpeg,mpegvideo,h264,hevc,dv,gxf,flv,nut,asf,yuv4mpegpipe,"
    "wav,w64,aiff,caf,flac,ogg,mp3,aac,ac3,eac3,dts,amr"
)
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: "C:" is a drive


@contextmanager
def open_media(path: Path | str) -> Iterator["InputContainer"]:
    """A PyAV container of the local file `path`; decoding errors inside the block become `MediaError` too.

    Raises:
        MediaError: the path is an address, a playlist, missing, not media, or breaks while it is read.
    """
    import av

    location = require_local(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _DEMUXERS}
    try:
        container = av.open(f"file:{location}", options=options)
    except av.FFmpegError as error:
        raise MediaError(
            f"The media file '{path}' cannot be opened.",
            cause=f"It is not a film or sound file that codub reads ({_reason(error)}).",
            fix="Check that it plays elsewhere; playlists and picture sequences must become one file first.",
        ) from error
    with container:
        try:
            yield container
        except av.FFmpegError as error:
            raise MediaError(
                f"The media file '{path}' breaks while it is read.",
                cause=f"{_reason(error).capitalize()}.",
                fix="Copy it again from its source, or relink the clip.",
            ) from error


def require_local(path: Path | str) -> Path:
    """The absolute path of an existing local file.

    Raises:
        MediaError: an address such as `https://...`, a folder, or a file that is not there.
    """
    location = Path(path)
    if location.is_file():
        return location.absolute()
    if _URL.match(str(path)):
        raise MediaError(
            f"'{path}' is not a local file.",
            cause="codub opens files of this machine only.",
            fix="Copy the media here and relink the clip.",
        )
    cause = "It is a folder." if location.is_dir() else "It does not exist."
    raise MediaError(f"The media file '{path}' is missing.", cause=cause, fix="Relink the clip.")


def _reason(error: Any) -> str:
    return str(getattr(error, "strerror", "") or error)
