from collections.abc import Callable

import numpy as np
import pytest

from codub.face.speaking import loudness, speaking_faces
from codub.face.track import FaceTrack, ShotFaces
from codub.timing import frame_times

Make = Callable[..., FaceTrack]
COUNT = 75


def syllables(seed: int) -> np.ndarray:
    """Loudness of someone who speaks: random syllables, dB, one value a frame."""
    generator = np.random.default_rng(seed)
    bumps = np.convolve(generator.random(COUNT) < 0.2, np.hanning(7), mode="same")
    return (-50 + 45 * np.clip(bumps, 0, 1)).astype(np.float32)


def mouth(sound: np.ndarray, seed: int = 9) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.02, len(sound))
    return (0.02 + 0.25 * (sound + 50) / 45 + noise).astype(np.float32)


def shot(*tracks: FaceTrack, size: tuple[int, int] = (200, 240)) -> ShotFaces:
    return ShotFaces(COUNT, size, tracks)


def test_face_that_moves_with_the_sound_speaks(make_track: Make) -> None:
    sound = syllables(0)
    speaker = make_track(COUNT, identity=1, openings=mouth(np.roll(sound, 2)))
    other = make_track(COUNT, identity=2, openings=mouth(syllables(5)))
    assert [t.identity for t in speaking_faces(shot(other, speaker), sound)] == [1]
    assert [t.identity for t in speaking_faces(shot(speaker, other), sound)] == [1]


def test_nobody_speaks_when_the_one_face_listens(make_track: Make) -> None:
    still = make_track(COUNT, openings=np.full(COUNT, 0.05, np.float32))
    assert speaking_faces(shot(still), syllables(0)) == ()
    assert speaking_faces(shot(), syllables(0)) == ()


def test_larger_face_without_sound(make_track: Make) -> None:
    near, far = make_track(COUNT, identity=1), make_track(COUNT, identity=2)
    small = far.transforms.copy()
    small[:, :, :2] *= 3
    far = make_track(COUNT, identity=2, transforms=small)
    assert [t.identity for t in speaking_faces(shot(far, near), None)] == [1]


def test_tracks_one_after_another_are_all_taken(make_track: Make) -> None:
    parts = (make_track(40, identity=1), make_track(35, first=40, identity=2))
    assert [t.identity for t in speaking_faces(shot(*parts), None)] == [1, 2]


def test_face_outside_the_line_does_not_speak(make_track: Make) -> None:
    assert speaking_faces(shot(make_track(20)), None, range(30, 60)) == ()


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_loudness_follows_the_sound(rate: int) -> None:
    samples = np.zeros(2 * rate, np.float32)
    samples[rate:] = 0.5 * np.sin(np.arange(rate) * 0.3)
    samples[rate + rate // 2 :] *= 0.1
    from fractions import Fraction

    result = loudness(samples, rate, frame_times(0, 50, Fraction(25)))
    assert result[5] == -60
    np.testing.assert_allclose(result[30], 0, atol=0.3)
    np.testing.assert_allclose(result[45], -20, atol=0.3)
