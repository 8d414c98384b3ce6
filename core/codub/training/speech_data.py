"""What the speech encoder is trained on: sound beside the latent that it should be heard as.

Teacher clips were spoken by the voice model itself, so their phonemes, features, F0 and energy are known exactly.
Each clip is heard by Whisper once (as it is, and again through worse microphones) and kept in half precision, so
that training itself runs only the small adapter.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from codub.errors import UsageError
from codub.files import replacing
from codub.latent import EMBEDDED, FloatArray
from codub.speech.inventory import NUMBER, PAUSE, labels
from codub.speech.kokoro.spans import loud
from codub.timing import SPEECH_RATE

SAMPLES_PER_VECTOR = 400  # 25 ms at 16 kHz
LOWEST_F0 = 40.0  # Hz; below it the voice model's F0 means "unvoiced"

# Voices, and blends in which they take part, that are only measured on.
HELD_OUT_VOICES = ("af_heart", "bm_george", "am_puck", "em_alex", "if_sara", "pm_santa")

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class TeacherClip:
    """One synthesized clip; `durations` in 25 ms vectors belong to `[pad, *symbols, pad]`."""

    name: str
    language: str
    speaker: str
    speed: float
    text: str
    symbols: tuple[str, ...]
    durations: tuple[int, ...]
    sound: Path

    @property
    def held_out(self) -> bool:
        """Whether a voice that takes part in it is only measured on."""
        return any(voice in self.speaker for voice in HELD_OUT_VOICES)


@dataclass(frozen=True)
class Target:
    """What a clip should be heard as: features (512, T), label (T,), F0 in Hz and energy (2T,).

    `has_prosody` is False where F0 and energy are not known (real recordings).
    """

    features: FloatArray
    labels: NDArray[np.uint8]
    f0: FloatArray
    energy: FloatArray
    has_prosody: bool = True


@dataclass(frozen=True)
class Example:
    """A clip ready to learn from, in half precision: Whisper's states (N, 512), log-mel (M, 80), and the target.

    `features` is (T, 512); `prosody` is (2T, 3): voiced, ln(F0 + 1), energy; `weight` 0 where prosody is unknown.
    """

    heard: NDArray[np.float16]
    mel: NDArray[np.float16]
    features: NDArray[np.float16]
    labels: NDArray[np.uint8]
    prosody: NDArray[np.float16]
    has_prosody: bool

    @property
    def vectors(self) -> int:
        """T: 25 ms vectors."""
        return len(self.labels)


def teacher_clips(folder: Path) -> list[TeacherClip]:
    """The synthesized clips listed in `folder/clips.jsonl`.

    Raises:
        UsageError: the list is not there.
    """
    table = folder / "clips.jsonl"
    if not table.is_file():
        raise UsageError(f"There are no teacher clips in '{folder}'.", cause="It has no clips.jsonl.")
    rows = (json.loads(line) for line in table.read_text(encoding="utf-8").splitlines())
    return [
        TeacherClip(
            name=row["id"],
            language=row["lang"],
            speaker=row["speaker"],
            speed=row["speed"],
            text=row["text"],
            symbols=tuple(row["phonemes"]),
            durations=tuple(row["durations_25ms"]),
            sound=folder / "audio" / f"{row['id']}.ogg",
        )
        for row in rows
    ]


def read_sound(path: Path) -> FloatArray:
    """16 kHz mono sound of a corpus file.

    Raises:
        UsageError: the file has another rate (the corpora were made at 16 kHz).
    """
    import soundfile

    samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    if rate != SPEECH_RATE:
        raise UsageError(f"'{path}' has {rate} Hz.", fix=f"Convert the corpus to {SPEECH_RATE} Hz mono.")
    return np.ascontiguousarray(samples.mean(axis=1))


def label_row(symbols: Sequence[str], durations: Sequence[int], energy: FloatArray | None = None) -> NDArray[np.uint8]:
    """Inventory number of every vector, for durations of `[pad, *symbols, pad]`.

    The voice keeps the silence after a line in its last sound; where `energy` (2T,) tells of it, it is a pause.
    """
    row = np.repeat(np.array(labels([PAUSE, *symbols, PAUSE]), dtype=np.uint8), durations)
    if energy is not None:
        heard = np.flatnonzero(loud(energy))
        if len(heard):
            row[: heard[0]] = NUMBER[PAUSE]
            row[heard[-1] + 1 :] = NUMBER[PAUSE]
    return row


def worse_microphone(samples: FloatArray, random: np.random.Generator) -> FloatArray:
    """The same sound as another room and recorder might give it: tilt, band limits, noise, level.

    Each of them with its own chance; noise is white to brown at 5 to 35 dB below the speech.
    """
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SPEECH_RATE)
    octaves = np.log2(np.maximum(hertz, 50.0) / 1000.0)
    curve = np.zeros_like(octaves)
    if random.random() < 0.7:
        curve += random.uniform(-3, 3) * octaves  # dB an octave
        curve += random.uniform(-6, 6) * np.cos(octaves * random.uniform(0.5, 2.0) + random.uniform(0, 6.28))
    if random.random() < 0.4:
        curve += _roll_off(hertz, random.uniform(3000, 7500), above=True)
    if random.random() < 0.4:
        curve += _roll_off(hertz, random.uniform(60, 300), above=False)
    out = np.fft.irfft(spectrum * 10 ** (curve / 20), len(samples))
    if random.random() < 0.3:
        out = _with_room(out, random)
    if random.random() < 0.7:
        shape = np.maximum(hertz, 50.0) ** -random.uniform(0, 1)
        noise = np.fft.irfft(np.fft.rfft(random.standard_normal(len(samples))) * shape, len(samples))
        level = np.sqrt(np.mean(out**2)) * 10 ** (-random.uniform(5, 35) / 20)
        out = out + noise * (level / max(float(np.sqrt(np.mean(noise**2))), 1e-9))
    gain = 10 ** (random.uniform(-18, 0) / 20) / max(float(np.abs(out).max()), 1e-6)
    return np.asarray(out * gain, dtype=np.float32)


def _roll_off(hertz: NDArray[Any], corner: float, *, above: bool) -> NDArray[np.float64]:
    beyond = np.log2(np.maximum(hertz, 1.0) / corner) * (1 if above else -1)
    return np.asarray(-18.0 * np.maximum(beyond, 0.0))


def _with_room(samples: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """A short exponential tail, 0.1 to 0.4 s to -60 dB, 6 to 20 dB below the direct sound."""
    count = int(random.uniform(0.1, 0.4) * SPEECH_RATE)
    tail = random.standard_normal(count) * 10 ** (-3 * np.linspace(0, 1, count))
    tail *= 10 ** (-random.uniform(6, 20) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    length = len(samples) + count
    wet = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(tail, length), length)
    return np.asarray(wet[: len(samples)])


Hearing = Callable[[FloatArray], tuple[FloatArray, FloatArray]]  # 16 kHz sound -> Whisper's states, log-mel


def prepare(
    items: Iterable[tuple[str, Path, Callable[[], Target]]],
    folder: Path,
    hear: Hearing,
    *,
    copies: int,
    total: int,
    progress: Progress = lambda _fraction, _what: None,
) -> None:
    """Examples of every item `(name, sound file, its target)`, written to `folder`; what is there already is kept.

    Copy 0 is the sound as it is, the further ones go through `worse_microphone`, seeded by the item's name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for done, (name, sound, target) in enumerate(items):
        for copy in range(copies):
            path = folder / f"{name}.{copy}.safetensors"
            if path.is_file():
                continue
            samples = read_sound(sound)
            if copy:
                samples = worse_microphone(samples, np.random.default_rng([copy, *name.encode()]))
            with replacing(path) as temporary:
                save_file(_packed(hear(samples), target()), str(temporary))
        progress((done + 1) / total, "hearing the clips")


