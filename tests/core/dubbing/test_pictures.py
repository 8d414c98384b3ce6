"""When a clip's mouths move, by which latent, and how pictures say what they show."""

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from made_dubs import SIZE, QuickModels, made_latent, placed_clip, still, write_film

from codub.dubbing.pictures import (
    ClipPicture,
    LineInClip,
    _active_frames,
    line_windows,
    picture_clip,
    shown,
    shown_name,
)
from codub.errors import LatentSpaceError, MediaError
from codub.latent import HIERSPEECHPP, SpeechLatent
from codub.media.encode import CODECS, Codec
from codub.media.layout import plane_layout
from codub.media.planes import read_planes
from codub.media.probe import probe
from codub.media.video import read_frames
from codub.timeline.placed import PlacedClip
from codub.timeline.spans import Span

F = Fraction
SILENCE = np.full(512, 7, np.float32)


def line(cue: int, span: tuple[Fraction | float, Fraction | float], latent: SpeechLatent | None = None) -> LineInClip:
    low, high = Fraction(span[0]), Fraction(span[1])
    return LineInClip(cue, latent or made_latent(float(high - low), cue), low, (low, high), None)


@pytest.mark.parametrize("delay", [0.0, 0.137, 2.5, -0.4])
def test_windows_are_the_latents_own_later_by_the_delay(delay: float) -> None:
    latent = made_latent(1.0)
    windows = line_windows(latent, SILENCE, 11, delay)
    inside = np.array([0.2, 0.5001, 0.79])  # five vectors away from both ends
    np.testing.assert_allclose(windows(inside + delay), latent.windows(inside, 11), atol=1e-4)


def test_before_and_after_the_latent_there_is_silence() -> None:
    windows = line_windows(made_latent(1.0), SILENCE, 11, 2.0)
    for times in ([-9.0, 0.0, 1.86], [3.14, 4.0, 99.0]):
        np.testing.assert_allclose(windows(np.array(times)), 7, rtol=1e-6)


def test_silence_meets_the_first_and_the_last_vector() -> None:
    latent = made_latent(1.0)
    windows = line_windows(latent, SILENCE, 11, 2.0)
    first, last = windows(np.array([2.0 + 0.5 / 40, 3.0 - 0.5 / 40]))
    assert (first[:, :5] == 7).all()
    np.testing.assert_allclose(first[:, 5:], latent.features[:, :6], atol=1e-4)
    np.testing.assert_allclose(last[:, :6], latent.features[:, -6:], atol=1e-4)
    assert (last[:, 6:] == 7).all()


@pytest.mark.parametrize(
    ("spans", "ranges"),
    [
        ([(2, 3)], [range(25)]),
        ([(0, 99)], [range(50)]),
        ([(2.01, 2.05)], [range(2)]),  # frames are changed whole
        ([(4, 5)], [range(0)]),
        ([(2, 3), (3.5, 4)], [range(25), range(37, 50)]),
        ([(2, 3), (2.8, 3.6)], [range(22), range(22, 40)]),  # each has its half
        ([(2.8, 3.6), (2, 3)], [range(22, 40), range(22)]),  # whatever order they come in
        ([(2, 2.9), (2.9, 3.6)], [range(22), range(22, 40)]),  # they meet within a frame
        ([(2, 3), (5, 6)], [range(25), range(0)]),
    ],
)
def test_no_frame_belongs_to_two_lines(spans: list[tuple[float, float]], ranges: list[range]) -> None:
    lines = [line(n, (Fraction(str(a)), Fraction(str(b)))) for n, (a, b) in enumerate(spans, 1)]
    found = _active_frames(placed_clip(), lines)
    assert [list(r) for r in found] == [list(r) for r in ranges]


def test_a_name_stands_for_one_latent_at_one_time() -> None:
    latent = made_latent(1.0, 3)
    name = shown_name(4, latent, F(1))
    assert name.startswith("4:")
    assert name == shown_name(4, made_latent(1.0, 3), F(1))
    assert (
        len({name, shown_name(5, latent, F(1)), shown_name(4, latent, F(2)), shown_name(4, made_latent(), F(1))}) == 4
    )
    one, two = line(1, (0, 1)), line(2, (1, 2))
    assert shown([two, one]) == shown([one, two]) == f"{shown([one])} {shown([two])}"


def filmed(folder: Path, first: int = 5, count: int = 30) -> PlacedClip:
    write_film(folder / "one.mp4", 40, seed=3)
    end = F(2) + F(count, 25)
    start = F(first, 25)
    return placed_clip(media=folder / "one.mp4", media_start=start, source_start=start, end=end)


def make(clip: PlacedClip, target: Path, models: QuickModels, *spans: Span) -> ClipPicture:
    lines = [line(n, span) for n, span in enumerate(spans, 1)]
    return picture_clip(clip, lines, models, target, {"clip": "one"}, lambda f, w: None)  # type: ignore[arg-type]


