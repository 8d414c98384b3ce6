"""Films of any rate and container become clips whose frames know their times and whose sound is put right."""

from pathlib import Path

import numpy as np
import pytest
from tests.made_talks import hear, made_tools, openings, talk_sound, write_talk

from codub.training.av_offset import agreement_by_lag, expected_opening, offset_of
from codub.training.face_clips import WIDE_SIZE, FaceClip, load_clip, save_clip
from codub.training.film_records import Film, FilmRecord, load_record, save_record
from codub.training.talking_clips import cut_film


def cut(path: Path, faces: int = 1, person: str = "anna") -> tuple[FilmRecord, list[FaceClip]]:
    kept: list[FaceClip] = []
    record = cut_film(Film("film", person, path), made_tools(faces), kept.append)
    return record, kept


@pytest.mark.parametrize(
    ("name", "rate", "late", "kept_rate"),
    [("a.mp4", "24000/1001", 0.0, 23.976), ("a.mkv", "60", 0.3, 30.0), ("a.mov", "30", -0.2, 30.0)],
)
def test_a_film_of_any_rate_is_cut_with_its_times_and_its_lag(
    name: str, rate: str, late: float, kept_rate: float, tmp_path: Path
) -> None:
    film = write_talk(tmp_path / name, 12.0, rate=rate, late=late)
    record, clips = cut(film, person="")
    assert [clip.name for clip in record.clips] == [clip.name for clip in clips] == ["film-000", "film-001"]
    for told, clip in zip(record.clips, clips, strict=True):
        assert told.late == pytest.approx(late, abs=0.03)
        assert told.end - told.start <= 10.1
        assert np.diff(clip.times()).mean() == pytest.approx(1 / kept_rate, rel=0.01)
        assert clip.crops.shape == (len(clip), WIDE_SIZE, WIDE_SIZE, 3)
        # Each frame shows the opening of its own moment.
        np.testing.assert_allclose(clip.opening, openings(clip.times() + told.start), atol=0.012)
        assert (len(told.looks), len(told.voice)) == (320, 256)
    assert record.clips[0].start == pytest.approx(0, abs=0.01)
    assert record.clips[1].start == pytest.approx(record.clips[0].end, abs=0.002)
    assert record.clips[1].end == pytest.approx(12.0, abs=0.05)
    assert not record.left_out


def test_a_clip_comes_back_from_the_disk_with_its_times(tmp_path: Path) -> None:
    _, (clip,) = cut(write_talk(tmp_path / "a.mp4", 2.0, rate="30"))
    save_clip(tmp_path / "clip.npz", clip)
    held = load_clip(tmp_path / "clip.npz")
    assert isinstance(held.crops, np.memmap)
    for kind in ("crops", "points", "opening", "stamps"):
        np.testing.assert_array_equal(getattr(held, kind), getattr(clip, kind))


def test_what_cannot_be_trained_on_is_told_with_the_reason(tmp_path: Path) -> None:
    good = write_talk(tmp_path / "good.mp4", 3.0)
    broken, cut_off = tmp_path / "broken.mp4", tmp_path / "cut-off.mkv"
    broken.write_bytes(b"no film at all")
    whole = write_talk(tmp_path / "whole.mkv", 3.0).read_bytes()
    cut_off.write_bytes(whole[:2000])
    for path, faces, kind in (
        (broken, 1, "undecodable"),
        (cut_off, 1, "undecodable"),
        (tmp_path / "missing.mp4", 1, "undecodable"),
        (write_talk(tmp_path / "mute.mp4", 2.0, heard=None), 1, "no sound"),
        (good, 0, "no face"),
        (write_talk(tmp_path / "other.mp4", 8.0, heard=5), 1, "offset"),
        (write_talk(tmp_path / "short.mp4", 0.6), 1, "too short"),
    ):
        record, _ = cut(path, faces)
        assert not record.clips, path
        assert {part.kind for part in record.left_out} == {kind}, path
        assert all(part.reason for part in record.left_out)


def test_a_record_comes_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    record, _ = cut(write_talk(tmp_path / "a.mp4", 2.0), person="")
    save_record(tmp_path, record)
    assert load_record(tmp_path, "film") == record
    (tmp_path / "films" / "film.json").write_text("{", encoding="utf-8")
    assert load_record(tmp_path, "film") is None


@pytest.mark.parametrize("late", [-0.4, -0.1, 0.0, 0.24, 0.5])
def test_the_lag_of_made_speech_is_found(late: float) -> None:
    times = (np.arange(100) + 0.5) / 25
    curve = agreement_by_lag(openings(times), times, expected_opening(hear(talk_sound(5.0, late))), 0.0)
    offset = offset_of([curve], [100.0])
    assert offset.found
    assert offset.late == pytest.approx(late, abs=0.025)


def test_little_lags_are_left_alone_and_noise_has_none() -> None:
    times = (np.arange(100) + 0.5) / 25
    near = agreement_by_lag(openings(times), times, expected_opening(hear(talk_sound(5.0, 0.04))), 0.0)
    assert offset_of([near], [100.0]).late == 0
    noise = np.random.default_rng(0).normal(0.5, 0.1, 200).astype(np.float32)
    assert not offset_of([agreement_by_lag(openings(times), times, noise, 0.0)], [100.0]).found


@pytest.mark.weights
def test_shifted_sound_of_grid_is_put_right(corpora: Path, weights_home: Path) -> None:
    """Two films of people by themselves, their sound shifted by known amounts: found to one frame."""
    from codub.evaluation.mouths import mesh_points
    from codub.face.detect import load_detector
    from codub.face.mesh import load_mesh, mouth_opening
    from codub.media.audio import read_audio
    from codub.media.video import read_frames
    from codub.speech.encoder import load_speech_encoder
    from codub.timing import SPEECH_RATE

    detector, mesh, encoder = load_detector(), load_mesh(), load_speech_encoder()
    for name in ("s3/sbia1a", "s32/sbwe5n"):
        film = corpora / "grid" / f"{name}.mp4"
        points = mesh_points(list(read_frames(film)), detector, mesh, name)
        opening = np.array([mouth_opening(p) for p in points], np.float32)
        expected = expected_opening(encoder.posteriors(read_audio(film, rate=SPEECH_RATE)))
        times = (np.arange(len(opening)) + 0.5) / 25
        for late in (0.0, 0.2, -0.3):
            offset = offset_of([agreement_by_lag(opening, times, expected, late)], [len(opening)])
            assert offset.found
            assert offset.late == pytest.approx(late, abs=0.045), (name, late)
