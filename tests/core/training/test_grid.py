"""GRID read and split; nobody who is tested on is trained on."""

from pathlib import Path

import pytest

from codub.errors import UsageError
from codub.training.grid import HELD_OUT_PEOPLE, TRAINING_PEOPLE, GridClip, picture_width, read_grid, read_words, split


def test_word_times_are_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "x.align"
    path.write_text("0 13750 sil\n13750 19750 bin\n", encoding="utf-8")
    words = read_words(path)
    assert [(word.text, word.start, word.end) for word in words] == [("sil", 0.0, 0.55), ("bin", 0.55, 0.79)]


def test_missing_corpus(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no GRID corpus"):
        read_grid(tmp_path)


def test_split_of_the_real_corpus(corpora: Path) -> None:
    clips = read_grid(corpora)
    parts = split(clips, most_of_one=50)
    assert {clip.person for clip in parts.training} == set(TRAINING_PEOPLE)
    assert {clip.person for clip in parts.held_out} == set(HELD_OUT_PEOPLE)
    used = [clip.name for part in (parts.training, parts.same_person, parts.held_out) for clip in part]
    assert len(used) == len(set(used))
    assert sum(clip.person == "s1" for clip in parts.training) == 50
    kept = [clip for clip in parts.same_person if clip.person == "s4"]
    assert len(kept) == 6
    assert all(picture_width(clip.film) == 720 for clip in kept)
    assert clips[0].words()[0].text == "sil"


def test_name() -> None:
    assert GridClip("s1", "bbaf2n", Path("x.mp4"), "").name == "s1-bbaf2n"
