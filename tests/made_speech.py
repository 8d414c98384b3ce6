"""A made corpus: every letter of a text is a tone of its speaker's voice; and a front end that hears it."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from codub.errors import CodubError
from codub.training.speech_stack.features import FrontEnd, padded

RATE = 16_000
CHANNELS = 12  # of its features
LETTERS = "abcdefghij"
TEXTS = ("bad cab", "face", "decade", "a big jag", "high", "bead", "cage fad")


def write_corpus(root: Path, speakers: int = 3, lines: int = 4, texts: tuple[str, ...] = TEXTS) -> Path:
    """A folder `speaker/speaker_line.wav` with `.txt` beside, 0.7 to 1.5 s each."""
    for speaker in range(speakers):
        folder = root / f"p{speaker}"
        folder.mkdir(parents=True)
        for line in range(lines):
            text = texts[(speaker + line) % len(texts)]
            stem = folder / f"p{speaker}_{line}"
            soundfile.write(stem.with_suffix(".wav"), speech(text, 100 + 30 * speaker), RATE)
            stem.with_suffix(".txt").write_text(text, encoding="utf-8")
    return root


def speech(text: str, f0: float, seconds: float = 0.17) -> NDArray[np.float32]:
    """Ten harmonics of `f0`; the letter says which ones are strong."""
    time = np.arange(int(seconds * RATE)) / RATE
    sounds = []
    for letter in text:
        place = LETTERS.find(letter) + 1
        strength = np.exp(-0.5 * ((np.arange(1, 11) - place) / 1.5) ** 2) * (place > 0)
        sounds.append((strength[:, None] * np.sin(2 * np.pi * f0 * np.arange(1, 11)[:, None] * time)).sum(0))
    return (0.2 * np.concatenate(sounds)).astype(np.float32)


def made_front_end(channels: int = CHANNELS) -> FrontEnd:
    """Features are energies of bands, F0 is the comb that fits the whole line best, phonemes are the letters.

    Figures cannot be read.
    """

    def features(sound: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = padded(sound).reshape(-1, 320)
        power = np.abs(np.fft.rfft(frames * np.hanning(320), axis=1)) ** 2
        bands = np.add.reduceat(power, np.linspace(0, 80, channels, endpoint=False).astype(int), axis=1)
        return np.log(bands + 1e-3).T.astype(np.float32)

    def f0(sound: NDArray[np.float32]) -> NDArray[np.float32]:
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4 * RATE))
        combs = [spectrum[4 * pitch :: 4 * pitch][:10].sum() / pitch**0.1 for pitch in range(90, 200)]
        loud = np.abs(padded(sound).reshape(-1, 80)).max(axis=1) > 0.01
        return (loud * float(90 + int(np.argmax(combs)))).astype(np.float32)

    def phonemes(text: str) -> NDArray[np.int64]:
        if any(character.isdigit() for character in text):
            raise CodubError(f"The text {text!r} has a figure.")
        return np.array([LETTERS.find(letter) + 2 for letter in text], dtype=np.int64)

    return FrontEnd("made", features, f0, phonemes)