def _packed(heard: tuple[FloatArray, FloatArray], target: Target) -> dict[str, NDArray[np.generic]]:
    states, mel = heard
    voiced = (target.f0 > LOWEST_F0).astype(np.float32)
    prosody = np.stack([voiced, np.log(np.maximum(target.f0, 0) + 1) * voiced, target.energy], axis=1)
    return {
        "heard": states.astype(np.float16),
        "mel": np.ascontiguousarray(mel.T).astype(np.float16),
        "features": np.ascontiguousarray(target.features.T).astype(np.float16),
        "labels": target.labels,
        "prosody": prosody.astype(np.float16),
        "has_prosody": np.array([target.has_prosody]),
    }


def read_examples(folder: Path, names: Iterable[str], copies: int) -> list[Example]:
    """What `prepare` wrote for those names.

    Raises:
        UsageError: an example is missing.
    """
    examples = []
    for name in names:
        for copy in range(copies):
            path = folder / f"{name}.{copy}.safetensors"
            if not path.is_file():
                raise UsageError(f"'{path}' is missing.", fix="Prepare the data again; what is there is kept.")
            row = load_file(str(path))
            known = bool(row.pop("has_prosody")[0])
            examples.append(Example(**row, has_prosody=known))
    return examples


@dataclass(frozen=True)
class Batch:
    """B pieces of T vectors as tensors; shapes as in `Heard`, Whisper's states (B, 1.25 T, 512), mel (B, 80, 2.5 T)."""

    heard: torch.Tensor
    mel: torch.Tensor
    features: torch.Tensor
    labels: torch.Tensor
    prosody: torch.Tensor
    has_prosody: torch.Tensor


