"""Corpora as they are laid out in public, found and split by speaker."""

from collections import Counter
from pathlib import Path

import pytest

from codub.errors import UsageError
from codub.training.speech_stack.utterances import Utterance, read_utterances, split


def found(root: Path) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.speaker, one.text, one.sound.name) for one in read_utterances(root)]


def test_librispeech(tmp_path: Path) -> None:
    chapter = tmp_path / "84" / "121123"
    chapter.mkdir(parents=True)
    for name in ("84-121123-0000.flac", "84-121123-0001.flac"):
        (chapter / name).touch()
    (chapter / "84-121123.trans.txt").write_text(
        "84-121123-0000 GO DO YOU HEAR\n84-121123-0001 BUT IN LESS\n84-121123-0002 NO SOUND\n"
    )
    assert found(tmp_path) == [
        ("84-121123-0000", "84", "GO DO YOU HEAR", "84-121123-0000.flac"),
        ("84-121123-0001", "84", "BUT IN LESS", "84-121123-0001.flac"),
    ]


def test_libritts_prefers_the_normalized_text(tmp_path: Path) -> None:
    chapter = tmp_path / "train-clean-100" / "103" / "1240"
    chapter.mkdir(parents=True)
    (chapter / "103_1240_000000_000001.wav").touch()
    (chapter / "103_1240_000000_000001.original.txt").write_text("CHAPTER 1.")
    (chapter / "103_1240_000000_000001.normalized.txt").write_text("CHAPTER one.")
    assert found(tmp_path) == [("103_1240_000000_000001", "103", "CHAPTER one.", "103_1240_000000_000001.wav")]


def test_vctk_has_its_texts_in_a_folder_of_their_own(tmp_path: Path) -> None:
    for folder, name in (
        ("txt/p225", "p225_001.txt"),
        ("wav48/p225", "p225_001_mic1.flac"),
        ("wav48/p225", "p225_001_mic2.flac"),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / name).write_text("Please call Stella.\n")
    assert found(tmp_path) == [("p225_001", "p225", "Please call Stella.", "p225_001_mic1.flac")]


def test_sound_alone_will_do_where_texts_are_not_needed(tmp_path: Path) -> None:
    (tmp_path / "anna").mkdir()
    for name in ("x1.wav", "x2.wav", "x2.txt", "notes.pdf"):
        (tmp_path / "anna" / name).touch()
    assert [one.name for one in read_utterances(tmp_path)] == ["x2"]
    assert [(one.name, one.speaker) for one in read_utterances(tmp_path, transcribed=False)] == [
        ("x1", "anna"),
        ("x2", "anna"),
    ]


def test_plain_folders_of_speakers(tmp_path: Path) -> None:
    for speaker in ("anna", "bert"):
        (tmp_path / speaker).mkdir()
        (tmp_path / speaker / f"{speaker}x1.wav").touch()
        (tmp_path / speaker / f"{speaker}x1.txt").write_text("Hello.")
    assert [(one.name, one.speaker) for one in read_utterances(tmp_path)] == [("annax1", "anna"), ("bertx1", "bert")]


def test_equal_file_names_of_two_people_stay_two_lines(tmp_path: Path) -> None:
    for speaker in ("anna", "bert"):
        (tmp_path / speaker).mkdir()
        (tmp_path / speaker / "001.wav").touch()
        (tmp_path / speaker / "001.txt").write_text(f"I am {speaker}.")
    assert [(one.name, one.speaker, one.text) for one in read_utterances(tmp_path)] == [
        ("anna_001", "anna", "I am anna."),
        ("bert_001", "bert", "I am bert."),
    ]


def test_table(tmp_path: Path) -> None:
    (tmp_path / "manifest.tsv").write_text(
        'speaker\tfile\ttext\n7\ta/x.ogg\tHe said "yes\n8\tb/x.ogg\t\n', encoding="utf-8"
    )
    assert found(tmp_path) == [("a_x", "7", 'He said "yes', "x.ogg"), ("b_x", "8", "", "x.ogg")]
    assert found(tmp_path / "manifest.tsv") == found(tmp_path)
    (tmp_path / "manifest.tsv").write_text("who\tfile\ttext\n")
    with pytest.raises(UsageError, match="no column 'speaker'"):
        read_utterances(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no transcribed speech"):
        read_utterances(tmp_path)
    with pytest.raises(UsageError, match="neither a folder nor a table"):
        read_utterances(tmp_path / "nowhere")


def lines(**counts: int) -> list[Utterance]:
    return [Utterance(f"{who}{i}", who, "", Path()) for who, count in counts.items() for i in range(count)]


def test_held_out_people_are_not_trained_on() -> None:
    everyone = lines(**{f"s{i}": 10 + i for i in range(30)}, famous=2000)
    training, held_out = split(everyone, 0.05)
    assert not {one.speaker for one in training} & {one.speaker for one in held_out}
    assert 0 < len(held_out) <= 0.05 * len(everyone)
    assert len(training) + len(held_out) == len(everyone)
    assert "famous" in Counter(one.speaker for one in training)
    assert split(list(reversed(everyone)), 0.05)[1] == [one for one in reversed(everyone) if one in held_out]


def test_few_people_give_one_and_one_person_gives_lines() -> None:
    training, held_out = split(lines(a=50, b=20), 0.05)
    assert ({one.speaker for one in training}, {one.speaker for one in held_out}) == ({"a"}, {"b"})
    training, held_out = split(lines(a=60), 0.05)
    assert (len(training), len(held_out)) == (57, 3)
    assert split(lines(a=1), 0.05) == (lines(a=1), [])
