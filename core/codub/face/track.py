"""Faces followed through the frames of a shot, one `FaceTrack` a face; pictures are looked at once and let go."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codub.face.crop import CropTransform, Plate, extract, lower_face_of_eyes
from codub.face.cuts import MovingPicture
from codub.face.detect import overlap
from codub.face.hidden import CELLS, HiddenParts, hidden_parts
from codub.face.landmarks import FaceLandmarks, LandmarkSource
from codub.face.spool import Rows, Spool, picked
from codub.face.steady import steady_eyes, steady_outlines

DETECT_EVERY = 5  # frames between looks for new faces while others are followed
TILES_EVERY = 5  # frames between thorough looks while there is no face at all
LOST_AFTER = 12  # frames a lost face is waited for
SAME_FACE = 0.3  # overlap of boxes above which a found face is a followed one
SMALL_PICTURE = np.dtype((np.uint8, (CELLS, CELLS, 3)))  # of the lower face, kept of each frame for seeing hands

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class FaceTrack:
    """One face over the consecutive frames first, first + 1, ... of a shot; N of them.

    found       bool (N,): false where the face was lost for some frames between two others
    transforms  float64 (N, 2, 3): smoothed, plate pixels to the lower-face crop (`CropTransform.matrix`)
    outlines    float32 (N, R, 2): smoothed, temple, jaw, chin, jaw, temple in plate pixels
    openings    float32 (N,): the original mouth's opening over the distance of the eyes
    widths      float32 (N,): the distance of its corners over that of the eyes
    yaws        float32 (N,) degrees; 0 frontal
    confidence  float32 (N,) 0..1; 0 where not found
    thumbnails  uint8 (N, 16, 16, 3): the lower face, tiny; an array or, since they are most of a track, a `Spool`
    cut_before  the face appears with a cut or with the shot's first frame, not in the middle of a picture
    cut_after   it goes with a cut or with the shot's last frame
    """

    identity: int
    first: int
    found: NDArray[np.bool_]
    transforms: NDArray[np.float64]
    outlines: NDArray[np.float32]
    openings: NDArray[np.float32]
    widths: NDArray[np.float32]
    yaws: NDArray[np.float32]
    confidence: NDArray[np.float32]
    thumbnails: Rows
    cut_before: bool = False
    cut_after: bool = False

    def __len__(self) -> int:
        return len(self.found)

    @property
    def end(self) -> int:
        """The frame after the last one."""
        return self.first + len(self)

    def transform(self, frame: int) -> CropTransform:
        """The crop of frame number `frame` of the shot, which must lie in the track."""
        return CropTransform(self.transforms[frame - self.first])

    @cached_property
    def hidden(self) -> HiddenParts:
        """What something covers of the face in single frames."""
        return hidden_parts(self.thumbnails, self.found)

    def sides(self) -> NDArray[np.float64]:
        """Side of the crop in plate pixels, (N,)."""
        return np.asarray(1 / np.sqrt(np.abs(np.linalg.det(self.transforms[:, :, :2]))))


@dataclass(frozen=True)
class ShotFaces:
    """All tracks of a shot of `frames` frames of size (H, W), the longest first; `source` named them."""

    frames: int
    size: tuple[int, int]
    tracks: tuple[FaceTrack, ...]
    cuts: tuple[int, ...] = ()
    source: str = ""


@dataclass
class _Open:
    """A track that is being followed: what is known of the frames in which its face was found, and which these are."""

    first: int
    seen: Spool
    thumbnails: Spool = field(default_factory=lambda: Spool(SMALL_PICTURE))
    found: bytearray = field(default_factory=bytearray)
    last: FaceLandmarks | None = None
    crop: NDArray[np.uint8] | None = None
    lost: int = 0

    def add(self, face: FaceLandmarks, crop: NDArray[np.uint8]) -> None:
        """One frame more; `crop` is the face's thumbnail there."""
        row = face.eyes, face.stable, face.outline, face.opening, face.width, face.yaw, face.confidence
        self.seen.append(np.array(row, _seen_kind(face)))
        self.thumbnails.append(crop)
        self.found.append(True)
        self.last, self.crop, self.lost = face, crop, 0

    def miss(self) -> None:
        self.found.append(False)
        self.lost += 1


def _seen_kind(face: FaceLandmarks) -> np.dtype[Any]:
    """What is kept of a face like this one in each frame, all but its thumbnail."""
    points = [("eyes", "f8", (2, 2)), ("stable", "f4", face.stable.shape), ("outline", "f4", face.outline.shape)]
    return np.dtype([*points, *((name, "f4") for name in ("opening", "width", "yaw", "confidence"))])


def find_faces(
    frames: Iterable[Plate],
    source: LandmarkSource,
    *,
    count: int | None = None,
    progress: Progress = lambda fraction, what: None,
) -> ShotFaces:
    """Every face of a shot followed through its frames (H, W, 3) RGB; `count` is only for the progress."""
    tracker = _Tracker(source)
    for number, frame in enumerate(frames):
        tracker.look(number, frame)
        if count:
            progress(min(1.0, (number + 1) / count), "following faces")
    return tracker.finish()


