"""Pictures round the playhead, decoded in a thread of their own, at the size they are shown: memory stays bounded."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codub.errors import CodubError, MediaError
from codub.media.probe import VideoInfo, probe
from codub.media.video import Frame, decode, to_rgb
from codub_panel.viewing.footage import Reel

if TYPE_CHECKING:
    from av import VideoFrame

MAX_BYTES = 256 * 2**20  # of pictures in memory, both sides together
_MOST = 512  # pictures of a side: a line of 20 s, which then plays from memory
_READ_ON = 48  # pictures that are decoded rather than sought
_BACK = 24  # pictures decoded at once on the way back: decoders only go forwards
_WHOLE_FILE = -1  # the number under which a file's own trouble stands


@dataclass(frozen=True)
class Picture:
    """A frame of a side: RGB uint8 `(height, width, 3)`; `shape` is width and height as shown, in the file's pixels."""

    pixels: Frame
    shape: tuple[float, float]


@dataclass(frozen=True)
class Wanted:
    """Frames in the order in which they will be shown, on which sides, fitting into `size` (width, height in pixels).

    None: in the file's own pixels.
    """

    frames: tuple[int, ...] = ()
    sides: tuple[int, ...] = ()
    size: tuple[int, int] | None = (960, 540)


@dataclass
class _Decoder:
    """A film that is being read: the number of the picture that comes next."""

    path: Path
    number: int
    frames: Iterator["VideoFrame"]
    info: VideoInfo


@dataclass
class _Side:
    reel: Reel
    pictures: dict[int, Picture] = field(default_factory=dict)
    problems: dict[tuple[Path, int], str] = field(default_factory=dict)
    decoder: _Decoder | None = None

    def problem(self, path: Path, number: int) -> str:
        return self.problems.get((path, number)) or self.problems.get((path, _WHOLE_FILE), "")