def test_only_the_lines_frames_change_and_all_frames_are_there(tmp_path: Path) -> None:
    clip, target = filmed(tmp_path), tmp_path / "take.mp4"
    made = make(clip, target, QuickModels(), (F(2) + F(10, 25), F(2) + F(20, 25)))
    info = probe(target).require_video()
    assert (made.path, made.frames_changed) == (target, 10)
    assert (info.frames, info.rate, (info.width, info.height)) == (30, 25, SIZE)
    frames = list(read_frames(target))
    mouth = [float(frame[100:120, 110:130].mean()) - float(still(3)[100:120, 110:130].mean()) for frame in frames]
    assert max(abs(m) for m in [*mouth[:9], *mouth[21:]]) < 3  # H.264 leaves a little
    assert min(abs(m) for m in mouth[13:17]) > 10
    corner = np.stack([frame[:40] for frame in frames]).astype(float) - still(3)[:40]
    assert np.abs(corner).mean() < 3


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj422p", "yuv444p", "yuv422p10le"])
def test_outside_the_face_the_stored_samples_are_the_originals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pix_fmt: str
) -> None:
    monkeypatch.setitem(CODECS, "h264", Codec(".mp4", "libx264", {"qp": 0, "preset": "ultrafast"}))
    clip, target = filmed(tmp_path), tmp_path / "take.mp4"
    clip = replace(clip, media=converted(clip.media, tmp_path / "other.mp4", "libx264", pix_fmt))
    media = probe(clip.media).require_video()
    make(clip, target, QuickModels(), (F(2) + F(10, 25), F(2) + F(20, 25)))

    assert probe(target).require_video().pix_fmt.replace("yuvj", "yuv") == pix_fmt.replace("yuvj", "yuv")
    assert probe(target).require_video().colour == media.colour
    pairs = zip(read_planes(clip.media, 5, 30), read_planes(target), strict=True)
    for number, (original, taken) in enumerate(pairs):
        same = [(a == b) for a, b in zip(original.samples, taken.samples, strict=True)]
        if number in range(10, 20):
            assert not same[0].all()
            assert all(plane[: len(plane) // 5].all() for plane in same)  # the forehead and above it
        else:
            assert all(plane.all() for plane in same)


def test_a_film_whose_planes_are_not_kept_goes_through_rgb(tmp_path: Path) -> None:
    clip, target = filmed(tmp_path), tmp_path / "take.mp4"
    clip = replace(clip, media=converted(clip.media, tmp_path / "rgb.mp4", "libx264rgb", "rgb24"))
    made = make(clip, target, QuickModels(), (F(2) + F(10, 25), F(2) + F(20, 25)))

    assert plane_layout(probe(clip.media).require_video()) is None
    assert made.frames_changed == 10
    for before, after in zip(read_frames(clip.media, 5, 30), read_frames(target), strict=True):
        assert np.abs(after[:40].astype(float) - before[:40]).mean() < 3


def converted(path: Path, target: Path, encoder: str, pix_fmt: str) -> Path:
    """The film without loss in another format, by ffmpeg alone."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path), "-c:v", encoder]
    subprocess.run([*command, "-pix_fmt", pix_fmt, "-qp", "0", str(target)], check=True)
    return target


def test_without_a_face_nothing_is_written(tmp_path: Path) -> None:
    models = QuickModels(face_there=False)
    made = make(filmed(tmp_path), tmp_path / "take.mp4", models, (F(2), F(3)))
    assert (made.path, made.frames_changed) == (None, 0)
    assert "left as it is" in made.note
    assert not (tmp_path / "take.mp4").exists()
    assert models.face.frames == 0


def test_a_latent_of_another_space_is_refused(tmp_path: Path) -> None:
    models = QuickModels()
    models.face.space = HIERSPEECHPP  # type: ignore[misc]
    with pytest.raises(LatentSpaceError, match=r"in this clip is of the latent space 'embedded'.*one profile"):
        make(filmed(tmp_path), tmp_path / "take.mp4", models, (F(2), F(3)))


def test_a_clip_longer_than_its_media_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"uses frames up to 49.*has 40.*Trim"):
        make(filmed(tmp_path, first=10, count=40), tmp_path / "take.mp4", QuickModels(), (F(2), F(3)))


def test_a_clip_at_another_rate_than_its_media_is_refused(tmp_path: Path) -> None:
    write_film(tmp_path / "one.mp4", 10)
    clip = placed_clip(media=tmp_path / "one.mp4", media_start=F(0), rate=F(24000, 1001))
    with pytest.raises(MediaError, match=r"23.976 frames/s.*25.000"):
        make(clip, tmp_path / "take.mp4", QuickModels(), (F(2), F(3)))
