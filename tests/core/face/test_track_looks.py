from collections.abc import Callable

import numpy as np
import pytest
from made_looks import EYES, face

from codub.face.crop import lower_face_of_eyes
from codub.face.likeness import agreement, mean_looks
from codub.face.looks import looks
from codub.face.track import FaceTrack
from codub.face.track_looks import looks_of_tracks


def test_tracks_are_looked_at_where_they_are_frontal(make_track: Callable[..., FaceTrack]) -> None:
    yaws = np.full(10, 30, np.float32)
    yaws[[2, 5, 6]] = 0
    frames = [face(1) if number in (2, 5, 6) else face(2) for number in range(10)]
    (seen,) = looks_of_tracks(frames, [make_track(10, yaws=yaws)])
    assert agreement(seen, looks(face(1), lower_face_of_eyes(*EYES))) == pytest.approx(1, abs=1e-4)
    assert looks_of_tracks(frames, []) == ()
    assert agreement(mean_looks([seen, seen]), seen) == pytest.approx(1, abs=1e-5)