class FrameBuffer:
    """Never blocks whoever asks: `get` returns what is there, and `ready` is called, by the thread, when more is."""

    def __init__(self, ready: Callable[[], None], max_bytes: int = MAX_BYTES) -> None:
        self._ready = ready
        self._max_bytes = max_bytes
        self._lock = threading.Condition()
        self._sides: list[_Side] = []
        self._wanted = Wanted()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="pictures", daemon=True)
        self._thread.start()

    # Asking; from the interface

    def load(self, reels: Sequence[Reel]) -> None:
        """Have other footage; what was decoded is let go."""
        with self._lock:
            self._sides = [_Side(reel) for reel in reels]
            self._wanted = Wanted()
            self._lock.notify()

    def want(self, wanted: Wanted) -> None:
        """Say what will be shown."""
        with self._lock:
            if wanted.size != self._wanted.size:
                for side in self._sides:
                    side.pictures.clear()
            self._wanted = wanted
            self._evict()
            self._lock.notify()

    def get(self, side: int, frame: int) -> Picture | None:
        """The picture; None where it is not there yet."""
        with self._lock:
            return self._sides[side].pictures.get(frame) if side < len(self._sides) else None

    def problem(self, side: int, frame: int) -> str:
        """Why there is no picture; "" where none is known."""
        with self._lock:
            place = self._sides[side].reel.locate(frame) if side < len(self._sides) else None
            return "" if place is None else self._sides[side].problem(*place)

    @property
    def held_bytes(self) -> int:
        """Bytes of all pictures in memory."""
        with self._lock:
            return sum(picture.pixels.nbytes for side in self._sides for picture in side.pictures.values())

    def close(self) -> None:
        """Stop the thread and wait until it is over."""
        with self._lock:
            self._closed = True
            self._sides = []
            self._lock.notify()
        self._thread.join()

    # Reading; in the thread

    def _work(self) -> None:
        while True:
            with self._lock:
                while (job := self._next_job()) is None and not self._closed:
                    self._lock.wait()
                if job is None or self._closed:
                    return
                wanted = self._affordable()
            self._read(*job, wanted)
            if not self._closed:
                self._ready()

    def _next_job(self) -> tuple[_Side, int, Path, int] | None:
        """Side, frame, its file and number there: the first one that is wanted, missing and possible."""
        wanted = self._affordable()
        for frame in wanted.frames:
            for number in wanted.sides:
                if number >= len(self._sides) or frame in self._sides[number].pictures:
                    continue
                side = self._sides[number]
                place = side.reel.locate(frame)
                if place is not None and not side.problem(*place):
                    return side, frame, *place
        return None

    def _read(self, side: _Side, frame: int, path: Path, number: int, wanted: Wanted) -> None:
        """Decode one picture: the wanted one, or one on the way to it."""
        try:
            decoder = self._decoder(side, frame, path, number, wanted)
            decoded = next(decoder.frames, None)
            there = decoder.number
            if decoded is None:
                raise MediaError(
                    f"'{path.name}' has no picture {number}.",
                    cause=f"It ends after {there} pictures.",
                    fix="Trim the clip to its media, or relink it.",
                )
            decoder.number += 1
            reached = frame - (number - there)
            if reached not in wanted.frames or side.reel.locate(reached) != (path, there):
                return
            shown = _picture(decoded, decoder.info, wanted.size)
        except (CodubError, OSError) as error:
            side.decoder = None
            with self._lock:
                side.problems[path, number] = str(error)
            return
        with self._lock:
            if wanted.size == self._wanted.size:
                side.pictures[reached] = shown
            self._evict()

    def _decoder(self, side: _Side, frame: int, path: Path, number: int, wanted: Wanted) -> _Decoder:
        """The film at a picture from which reading on is the quickest way to the wanted one."""
        decoder = side.decoder
        if decoder is not None and decoder.path == path and decoder.number <= number <= decoder.number + _READ_ON:
            return decoder
        try:
            info = probe(path).require_video()
        except CodubError as error:
            side.problems[path, _WHOLE_FILE] = str(error)
            raise
        start = number
        with self._lock:
            # What is to be seen first is not kept waiting for those before it.
            while frame != wanted.frames[0] and start > 0 and number - start < _BACK:
                before = frame - (number - start) - 1
                missing = before in wanted.frames and before not in side.pictures
                if not missing or side.reel.locate(before) != (path, start - 1):
                    break
                start -= 1
        side.decoder = _Decoder(path, start, decode(path, start), info)
        return side.decoder

    # Memory; with the lock

    def _capacity(self, wanted: Wanted) -> int:
        """Pictures that a side may keep."""
        known = [picture.pixels.nbytes for side in self._sides for picture in side.pictures.values()]
        width, height = wanted.size or (3840, 2160)
        one = max(known, default=3 * width * height)
        return max(2, min(_MOST, self._max_bytes // (one * max(1, len(wanted.sides)))))

    def _affordable(self) -> Wanted:
        """What is wanted, as far as there is memory for it."""
        return replace(self._wanted, frames=self._wanted.frames[: self._capacity(self._wanted)])

    def _evict(self) -> None:
        kept = set(self._affordable().frames)
        for number, side in enumerate(self._sides):
            for frame in list(side.pictures):
                if number not in self._wanted.sides or frame not in kept:
                    del side.pictures[frame]


def _picture(decoded: "VideoFrame", info: VideoInfo, room: tuple[int, int] | None) -> Picture:
    """The frame, no larger than `room`; its samples keep the shape they are stored in."""
    shape = (info.width * float(info.sample_aspect), float(info.height))
    scale = 1.0 if room is None else min(1.0, room[0] / shape[0], room[1] / shape[1])
    size = (max(2, round(info.width * scale)), max(2, round(info.height * scale)))
    # Converted rows may be padded; who paints wants them without.
    return Picture(np.ascontiguousarray(to_rgb(decoded, info, None if scale == 1.0 else size)), shape)
