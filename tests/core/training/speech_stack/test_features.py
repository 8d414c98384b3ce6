"""Lines are heard once; what cannot be trained on is listed with its reason and stops nothing."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_speech import CHANNELS, made_front_end, speech, write_corpus

from codub.errors import UsageError
from codub.training.processes import Processes
from codub.training.speech_stack.features import DataConfig, FrontEnd, frames_of, padded, prepare, read_piece
from codub.training.speech_stack.utterances import Utterance, read_utterances


def test_sound_is_padded_by_one_sample_at_least() -> None:
    assert [len(padded(np.ones(n, np.float32))) for n in (1279, 1280, 1281)] == [1280, 2560, 2560]


def test_everything_of_a_line_covers_the_same_time(tmp_path: Path) -> None:
    corpus = read_utterances(write_corpus(tmp_path / "corpus", speakers=1, lines=2))
    line = prepare(corpus, made_front_end(), DataConfig(perturbed=2), tmp_path / "cache")[0]
    heard = read_piece(line)
    frames = frames_of(line)
    seconds, _ = soundfile.read(corpus[0].sound)
    assert frames == (len(seconds) // 1280 + 1) * 4
    assert (heard.w2v.shape, heard.f0.shape, heard.sound.shape) == ((frames, CHANNELS), (4 * frames,), (320 * frames,))
    np.testing.assert_allclose(heard.sound[: len(seconds)], seconds, atol=1e-4)
    voiced = heard.f0[heard.f0 > 0]
    assert np.median(voiced) == pytest.approx(100, rel=0.02)
    assert len(heard.phonemes) == len(corpus[0].text)
    copies = [read_piece(line, copy=copy).perturbed for copy in (1, 2)]
    assert not np.array_equal(*copies)
    assert not np.array_equal(copies[0], heard.w2v)


def test_a_piece_is_that_part_of_the_line(tmp_path: Path) -> None:
    corpus = read_utterances(write_corpus(tmp_path / "corpus", speakers=1, lines=1))
    line = prepare(corpus, made_front_end(), DataConfig(), tmp_path / "cache")[0]
    whole, piece = read_piece(line), read_piece(line, 5, 7)
    np.testing.assert_array_equal(piece.w2v, whole.w2v[5:12])
    np.testing.assert_array_equal(piece.f0, whole.f0[20:48])
    np.testing.assert_array_equal(piece.sound, whole.sound[1600:3840])
    np.testing.assert_array_equal(piece.perturbed, piece.w2v)


def bad_corpus(root: Path) -> list[Utterance]:
    """Good lines, and one of every bad kind."""
    utterances = read_utterances(write_corpus(root, speakers=2, lines=2))
    sounds = {
        "short": speech("ab", 100),
        "long": speech("abc" * 30, 100),
        "figure": speech("abcde", 100),
        "crowded": speech("abcde", 100),
        "silent": np.zeros(16_000, np.float32),
        "mute": speech("abcde", 100),
        "many": speech("abcde", 100),
    }
    texts = {"figure": "abc4", "crowded": "abcd" * 8, "mute": "", "many": "ab" * 30}
    for name, sound in sounds.items():
        soundfile.write(root / f"{name}.wav", sound, 16_000)
    (root / "broken.wav").write_bytes(b"RIFF no sound at all")
    bad = [*sounds, "broken", "missing"]
    return utterances + [Utterance(name, "p9", texts.get(name, "abcde"), root / f"{name}.wav") for name in bad]


def test_bad_lines_are_listed_and_the_others_are_kept(tmp_path: Path) -> None:
    lines = prepare(bad_corpus(tmp_path / "corpus"), made_front_end(), DataConfig(phonemes=40), tmp_path / "cache")
    assert sorted(line.name for line in lines) == ["p0_0", "p0_1", "p1_0", "p1_1"]
    with (tmp_path / "cache" / "rejected.tsv").open(encoding="utf-8", newline="") as file:
        reasons = {row["name"]: row["reason"] for row in csv.DictReader(file, delimiter="\t")}
    expected = {
        "short": "lasts 0.34 s",
        "long": "lasts 15.30 s",
        "figure": "has a figure",
        "crowded": "do not fit into",
        "silent": "voiced",
        "mute": "0 phonemes",
        "many": "60 phonemes",
        "broken": "broken.wav",
        "missing": "missing.wav",
    }
    assert set(reasons) == set(expected)
    for name, part in expected.items():
        assert part in reasons[name], reasons[name]


def test_texts_are_not_read_where_they_are_not_needed(tmp_path: Path) -> None:
    config = DataConfig(transcribed=False)
    lines = prepare(bad_corpus(tmp_path / "corpus"), made_front_end(), config, tmp_path / "cache")
    assert {"figure", "crowded", "mute", "many"} < {line.name for line in lines}
    assert not len(read_piece(lines[0]).phonemes)


def test_lines_are_heard_once(tmp_path: Path) -> None:
    corpus = bad_corpus(tmp_path / "corpus")
    asked: list[int] = []
    plain = made_front_end()

    def features(sound: np.ndarray) -> np.ndarray:
        asked.append(len(sound))
        return plain.features(sound)

    counted = FrontEnd("made", features, plain.f0, plain.phonemes)
    first = prepare(corpus, counted, DataConfig(), tmp_path / "cache")
    heard = len(asked)
    assert prepare(corpus, counted, DataConfig(), tmp_path / "cache") == first
    assert len(asked) == heard


def test_several_processes_share_the_hearing(tmp_path: Path) -> None:
    corpus = read_utterances(write_corpus(tmp_path / "corpus", speakers=2, lines=3))

    class Second(Processes):
        def wait(self) -> None:
            return

    found = prepare(corpus, made_front_end(), DataConfig(), tmp_path / "cache", processes=Second(rank=1, count=2))
    assert [line.name for line in found] == [one.name for one in corpus[1::2]]


def test_features_of_other_weights_are_refused(tmp_path: Path) -> None:
    corpus = read_utterances(write_corpus(tmp_path / "corpus", speakers=1, lines=1))
    prepare(corpus, made_front_end(), DataConfig(), tmp_path / "cache")
    with pytest.raises(UsageError, match="another way"):
        prepare(corpus, replace(made_front_end(), name="other"), DataConfig(), tmp_path / "cache")
    with pytest.raises(UsageError, match="another way"):
        prepare(corpus, made_front_end(), DataConfig(perturbed=1), tmp_path / "cache")


def test_nothing_usable_is_an_error(tmp_path: Path) -> None:
    silent = tmp_path / "x.wav"
    soundfile.write(silent, np.zeros(16_000, np.float32), 16_000)
    with pytest.raises(UsageError, match="No line can be trained on"):
        prepare([Utterance("x", "p", "abc", silent)], made_front_end(), DataConfig(), tmp_path / "cache")
