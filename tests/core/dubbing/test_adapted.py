"""What is kept of a face that was fitted to a speaker, and when it counts as better."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from codub.dubbing.adapted import (
    MANIFEST,
    Adapted,
    DriveFigures,
    LineUsed,
    forget_adapted,
    is_better,
    keep_adapted,
    read_adapted,
    speaker_folder,
)
from codub.errors import WeightsError

BETTER = DriveFigures("sound", 29.0, 30.0, 0.9, 0.8, 1.0, 1.0)
LINES = (LineUsed(1, "one.mp4", 5, 30, "aa", False), LineUsed(2, "one.mp4", 40, 20, "bb", True))
ANA = Adapted("Ana", "embedded", "base", "f00d" * 16, 45, 61.0, LINES, (BETTER,), ("cue 3 in two: too dark",))


def made(folder: Path, content: bytes = b"weights") -> Path:
    path = folder / "made.safetensors"
    path.write_bytes(content)
    return path


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    assert read_adapted(tmp_path, "Ana") is None
    keep_adapted(tmp_path, ANA, made(tmp_path))
    assert read_adapted(tmp_path, "Ana") == ANA
    assert read_adapted(tmp_path, "Ben") is None
    assert (speaker_folder(tmp_path, "Ana") / ANA.file).read_bytes() == b"weights"


def test_new_weights_take_the_place_of_old_ones(tmp_path: Path) -> None:
    keep_adapted(tmp_path, ANA, made(tmp_path))
    other = replace(ANA, weights="beef" * 16)
    keep_adapted(tmp_path, other, made(tmp_path, b"others"))
    kept = [path.name for path in speaker_folder(tmp_path, "Ana").glob("*.safetensors")]
    assert kept == [other.file]
    keep_adapted(tmp_path, replace(ANA, weights=""), None)  # the next fit was not better
    assert list(speaker_folder(tmp_path, "Ana").glob("*.safetensors")) == []
    kept_now = read_adapted(tmp_path, "Ana")
    assert kept_now is not None
    assert not kept_now.better


def test_forgotten_is_gone_with_what_a_stopped_fit_left(tmp_path: Path) -> None:
    keep_adapted(tmp_path, ANA, made(tmp_path))
    (speaker_folder(tmp_path, "Ana") / "work" / "run").mkdir(parents=True)
    assert forget_adapted(tmp_path, "Ana")
    assert read_adapted(tmp_path, "Ana") is None
    assert not speaker_folder(tmp_path, "Ana").exists()
    assert not forget_adapted(tmp_path, "Ana")


def test_people_of_like_names_have_folders_of_their_own(tmp_path: Path) -> None:
    names = ["Ana", "ANA", "Ana!", "../Ana", "Ána", "名", "x" * 300, ""]
    folders = {speaker_folder(tmp_path, name) for name in names}
    assert len(folders) == len(names)
    assert all(folder.parent == tmp_path / "adapted" and len(folder.name) < 60 for folder in folders)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"layout": 9, "adapted": {}}', '{"layout": 1, "adapted": {"steps": 3}}']
)
def test_a_damaged_manifest_is_told(tmp_path: Path, content: str) -> None:
    keep_adapted(tmp_path, ANA, made(tmp_path))
    (speaker_folder(tmp_path, "Ana") / MANIFEST).write_text(content)
    with pytest.raises(WeightsError, match="fitted to 'Ana' cannot be read"):
        read_adapted(tmp_path, "Ana")


@pytest.mark.parametrize(
    ("figures", "better"),
    [
        ((BETTER,), True),
        ((replace(BETTER, psnr_after=28.9),), False),  # lips alone
        ((replace(BETTER, distance_after=0.91),), False),  # pictures alone
        ((replace(BETTER, closed_after=0.95),), True),  # a frame of a short line
        ((replace(BETTER, closed_after=0.85),), False),  # lips that no longer shut
        ((BETTER, replace(BETTER, drive="text", psnr_after=28.5, distance_after=0.95)), True),  # over both drives
        ((BETTER, replace(BETTER, drive="text", psnr_after=27.5)), False),
        ((), False),
    ],
)
def test_better_is_nearer_in_pictures_and_in_lips(figures: tuple[DriveFigures, ...], better: bool) -> None:
    assert is_better(figures) is better


def test_the_report_says_what_was_learnt_from_and_what_it_brought(tmp_path: Path) -> None:
    text = ANA.report()
    assert "45 steps on 30 frames of 1 lines in 1.0 min; measured on 20 frames held out" in text
    assert "29.00 -> 30.00 dB, lips 0.900 -> 0.800 px" in text
    assert "cue 3 in two: too dark" in text
    assert "used for this speaker" in text
    assert "the shipped face stays" in replace(ANA, weights="").report()
    keep_adapted(tmp_path, ANA, made(tmp_path))
    held = json.loads((speaker_folder(tmp_path, "Ana") / MANIFEST).read_text())["adapted"]
    assert (held["base"], held["lines"][0]["sha256"]) == ("base", "aa")
