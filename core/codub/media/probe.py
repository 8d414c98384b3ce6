"""What a media file is: exact rate, counted frames, geometry, colour, sound."""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.media.container import open_media, require_local
from codub.timing import exact_rate

UNSPECIFIED = 2  # "unspecified" among the colour codes of ITU-T H.273
_RANGES = {1: "limited", 2: "full"}
_JITTER = 0.1  # of a frame: timestamps nearer than this to the grid of a rate count as that constant rate


@dataclass(frozen=True)
class ColourTags:
    """Colour as the stream states it; primaries, transfer and matrix are code points of ITU-T H.273."""

    range: str = "unspecified"  # "limited", "full"
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED


@dataclass(frozen=True)
class VideoInfo:
    """One picture stream. Sizes are as shown, that is after `rotation`."""

    rate: Fraction  # frames/s
    frames: int  # counted
    width: int
    height: int
    sample_aspect: Fraction = Fraction(1)
    colour: ColourTags = ColourTags()
    pix_fmt: str = "yuv420p"
    bit_depth: int = 8
    rotation: int = 0  # degrees counterclockwise that a player turns the stored picture; 0, 90, 180 or 270
    interlaced: bool = False
    constant: bool = True  # every frame lies on the grid of `rate`
    start: Fraction = Fraction(0)  # seconds, the container's time of the first frame
    codec: str = ""

    @property
    def duration(self) -> Fraction:
        """Seconds."""
        return self.frames / self.rate


@dataclass(frozen=True)
class AudioInfo:
    """One sound stream."""

    rate: int  # Hz
    channels: int
    layout: str
    duration: Fraction  # seconds, as the container states it
    start: Fraction = Fraction(0)  # seconds, the container's time of the first sample
    codec: str = ""


@dataclass(frozen=True)
class MediaInfo:
    """A media file: its first picture stream and its first sound stream."""

    path: Path
    container: str
    video: VideoInfo | None
    audio: AudioInfo | None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Fraction:
        """The container's time that is second 0 of the clip: the first frame, or the first sample without picture."""
        if self.video is not None:
            return self.video.start
        return self.audio.start if self.audio is not None else Fraction(0)

    def require_video(self) -> VideoInfo:
        """The picture stream.

        Raises:
            MediaError: there is none, or its rate varies.
        """
        if self.video is None:
            raise MediaError(f"'{self.path}' has no picture.", cause="It holds sound only.", fix="Relink the clip.")
        if not self.video.constant:
            raise MediaError(
                f"'{self.path}' has a variable frame rate.",
                cause="Its frames do not lie on an even grid, so a frame number names no moment.",
                fix=f"Convert it to a constant rate: ffmpeg -i IN -fps_mode cfr -r {self.video.rate} OUT",
            )
        return self.video

    def require_audio(self) -> AudioInfo:
        """The sound stream.

        Raises:
            MediaError: there is none.
        """
        if self.audio is None:
            raise MediaError(
                f"'{self.path}' has no sound.",
                cause="No audio stream was found.",
                fix="Link a file with the original sound, or name one.",
            )
        return self.audio


