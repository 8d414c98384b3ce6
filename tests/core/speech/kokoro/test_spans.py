# ruff: noqa: RUF001 - IPA looks like Latin letters
from itertools import pairwise

import numpy as np

from codub.latent import SILENCE
from codub.speech.kokoro import spans


def curve(pattern: str) -> np.ndarray:
    """Energy at 80 Hz of frames drawn as # (heard) and . (not)."""
    return np.repeat([5.0 if c == "#" else -6.0 for c in pattern], 2).astype(np.float32)


def named(symbols: list[str], durations: list[int], pattern: str) -> list[tuple[str, int]]:
    owners = np.repeat(np.arange(len(symbols)), durations)
    found = spans.phoneme_spans(symbols, owners, curve(pattern))
    assert found[0].start == 0
    assert found[-1].end == sum(durations) * spans.FRAME
    assert all(a.end == b.start for a, b in pairwise(found))
    return [(span.phoneme, round(span.duration / spans.FRAME)) for span in found]


def test_marks_join_the_sound_they_belong_to() -> None:
    symbols = [SILENCE, "b", "ˈ", "o", "ː", "t", SILENCE]
    assert named(symbols, [3, 2, 1, 2, 1, 2, 2], "...########..") == [
        (SILENCE, 3), ("b", 2), ("o", 4), ("t", 2), (SILENCE, 2),
    ]  # fmt: skip


def test_a_space_in_running_speech_is_no_silence() -> None:
    assert named(["a", " ", "m"], [3, 2, 3], "########") == [("a", 5), ("m", 3)]


def test_a_pause_is_silence_and_what_sounds_after_it_begins_the_next_word() -> None:
    symbols = ["a", ",", " ", "m"]
    assert named(symbols, [3, 4, 2, 3], "###....#####") == [("a", 3), (SILENCE, 4), ("m", 5)]


def test_a_closure_is_part_of_its_plosive() -> None:
    assert named(["a", "p", "a"], [3, 3, 3], "###..####") == [("a", 3), ("p", 3), ("a", 3)]


def test_the_silent_end_of_the_last_sound_is_split_off() -> None:
    assert named([SILENCE, "a", "t", ".", SILENCE], [2, 3, 8, 2, 1], "..######........") == [
        (SILENCE, 2), ("a", 3), ("t", 3), (SILENCE, 8),
    ]  # fmt: skip


def test_all_silent() -> None:
    assert named([SILENCE, "a", SILENCE], [2, 2, 2], "......") == [(SILENCE, 2), ("a", 2), (SILENCE, 2)]


def test_owners_of_the_sound_are_two_frames_ahead_of_the_features() -> None:
    owners = np.array([0, 0, 1, 1, 1, 2], dtype=np.int64)
    assert spans.in_sound(owners).tolist() == [1, 1, 1, 2, 2, 2]
    assert spans.in_sound(owners[:1]).tolist() == [0]