def batch(examples: Sequence[Example], random: np.random.Generator, size: int, vectors: int) -> Batch:
    """`size` random pieces of `vectors` vectors (a multiple of 4, so that Whisper's states start on one of them)."""
    if vectors % 4:
        raise ValueError(f"a piece must be a multiple of 4 vectors long, got {vectors}")
    fitting = [example for example in examples if example.vectors >= vectors]
    if not fitting:
        raise UsageError(f"No clip is as long as a piece of {vectors} vectors.", fix="Set shorter pieces.")
    lengths = np.array([example.vectors for example in fitting], dtype=np.float64)
    picked = random.choice(len(fitting), size, p=lengths / lengths.sum())
    pieces = [
        _piece(fitting[i], int(random.integers(0, (fitting[i].vectors - vectors) // 4 + 1)) * 4, vectors)
        for i in picked
    ]
    return Batch(*(torch.from_numpy(np.stack(part)) for part in zip(*pieces, strict=True)))


def whole(example: Example) -> Batch:
    """One example as a batch of one, cut to a multiple of 4 vectors."""
    return Batch(*(torch.from_numpy(part[None]) for part in _piece(example, 0, example.vectors // 4 * 4)))


def _piece(example: Example, start: int, vectors: int) -> tuple[NDArray[np.generic], ...]:
    heard = _rows(example.heard, start * 5 // 4, vectors * 5 // 4 + 1)
    mel = _rows(example.mel, start * 5 // 2, vectors * 5 // 2 + 1)
    return (
        heard.astype(np.float32),
        np.ascontiguousarray(mel.T).astype(np.float32),
        np.ascontiguousarray(example.features[start : start + vectors].T).astype(np.float32),
        example.labels[start : start + vectors].astype(np.int64),
        np.ascontiguousarray(example.prosody[2 * start : 2 * (start + vectors)].T).astype(np.float32),
        np.array(example.has_prosody, dtype=np.float32),
    )


def _rows(values: NDArray[np.float16], start: int, count: int) -> NDArray[np.float16]:
    """`count` rows; the last one repeats where the clip ends."""
    index = np.minimum(np.arange(start, start + count), len(values) - 1)
    return np.asarray(values[index])


assert EMBEDDED.rate * SAMPLES_PER_VECTOR == SPEECH_RATE
