"""Whose voices are measured: people that nothing was trained on."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.errors import UsageError
from codub.media.audio import read_audio
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

HELD_OUT = "LibriSpeech test-other"
REFERENCES = 3  # utterances a speaker's style is made of; the others say what it should sound like


@dataclass(frozen=True)
class Person:
    """`reference` is what the style is made of; `utterances` are others, with their texts; shortest first."""

    name: str
    reference: FloatArray
    utterances: tuple[tuple[FloatArray, str], ...]

    @property
    def others(self) -> FloatArray:
        """All utterances that the style is not made of, one after the other."""
        return np.concatenate([sound for sound, _ in self.utterances])


def held_out_people(corpora: Path, count: int) -> list[Person]:
    """The first `count` people of test-other, 16 kHz.

    Raises:
        UsageError: the recordings are not there.
    """
    rows = _rows(corpora, HELD_OUT)
    found = []
    for name in sorted({row["speaker"] for row in rows})[:count]:
        own = [row for row in rows if row["speaker"] == name]
        sounds = [_sound(corpora, row) for row in own]
        rest = sorted(zip(sounds[REFERENCES:], (row["text"] for row in own[REFERENCES:]), strict=True), key=_length)
        found.append(Person(name, np.concatenate(sounds[:REFERENCES]), tuple(rest)))
    return found


def _rows(corpora: Path, origin: str) -> list[Mapping[str, str]]:
    manifest = corpora / "speech" / "manifest.tsv"
    if not manifest.is_file():
        raise UsageError(f"There are no recordings in '{corpora}'.", cause=f"'{manifest}' does not exist.")
    with manifest.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["origin"].startswith(origin)]


def _sound(corpora: Path, row: Mapping[str, str]) -> FloatArray:
    return np.asarray(read_audio(corpora / "speech" / row["file"], rate=SPEECH_RATE), dtype=np.float32)


def _length(utterance: tuple[FloatArray, str]) -> int:
    return len(utterance[0])
