from pathlib import Path

import numpy as np
import pytest
import soundfile

from codub.speech.activity import speech_intervals, speech_probabilities

RATE = 16_000


@pytest.fixture(scope="module")
def speech(corpora: Path) -> np.ndarray:
    return soundfile.read(corpora / "speech/librispeech/1088-129236-0000.ogg", dtype="float32")[0][: 6 * RATE]


@pytest.mark.parametrize("kind", ["silence", "hiss", "tone", "empty"])
def test_no_speech_where_nobody_speaks(kind: str) -> None:
    sounds = {
        "silence": np.zeros(3 * RATE, np.float32),
        "hiss": 0.05 * np.random.default_rng(0).standard_normal(3 * RATE).astype(np.float32),
        "tone": 0.3 * np.sin(np.arange(3 * RATE) * 2 * np.pi * 440 / RATE).astype(np.float32),
        "empty": np.zeros(0, np.float32),
    }
    assert speech_intervals(sounds[kind]) == []


def test_speech_is_found_where_it_was_put(speech: np.ndarray) -> None:
    alone = speech_intervals(speech)
    placed = speech_intervals(np.concatenate([np.zeros(2 * RATE, np.float32), speech, np.zeros(2 * RATE, np.float32)]))
    assert sum(i.duration for i in alone) > 3
    assert placed[0].start == pytest.approx(2 + alone[0].start, abs=0.1)
    assert placed[-1].end < 8.2
    assert sum(i.duration for i in placed) == pytest.approx(sum(i.duration for i in alone), rel=0.1)


def test_intervals_are_in_order_apart_and_inside(speech: np.ndarray) -> None:
    found = speech_intervals(np.concatenate([speech, speech[: 2 * RATE]]))
    edges = [edge for interval in found for edge in (interval.start, interval.end)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= 8


def test_blocks_of_any_size_give_the_same(speech: np.ndarray) -> None:
    blocks = np.split(speech, np.cumsum([100, 5000, 511, 513, 20_000]))
    assert list(speech_probabilities(blocks)) == list(speech_probabilities(speech))
    assert speech_intervals(iter(blocks)) == speech_intervals(speech)
