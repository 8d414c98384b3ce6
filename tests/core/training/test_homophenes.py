"""Sounds take each other's place only where the lips look the same."""

# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose
import numpy as np

from codub.speech.kokoro.vocabulary import IDS
from codub.training.homophenes import ALIKE, exchanged

LINE = tuple("bˈɪn blˈuː æt ɛf tˈuː nˈaʊ.")


def test_only_sounds_that_look_alike_are_exchanged() -> None:
    random = np.random.default_rng(0)
    lines = [exchanged(LINE, random) for _ in range(40)]
    for line in lines:
        assert len(line) == len(LINE)
        for old, new in zip(LINE, line, strict=True):
            assert old == new or any(old in group and new in group for group in ALIKE)
    assert {line[0] for line in lines} == set("pbm")
    assert {line[1] for line in lines} == {"ˈ"}


def test_groups_share_no_sound_and_the_voice_knows_all() -> None:
    symbols = [symbol for group in ALIKE for symbol in group]
    assert len(symbols) == len(set(symbols))
    assert set(symbols) <= set(IDS)
