"""Examples the adapter learns from: what Whisper hears of a clip, kept in half precision, beside its target.

Each clip is heard once as it is and again through worse microphones, so that training runs only the small adapter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from codub.errors import CueError, UsageError
from codub.files import replacing
from codub.latent import FloatArray
from codub.training.microphones import worse_microphone

Value = TypeVar("Value", np.float16, np.int16)

LOWEST_F0 = 40.0  # Hz; below it the voice model's F0 means "unvoiced"

Progress = Callable[[float, str], None]


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
    """A clip ready to learn from, in half precision: Whisper's states (N, 1536), log-mel (M, 80), and the target.

    `features` is (T, 512); `prosody` is (2T, 3): voiced, ln(F0 + 1), energy; `sound` is at 16 kHz in 16 bits.
    """

    heard: NDArray[np.float16]
    mel: NDArray[np.float16]
    features: NDArray[np.float16]
    labels: NDArray[np.uint8]
    prosody: NDArray[np.float16]
    has_prosody: bool
    sound: NDArray[np.int16]

    @property
    def vectors(self) -> int:
        """T: 25 ms vectors."""
        return len(self.labels)


Hearing = Callable[[FloatArray], tuple[FloatArray, FloatArray]]  # 16 kHz sound -> Whisper's states, log-mel


@dataclass(frozen=True)
class Source:
    """A clip to be heard: its name, where its sound comes from, and what it should be heard as."""

    name: str
    sound: Callable[[], FloatArray]
    target: Callable[[], Target]


def prepare(
    sources: Sequence[Source],
    folder: Path,
    hear: Hearing,
    *,
    copies: int,
    progress: Progress = lambda _fraction, _what: None,
) -> list[str]:
    """Names of the examples, written to `folder`; what is there already is kept.

    Copy 0 is the sound as it is, the further ones go through `worse_microphone`, seeded by the clip's name. A clip
    whose words cannot be laid onto its sound is reported and left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for done, source in enumerate(sources, 1):
        missing = [copy for copy in range(copies) if not _file(folder, source.name, copy).is_file()]
        if missing:
            try:
                samples, target = source.sound(), source.target()
            except CueError as error:
                progress(done / len(sources), f"left out: {source.name}: {error}")
                continue
        names.append(source.name)
        for copy in missing:
            random = np.random.default_rng([copy, *source.name.encode()])
            with replacing(_file(folder, source.name, copy)) as temporary:
                sound = worse_microphone(samples, random) if copy else samples
                save_file(_packed(sound, hear(sound), target), str(temporary))
        if done % 20 == 0 or done == len(sources):
            progress(done / len(sources), f"{done} of {len(sources)} clips heard")
    return names


def _packed(sound: FloatArray, heard: tuple[FloatArray, FloatArray], target: Target) -> dict[str, NDArray[np.generic]]:
    states, mel = heard
    voiced = (target.f0 > LOWEST_F0).astype(np.float32)
    prosody = np.stack([voiced, np.log(np.maximum(target.f0, 0) + 1) * voiced, target.energy], axis=1)
    return {
        "sound": np.round(np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16),
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
            path = _file(folder, name, copy)
            if not path.is_file():
                raise UsageError(f"'{path}' is missing.", fix="Prepare the data again; what is there is kept.")
            row = load_file(str(path))
            known = bool(row.pop("has_prosody")[0])
            examples.append(Example(**row, has_prosody=known))
    return examples


@dataclass(frozen=True)
class Batch:
    """B pieces of T vectors as tensors, shapes as in `Heard`; Whisper's states (B, N, 1536), mel (B, 80, 2.5 T)."""

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
    heard = rows(example.heard, start * 5 // 4, vectors * 5 // 4 + 1)
    mel = rows(example.mel, start * 5 // 2, vectors * 5 // 2 + 1)
    return (
        heard.astype(np.float32),
        np.ascontiguousarray(mel.T).astype(np.float32),
        np.ascontiguousarray(example.features[start : start + vectors].T).astype(np.float32),
        example.labels[start : start + vectors].astype(np.int64),
        np.ascontiguousarray(example.prosody[2 * start : 2 * (start + vectors)].T).astype(np.float32),
        np.array(example.has_prosody, dtype=np.float32),
    )


def rows(values: NDArray[Value], start: int, count: int) -> NDArray[Value]:
    """`count` rows from `start` on; the last one repeats where the clip ends."""
    index = np.minimum(np.arange(start, start + count), len(values) - 1)
    return np.asarray(values[index])


def _file(folder: Path, name: str, copy: int) -> Path:
    return folder / f"{name}.{copy}.safetensors"
