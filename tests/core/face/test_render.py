from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest

from codub.face.landmarks import LandmarkSource
from codub.face.reference_choice import Footage, choose_references
from codub.face.references import FaceReferences, crop_size
from codub.face.render import FaceJob, changed_frames, render_face
from codub.face.track import FaceTrack, find_faces
from codub.latent import SPACES, LatentSpace, SpeechLatent

Make = Callable[..., FaceTrack]
Noise = Callable[..., Iterator[np.ndarray]]


def silence(times: np.ndarray) -> np.ndarray:
    return np.zeros((len(times), 512, 11), np.float32)


def job(track: FaceTrack, frames: int, active: range, **changes: object) -> FaceJob:
    size = crop_size(track)
    grey = FaceReferences(np.full((3, size, size, 3), 120, np.uint8))
    fields: dict[str, object] = {"windows": silence, "rate": Fraction(25), "seed": 3} | changes
    return FaceJob(track=track, references=grey, frames=frames, active=active, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 30])
def test_as_many_frames_come_out(make_track: Make, noise: Noise, plain_generator: object, count: int) -> None:
    result = list(render_face(noise(count), [job(make_track(count), count, range(count))], plain_generator))  # type: ignore[arg-type]
    assert len(result) == count
    for before, after in zip(noise(count), result, strict=True):
        assert (before != after).any()


def test_frames_outside_the_line_are_the_same_arrays(make_track: Make, noise: Noise, plain_generator: object) -> None:
    frames = list(noise(30))
    one = job(make_track(30), 30, range(10, 20))
    result = list(render_face(iter(frames), [one], plain_generator))  # type: ignore[arg-type]
    untouched = [i for i in range(30) if result[i] is frames[i]]
    assert untouched == [*range(10), *range(20, 30)]
    assert np.flatnonzero(changed_frames(one)).tolist() == list(range(10, 20))


def test_only_the_lower_face_changes(make_track: Make, noise: Noise, plain_generator: object) -> None:
    frames = list(noise(10))
    result = render_face(iter(frames), [job(make_track(10), 10, range(10))], plain_generator)  # type: ignore[arg-type]
    for before, after in zip(frames, result, strict=True):
        changed = np.argwhere((before != after).any(2))
        assert changed.min(0).tolist() > [72, 80]
        assert changed.max(0).tolist() < [152, 160]


def test_no_face_no_change(noise: Noise, plain_generator: object) -> None:
    frames = list(noise(12))
    result = list(render_face(iter(frames), [], plain_generator))  # type: ignore[arg-type]
    assert all(a is b for a, b in zip(frames, result, strict=True))


RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50)]


@pytest.mark.parametrize("rate", RATES)
def test_windows_are_asked_at_the_frames_own_times(
    make_track: Make, noise: Noise, plain_generator: object, rate: Fraction
) -> None:
    asked: list[float] = []

    def windows(times: np.ndarray) -> np.ndarray:
        asked.extend(times.tolist())
        return silence(times)

    one = job(make_track(20), 20, range(4, 20), windows=windows, rate=rate)
    list(render_face(noise(20), [one], plain_generator))  # type: ignore[arg-type]
    np.testing.assert_allclose(asked, [(i + 0.5) / float(rate) for i in range(4, 20)], rtol=1e-12)


@pytest.mark.parametrize("space", SPACES.values(), ids=str)
@pytest.mark.parametrize("rate", RATES)
def test_a_frame_is_moved_by_the_latent_of_its_own_time_at_any_rate(
    make_track: Make, noise: Noise, plain_generator: object, space: LatentSpace, rate: Fraction
) -> None:
    """A latent that tells the time in seconds: what reaches the generator is each frame's own, whatever the rate."""
    count = 12
    told = (np.arange(80, dtype=np.float32) + 0.5) / float(space.rate)
    prosody = np.zeros(int(80 * space.f0_rate / space.rate), np.float32)
    latent = SpeechLatent(space, np.tile(told, (space.channels, 1)), prosody, prosody, ())
    one = job(make_track(count), count, range(count), windows=lambda times: latent.windows(times, 5), rate=rate)
    list(render_face(noise(count), [one], plain_generator))  # type: ignore[arg-type]
    windows = np.concatenate(plain_generator.windows)  # type: ignore[attr-defined]
    exposed = np.array([float((i + Fraction(1, 2)) / rate) for i in range(4, count)])
    np.testing.assert_allclose(windows[4:, 0, 2], exposed, atol=1e-5)
    # Its neighbours in the window lie the space's own step away: the picture's rate does not stretch speech.
    np.testing.assert_allclose(np.diff(windows[4:, 0], axis=1), 1 / float(space.rate), atol=1e-5)