class _Tracker:
    def __init__(self, source: LandmarkSource) -> None:
        self._source = source
        self._open: list[_Open] = []
        self._closed: list[_Open] = []
        self._cuts: list[int] = []
        self._picture = MovingPicture()
        self._frames = 0
        self._size = (0, 0)

    def look(self, number: int, frame: Plate) -> None:
        self._frames, self._size = number + 1, (frame.shape[0], frame.shape[1])
        if self._picture.cuts_to(frame):
            self._cut(number, self._open)
        waiting = [track for track in self._open if not self._follow(number, track, frame)]
        followed = len(self._open) - len(waiting)
        lost_just_now = any(track.lost == 0 for track in waiting)
        fresh_cut = bool(self._cuts) and self._cuts[-1] == number
        if not followed or lost_just_now or fresh_cut or number % DETECT_EVERY == 0:
            waiting = self._detect(number, frame, waiting, thorough=not followed and number % TILES_EVERY == 0)
        for track in waiting:
            track.miss()
        self._close([track for track in self._open if track.lost > LOST_AFTER])

    def finish(self) -> ShotFaces:
        self._close(self._open)
        edges = {0, *self._cuts, self._frames}
        tracks = [t for t in (_finished(i, o, edges) for i, o in enumerate(self._closed)) if t is not None]
        tracks.sort(key=lambda t: (-int(t.found.sum()), t.first))
        return ShotFaces(self._frames, self._size, tuple(tracks), tuple(self._cuts), self._source.name)

    def _cut(self, number: int, tracks: list[_Open]) -> None:
        if number not in self._cuts[-1:]:
            self._cuts.append(number)
        self._close(tracks)

    def _follow(self, number: int, track: _Open, frame: Plate) -> bool:
        """Whether nobody has to look for the track's face: it was followed, or a cut ended it."""
        if track.last is None or track.lost:
            return False
        face = self._source.follow(frame, track.last)
        if face is None or self._taken(face, but=track, grown=len(track.found)):
            return False
        crop, before = _thumbnail(frame, face), track.crop
        then, now = (lower_face_of_eyes(*each.eyes) for each in (track.last, face))
        assert before is not None
        if self._picture.is_another(then, now, before, crop):
            self._cut(number, [track])
        else:
            track.add(face, crop)
        return True

    def _taken(self, face: FaceLandmarks, *, but: _Open, grown: int) -> bool:
        """Whether an older track already stands on this face: two must not slide onto one."""
        return any(
            other is not but and len(other.found) > grown and other.last and overlap(face.box, other.last.box) > 0.6
            for other in self._open
        )

    def _detect(self, number: int, frame: Plate, waiting: list[_Open], *, thorough: bool) -> list[_Open]:
        """Tracks that still wait after the detector's look; new faces become new tracks."""
        known = [t.last for t in self._open if t not in waiting and t.last]
        for face in self._source.find(frame, thorough=thorough, known=known):
            if any(t not in waiting and t.last and overlap(face.box, t.last.box) > SAME_FACE for t in self._open):
                continue
            again = [t for t in waiting if t.last and overlap(face.box, t.last.box) > SAME_FACE]
            if again:
                best = max(again, key=lambda t: overlap(face.box, t.last.box) if t.last else 0.0)
                waiting = [t for t in waiting if t is not best]
                best.add(face, _thumbnail(frame, face))
                continue
            track = _Open(number, Spool(_seen_kind(face)))
            track.add(face, _thumbnail(frame, face))
            self._open.append(track)
        return waiting

    def _close(self, tracks: list[_Open]) -> None:
        self._closed += tracks
        self._open = [t for t in self._open if not any(t is c for c in tracks)]


def _thumbnail(frame: Plate, face: FaceLandmarks) -> NDArray[np.uint8]:
    return extract(frame, lower_face_of_eyes(*face.eyes), CELLS)


def _finished(identity: int, track: _Open, edges: set[int]) -> FaceTrack | None:
    """The track without its lost end, smoothed; None when it held for a moment only. `edges`: first frames of cuts."""
    length = len(track.found) - track.lost
    found = np.frombuffer(track.found, np.bool_)[:length].copy()
    if found.sum() < 3:
        return None
    rows = np.cumsum(found)[_nearest(found)] - 1
    yaws = _field(track.seen, "yaw", rows)
    eyes = steady_eyes(_field(track.seen, "stable", rows), _field(track.seen, "eyes", rows), found, yaws)
    transforms = np.stack([lower_face_of_eyes(*pair).matrix for pair in eyes])
    return FaceTrack(
        identity=identity,
        first=track.first,
        found=found,
        transforms=transforms,
        outlines=steady_outlines(_field(track.seen, "outline", rows), transforms),
        openings=_field(track.seen, "opening", rows),
        widths=_field(track.seen, "width", rows),
        yaws=yaws,
        confidence=_field(track.seen, "confidence", rows) * found,
        thumbnails=_filled(track.thumbnails, rows),
        cut_before=track.first in edges,
        cut_after=track.first + length in edges,
    )


def _nearest(found: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each frame the nearest one that was found, (N,)."""
    places = np.flatnonzero(found)
    middles = (places[1:] + places[:-1] + 1) // 2
    return places[np.searchsorted(middles, np.arange(len(found)), side="right")]


def _field(seen: Spool, name: str, rows: NDArray[np.intp]) -> NDArray[Any]:
    """One field of the rows of all N frames, (N, ...)."""
    whole: NDArray[Any] | None = None
    for part, values in picked(seen, rows):
        if whole is None:
            whole = np.empty((len(rows), *values[name].shape[1:]), values[name].dtype)
        whole[part] = values[name]
    assert whole is not None
    return whole


def _filled(thumbnails: Spool, rows: NDArray[np.intp]) -> Spool:
    """The thumbnails of all N frames."""
    if len(rows) == len(thumbnails):
        return thumbnails
    filled = Spool(SMALL_PICTURE)
    for _, pictures in picked(thumbnails, rows):
        for picture in pictures:
            filled.append(picture)
    return filled
