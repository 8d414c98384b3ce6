from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from codub.face.speaking import NOBODY, loudness, speaking_faces, weigh_faces
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
    samples[rate:] = 0.5 * np.sin(np.arange(rate) * 2 * np.pi * 760 / rate)
    samples[rate + rate // 2 :] *= 0.1
    result = loudness(samples, rate, frame_times(0, 50, Fraction(25)))
    assert result[5] == -60
    np.testing.assert_allclose(result[30], 0, atol=0.3)
    np.testing.assert_allclose(result[45], -20, atol=0.3)


def test_what_moves_no_mouth_is_not_loud() -> None:
    """A hum and a hiss are louder than the vowel between them, but it is the vowel that opens the mouth."""
    times = np.arange(3 * 16_000) / 16_000
    hertz = np.select([times < 1, times < 2], [100, 800], 6000)
    samples = (np.select([times < 1, times < 2], [0.8, 0.1], 0.8) * np.sin(2 * np.pi * hertz * times)).astype(
        np.float32
    )
    result = loudness(samples, 16_000, frame_times(0, 75, Fraction(25)))
    assert result[30:45].min() > result[5:20].max() + 20
    assert result[30:45].min() > result[55:70].max() + 20


def test_a_face_chosen_by_hand_speaks_whatever_is_heard(make_track: Make) -> None:
    sound = syllables(0)
    speaker = make_track(COUNT, identity=1, openings=mouth(sound))
    chosen = make_track(COUNT, identity=2, openings=np.full(COUNT, 0.05, np.float32))
    found = {face.track.identity: face for face in weigh_faces(shot(speaker, chosen), sound, told=[chosen])}
    assert [i for i, face in found.items() if face.speaks] == [2]
    assert found[2].reason == "chosen by hand"
    assert found[1].reason == "another face was chosen by hand"


def test_a_face_that_comes_back_is_still_found_beside_the_chosen_one(make_track: Make) -> None:
    sound = syllables(0)
    first = make_track(30, identity=1, openings=mouth(sound)[:30])
    again = make_track(35, first=40, identity=2, openings=mouth(sound)[40:])
    other = make_track(COUNT, identity=3, openings=mouth(syllables(5)))
    found = weigh_faces(shot(other, first, again), sound, told=[first])
    assert [face.track.identity for face in found if face.speaks] == [1, 2]


def test_nobody_is_a_choice_too(make_track: Make) -> None:
    found = weigh_faces(shot(make_track(COUNT)), None, told=[])
    assert [(face.speaks, face.reason) for face in found] == [(False, NOBODY)]


def test_the_automatic_choice_says_why(make_track: Make) -> None:
    sound = syllables(0)
    speaker = make_track(COUNT, identity=1, openings=mouth(sound))
    listener = make_track(COUNT, identity=2, openings=np.full(COUNT, 0.05, np.float32))
    one, two = weigh_faces(shot(speaker, listener), sound)
    assert (one.speaks, two.speaks) == (True, False)
    assert "moves with the sound (0." in one.reason
    assert two.reason == "its mouth rests during the line"
    (alone,) = weigh_faces(shot(speaker), sound)
    assert alone.reason.startswith("the only face, its mouth moves with the sound")
    one, two = weigh_faces(shot(speaker, listener), None)
    assert "no original sound" in one.reason
    (gone,) = weigh_faces(shot(make_track(20)), sound, range(30, 60))
    assert (gone.speaks, gone.reason) == (False, "it is not seen during the line")


def test_looks_tell_apart_what_sounds_alike(make_track: Make) -> None:
    sound = syllables(0)
    both = [make_track(COUNT, identity=number, openings=mouth(sound)) for number in (1, 2)]
    for speaker in (1, 2):
        alike = {1: 0.6, 2: 0.6, speaker: 0.9}
        found = weigh_faces(shot(*both), sound, alike=alike)
        assert [face.track.identity for face in found if face.speaks] == [speaker]
        reason = next(face.reason for face in found if face.speaks)
        assert reason.startswith("it looks like the speaker's pictures (0.90), its mouth moves with the sound")
    # Somebody who looks like nobody known is still the only one who can speak.
    (alone,) = weigh_faces(shot(both[0]), sound, alike={1: -0.9})
    assert alone.speaks
    still = make_track(COUNT, identity=3, openings=np.full(COUNT, 0.05, np.float32))
    assert [f.track.identity for f in weigh_faces(shot(both[0], still), sound, alike={1: 0.1, 3: 1.0}) if f.speaks] == [
        1
    ]