def test_never_more_than_a_batch_ahead(make_track: Make, noise: Noise, plain_generator: object) -> None:
    taken = 0

    def stream() -> Iterator[np.ndarray]:
        nonlocal taken
        for frame in noise(40):
            taken += 1
            yield frame

    rendered = render_face(stream(), [job(make_track(40), 40, range(40))], plain_generator, batch=4)  # type: ignore[arg-type]
    for given, _ in enumerate(rendered):
        assert taken - given <= 4
    assert taken == 40
    assert plain_generator.calls == [4] * 10  # type: ignore[attr-defined]


def test_what_is_before_the_face_stays(make_track: Make, noise: Noise, plain_generator: object) -> None:
    """A microphone comes up before the chin in frames 6 to 9; the mouth beside it goes on speaking."""
    small = np.full((20, 16, 16, 3), 150, np.uint8)
    small[6:10, 11:15, 7:9] = 20
    track = make_track(20, thumbnails=small)
    frames = [frame.copy() for frame in noise(20)]
    before = (slice(128, 146), slice(116, 124))  # rows and columns of the plate under those cells
    for frame in frames[6:10]:
        frame[before] = 20
    result = list(render_face(iter(frames), [job(track, 20, range(20))], plain_generator))  # type: ignore[arg-type]
    for number in range(6, 10):
        assert (result[number][before] == frames[number][before]).all()
        assert (result[number][100:112, 110:130] != frames[number][100:112, 110:130]).any()
    assert (result[15][before] != frames[15][before]).any()


def test_two_people_at_once(make_track: Make, noise: Noise, plain_generator: object) -> None:
    left = make_track(8)
    shifted = left.transforms.copy()
    shifted[:, :, 2] -= (left.transforms[:, :, :2] @ np.array([-75.0, 30.0])[:, None])[..., 0]
    other = make_track(8, transforms=shifted, outlines=left.outlines + np.float32([-75, 30]))
    frames = list(noise(8))
    jobs = [job(t, 8, range(8)) for t in (left, other)]
    result = list(render_face(iter(frames), jobs, plain_generator))  # type: ignore[arg-type]
    changed = (frames[3] != result[3]).any(2)
    assert changed[110, 120]
    assert changed[140, 45]


def test_face_that_goes_on_speaking_does_not_fade_between_lines(make_track: Make) -> None:
    track = make_track(40)
    jobs = [job(track, 40, active) for active in (range(4, 14), range(14, 30), range(32, 40))]
    first, second, third = (changed_frames(j, jobs) for j in jobs)
    np.testing.assert_allclose(first[4:8], [0.25, 0.5, 0.75, 1.0])
    assert (first[8:14] == 1).all()
    assert (second[14:26] == 1).all()
    np.testing.assert_allclose(second[26:30], [1.0, 0.75, 0.5, 0.25])
    assert third[32] == 0.25
    assert ((first > 0).astype(int) + (second > 0) + (third > 0)).max() == 1


def test_same_seed_same_pixels(make_track: Make, noise: Noise, plain_generator: object) -> None:
    runs = [
        list(render_face(noise(6), [job(make_track(6), 6, range(6))], plain_generator))  # type: ignore[arg-type]
        for _ in range(2)
    ]
    assert all((a == b).all() for a, b in zip(*runs, strict=True))


@pytest.mark.weights
def test_real_face_gets_its_closed_mouth(
    source: LandmarkSource, read_clip: Callable[..., list[np.ndarray]], plain_generator: object
) -> None:
    frames = read_clip("s31/bgiq6p", 45)
    (track,) = find_faces(frames, source).tracks
    references = choose_references([Footage(lambda: frames, track)], 3)
    one = FaceJob(track, references, silence, 45, Fraction(25), range(8, 45))
    result = list(render_face(iter(frames), [one], plain_generator))  # type: ignore[arg-type]
    after = find_faces(result, source).tracks[0]
    assert track.openings[22:28].mean() > 0.15
    assert after.openings[22:28].mean() < 0.06
    eyes = np.array(track.transform(24).restore(np.array([[0.5, -0.15]]))[0], int)
    assert (result[24][: eyes[1] + 8] == frames[24][: eyes[1] + 8]).all()