def probe(path: Path | str) -> MediaInfo:
    """Facts about a media file. Frames are counted, never taken from a header; the count is remembered.

    Raises:
        MediaError: the file is missing, not local, unreadable, or holds neither picture nor sound.
    """
    location = require_local(path)
    state = location.stat()
    return _probe(location, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _probe(path: Path, _modified: int, _size: int) -> MediaInfo:
    with open_media(path) as container:
        video = next((s for s in container.streams.video if not _is_cover(s)), None)
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise MediaError(
                f"'{path}' holds neither picture nor sound.", cause="No such stream was found.", fix="Relink the clip."
            )
        audio_info = None if audio is None else _audio_info(container, audio)
        video_info = None if video is None else _video_info(container, video, path)
        tags = {str(k): str(v) for k, v in container.metadata.items()}
        for stream in container.streams:  # a QuickTime file keeps its start timecode with the stream
            if "timecode" in stream.metadata:
                tags.setdefault("timecode", str(stream.metadata["timecode"]))
        return MediaInfo(path, container.format.name, video_info, audio_info, tags)


def _is_cover(stream: Any) -> bool:
    return "attached_pic" in str(stream.disposition)


def _audio_info(container: Any, stream: Any) -> AudioInfo:
    tick = Fraction(stream.time_base)
    start = (stream.start_time or 0) * tick
    if container.format.name in ("mpegts", "mpeg"):  # their stated duration is an estimate, 0.3 s short at times
        duration = _packet_end(container, stream) * tick - start
    elif stream.duration:
        duration = stream.duration * tick
    else:
        duration = Fraction(container.duration or 0, 1_000_000)
    context = stream.codec_context
    return AudioInfo(context.rate, context.channels, context.layout.name, duration, start, context.name)


def _packet_end(container: Any, stream: Any) -> int:
    packets = (p for p in container.demux(stream) if p.pts is not None)
    end = max((p.pts + (p.duration or 0) for p in packets), default=0)
    container.seek(0)
    return end


def _video_info(container: Any, stream: Any, path: Path) -> VideoInfo:
    stated = [r for r in (stream.average_rate, stream.guessed_rate, stream.base_rate) if r]
    tick = Fraction(stream.time_base)
    ticks = _index_ticks(container, stream)
    indexed = ticks is not None
    if ticks is None:
        ticks = _packet_ticks(container, stream)
        container.seek(0)
    frame = next(container.decode(stream), None)
    if frame is None or not len(ticks):
        raise MediaError(
            f"'{path}' has a picture stream without a single frame that can be decoded.",
            cause="The file is empty or cut off.",
            fix="Copy it again from its source, or relink the clip.",
        )
    rate, constant = _rate(ticks, tick, [Fraction(r) for r in stated])
    # An index counts in decoding time; where it was used, the first picture is what the container shows first.
    first = frame.pts if indexed else int(ticks[0])
    turned = frame.rotation % 360 in (90, 270)
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    size = (frame.height, frame.width) if turned else (frame.width, frame.height)
    return VideoInfo(
        rate=rate,
        frames=len(ticks),
        width=size[0],
        height=size[1],
        sample_aspect=1 / aspect if turned else aspect,
        colour=_colour(frame, stream.codec_context),
        pix_fmt=frame.format.name,
        bit_depth=max(c.bits for c in frame.format.components),
        rotation=frame.rotation % 360,
        interlaced=bool(frame.interlaced_frame),
        constant=constant,
        start=first * tick,
        codec=stream.codec_context.name,
    )


def _index_ticks(container: Any, stream: Any) -> NDArray[np.int64] | None:
    """Timestamps of the samples from a QuickTime index, in ticks: no need to read the whole file.

    They are decoding times: as many and as even as the shown ones, though shifted. None where there is no full index,
    or where an edit list hides some samples, whose gap in decoding time is not one in the picture.
    """
    entries = stream.index_entries if container.format.name.startswith("mov") else ()
    if not len(entries) or any(entry.is_discard for entry in entries):
        return None
    return np.sort(np.asarray([entry.timestamp for entry in entries], np.int64))


def _packet_ticks(container: Any, stream: Any) -> NDArray[np.int64]:
    ticks = []
    for packet in container.demux(stream):
        when = packet.pts if packet.pts is not None else packet.dts
        if packet.size and when is not None and not packet.is_discard:
            ticks.append(when)
    return np.sort(np.asarray(ticks, np.int64))


def _rate(ticks: NDArray[np.int64], tick: Fraction, stated: list[Fraction]) -> tuple[Fraction, bool]:
    """The rate on whose grid all timestamps lie, and whether there is one."""
    if len(ticks) < 2:
        return (stated[0] if stated else Fraction(25)), True
    measured = (len(ticks) - 1) / (int(ticks[-1] - ticks[0]) * tick)
    candidates = [exact_rate(float(r)) for r in [*stated, measured]] + stated + [measured]
    for rate in candidates:
        step = float(1 / (rate * tick))
        off = np.abs(ticks - ticks[0] - np.arange(len(ticks)) * step).max()
        if off <= max(1.0, _JITTER * step):
            return rate, True
    return (stated[0] if stated else measured), False


def _colour(frame: Any, context: Any) -> ColourTags:
    stated = _RANGES.get(int(frame.color_range)) or _RANGES.get(int(context.color_range))
    if frame.format.name.startswith("yuvj") or frame.format.is_rgb:
        stated = "full"
    return ColourTags(stated or "unspecified", int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace))
