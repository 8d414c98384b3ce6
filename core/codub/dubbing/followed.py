"""Clips looked through once: the faces followed in them, what these look like, and how loud the original line is."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from codub.dubbing.memory import media_key
from codub.dubbing.profile import Models
from codub.face.likeness import Looks
from codub.face.reference_choice import Footage
from codub.face.speaking import loudness
from codub.face.track import FaceTrack, ShotFaces, find_faces
from codub.face.track_looks import looks_of_tracks
from codub.media.audio import read_audio
from codub.media.planes import Planes, read_plates
from codub.media.video import Frame, read_frames
from codub.timeline.placed import PlacedClip
from codub.timing import SPEECH_RATE, frame_times

Progress = Callable[[float, str], None]


def clip_frames(clip: PlacedClip) -> Iterator[Frame]:
    """The clip's used frames (H, W, 3) RGB, one after another."""
    return read_frames(clip.media, clip.first_frame, clip.frame_count)


def clip_plates(clip: PlacedClip) -> Iterator[Frame] | Iterator[Planes]:
    """The clip's used frames for looking at parts of them, which is all that faces need."""
    return read_plates(clip.media, clip.first_frame, clip.frame_count)


def footage_key(clip: PlacedClip) -> tuple[object, ...]:
    """The clip's used frames, as its media file is now."""
    return *media_key(clip.media), clip.first_frame, clip.frame_count


def clip_faces(clip: PlacedClip, models: Models, progress: Progress = lambda _fraction, _what: None) -> ShotFaces:
    """The faces followed through the clip's used frames.

    Raises:
        MediaError: the media is missing or does not decode.
    """
    return models.memory.recall(
        ("faces", *footage_key(clip), models.landmarks.name),
        lambda: find_faces(clip_plates(clip), models.landmarks, count=clip.frame_count, progress=progress),
    )


def clip_looks(clip: PlacedClip, models: Models) -> tuple[Looks, ...]:
    """What the faces of the clip look like, in the order of their tracks."""
    return models.memory.recall(
        ("looks", *footage_key(clip), models.landmarks.name),
        lambda: looks_of_tracks(clip_plates(clip), clip_faces(clip, models).tracks),
    )


def clip_loudness(clip: PlacedClip, sound: PlacedClip | None, models: Models) -> NDArray[np.float32] | None:
    """Loudness of the original line in `sound` for each frame of the clip, as `weigh_faces` wants it."""
    if sound is None:
        return None
    return models.memory.recall(
        ("loudness", *footage_key(clip), clip.start, *media_key(sound.media), sound.media_time(clip.start)),
        lambda: _loudness(clip, sound),
    )


def clip_footage(clip: PlacedClip, track: FaceTrack, *, named: bool) -> Footage:
    """A face of the clip as references are chosen from; `named` for clips other than the one that is dubbed."""
    return Footage(partial(clip_plates, clip), track, clip.media.name if named else "", clip.first_frame)


def _loudness(clip: PlacedClip, sound: PlacedClip) -> NDArray[np.float32]:
    samples = read_audio(sound.media, sound.media_time(clip.start), clip.duration, SPEECH_RATE)
    return loudness(samples, SPEECH_RATE, frame_times(0, clip.frame_count, clip.rate))
