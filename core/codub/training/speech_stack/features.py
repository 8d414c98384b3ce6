"""What training reads of a line, worked out once and kept: sound, wav2vec 2.0 features, F0, phonemes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from codub.errors import CodubError, UsageError
from codub.files import replacing
from codub.latent import FloatArray
from codub.media.audio import read_audio
from codub.speech.hierspeechpp.w2v import W2vSize
from codub.timing import SPEECH_RATE
from codub.training.processes import ALONE, Processes
from codub.training.speech_stack.perturbation import perturb
from codub.training.speech_stack.utterances import Utterance

Progress = Callable[[float, str], None]
Ids = NDArray[np.int64]

HOP = 320  # samples a frame: 50 Hz
F0_PER_FRAME = 4
QUANTUM = 1280  # samples; sound is padded to a multiple, and by one sample at least
REJECTED = "rejected.tsv"
FRONT_END = "front-end.txt"


@dataclass(frozen=True)
class FrontEnd:
    """How lines are heard and read. `name` tells one set of wav2vec 2.0 weights from another.

    `features` of n samples at 16 kHz are `(C, T)` and `f0` is `(4 T,)` in Hz, 0 where unvoiced, with T the frames of
    the sound as `padded` fills it up; `phonemes` of a text are the symbols' numbers without blanks, and raise a
    CodubError where one cannot be read.
    """

    name: str
    features: Callable[[FloatArray], FloatArray]
    f0: Callable[[FloatArray], FloatArray]
    phonemes: Callable[[str], Ids]


@dataclass(frozen=True)
class DataConfig:
    """Which lines are trained on (seconds, phonemes), and how many perturbed copies of their features are kept.

    Without `transcribed` texts are neither needed nor read.
    """

    transcribed: bool = True
    shortest: float = 0.64
    longest: float = 12.0
    phonemes: int = 200
    perturbed: int = 0
    held_out: float = 0.05  # share of the lines, whole speakers
    w2v: W2vSize = field(default_factory=W2vSize)  # of the weights that hear


@dataclass(frozen=True)
class Line:
    """A prepared line of T frames, on the disk; `features` holds `(T, C)` half floats as `w2v`, and as `w2v_1` ...

    those of perturbed sound.
    """

    name: str
    speaker: str
    path: Path


def padded(sound: FloatArray) -> FloatArray:
    """16 kHz sound with zeros behind it, up to the next multiple of 1280 samples."""
    return np.pad(sound, (0, QUANTUM - len(sound) % QUANTUM))


def prepare(
    utterances: Sequence[Utterance],
    front_end: FrontEnd,
    config: DataConfig,
    folder: Path,
    progress: Progress = lambda fraction, what: None,
    processes: Processes = ALONE,
) -> list[Line]:
    """The lines that can be trained on; what is missing in the folder is made, each process taking its share.

    The others are listed with the reason in `rejected.tsv`; one bad recording never ends a run.

    Raises:
        UsageError: the folder was filled through other weights, or no line can be trained on.
    """
    _claim(folder, front_end, config, processes)
    own = utterances[processes.rank :: processes.count]
    for number, utterance in enumerate(own):
        if not (_kept(folder, utterance).is_file() or _reason(folder, utterance).is_file()):
            progress(number / len(own), f"hearing {utterance.name}")
            _prepare_one(utterance, front_end, config, folder)
    processes.wait()
    lines = [Line(one.name, one.speaker, _kept(folder, one)) for one in utterances if _kept(folder, one).is_file()]
    if processes.first:
        _list_rejected(utterances, folder)
    if not lines:
        raise UsageError("No line can be trained on.", cause=f"The reasons are in '{folder / REJECTED}'.")
    return lines


@dataclass(frozen=True)
class Heard:
    """T frames of a line: `sound` `(320 T,)` -1..1 at 16 kHz, `w2v` and `perturbed` `(T, C)`, `f0` `(4 T,)` in Hz,

    and the `phonemes` of the whole line. `perturbed` is `w2v` where no copies were kept.
    """

    sound: FloatArray
    w2v: FloatArray
    perturbed: FloatArray
    f0: FloatArray
    phonemes: Ids


def channels_of(line: Line) -> int:
    """How many numbers a feature vector of a prepared line has."""
    with safe_open(line.path, "numpy") as held:
        return int(held.get_slice("w2v").get_shape()[1])


def frames_of(line: Line) -> int:
    """How long a prepared line is, read from its head alone."""
    with safe_open(line.path, "numpy") as held:
        return int(held.get_slice("w2v").get_shape()[0])


def read_piece(line: Line, start: int = 0, frames: int | None = None, copy: int = 0) -> Heard:
    """`frames` of a line from frame `start` on (to its end when None), with the perturbed features of `copy`, from 1.

    Only what is asked for is read.
    """
    with safe_open(line.path, "numpy") as held:
        end = held.get_slice("w2v").get_shape()[0] if frames is None else start + frames
        w2v = held.get_slice("w2v")[start:end].astype(np.float32)
        return Heard(
            sound=held.get_slice("sound")[start * HOP : end * HOP].astype(np.float32) / 32767,
            w2v=w2v,
            perturbed=held.get_slice(f"w2v_{copy}")[start:end].astype(np.float32) if copy else w2v,
            f0=held.get_slice("f0")[start * F0_PER_FRAME : end * F0_PER_FRAME],
            phonemes=held.get_tensor("phonemes").astype(np.int64),
        )


def _claim(folder: Path, front_end: FrontEnd, config: DataConfig, processes: Processes) -> None:
    texts = f"{config.phonemes} phonemes" if config.transcribed else "no texts"
    limits = f"{config.shortest} s to {config.longest} s, {texts}"
    marked = f"{front_end.name}\n{limits}, {config.perturbed} perturbed copies\n"
    path = folder / FRONT_END
    there = path.read_text(encoding="utf-8") if path.is_file() else marked
    if there != marked:
        raise UsageError(
            f"The features in '{folder}' were made in another way.",
            cause=f"Made with {there.strip()!r}; wanted {marked.strip()!r}.",
            fix="Choose another folder for them.",
        )
    processes.wait()
    if processes.first and not path.is_file():
        with replacing(path) as temporary:
            temporary.write_text(marked, encoding="utf-8")


def _prepare_one(utterance: Utterance, front_end: FrontEnd, config: DataConfig, folder: Path) -> None:
    try:
        held = _heard(utterance, front_end, config)
    except CodubError as error:
        with replacing(_reason(folder, utterance)) as temporary:
            temporary.write_text(" ".join(str(error).split()), encoding="utf-8")
        return
    with replacing(_kept(folder, utterance)) as temporary:
        save_file(held, temporary)


def _heard(utterance: Utterance, front_end: FrontEnd, config: DataConfig) -> dict[str, NDArray[np.generic]]:
    sound = np.asarray(read_audio(utterance.sound, rate=SPEECH_RATE), dtype=np.float32)
    seconds = len(sound) / SPEECH_RATE
    if not config.shortest <= seconds <= config.longest:
        raise CodubError(f"It lasts {seconds:.2f} s, not {config.shortest} to {config.longest} s.")
    filled = padded(sound)
    phonemes = _read(utterance, front_end, config, len(filled) // HOP) if config.transcribed else np.zeros(0, np.int64)
    f0 = front_end.f0(sound)
    if not f0.any():
        raise CodubError("Nothing in it is voiced.")
    held = {"w2v": _half(front_end.features(sound))}
    for copy in range(1, config.perturbed + 1):
        held[f"w2v_{copy}"] = _half(front_end.features(perturb(sound, seed=(copy, *utterance.name.encode()))))
    stored = np.clip(np.round(filled * 32767), -32768, 32767).astype(np.int16)
    return {**held, "sound": stored, "f0": f0.astype(np.float32), "phonemes": phonemes.astype(np.uint8)}


def _read(utterance: Utterance, front_end: FrontEnd, config: DataConfig, frames: int) -> Ids:
    phonemes = front_end.phonemes(utterance.text)
    if not 1 <= len(phonemes) <= config.phonemes:
        raise CodubError(f"It has {len(phonemes)} phonemes, not 1 to {config.phonemes}.")
    if 2 * len(phonemes) + 1 > frames:
        raise CodubError(f"{len(phonemes)} phonemes and the blanks round them do not fit into {frames} frames.")
    return phonemes


def _half(features: FloatArray) -> NDArray[np.float16]:
    """`(T, C)`, so that a piece of a line lies together."""
    half = np.ascontiguousarray(features.T.astype(np.float16))
    if not np.isfinite(half).all():
        raise CodubError("Its wav2vec 2.0 features are not finite in half precision.")
    return half


def _list_rejected(utterances: Sequence[Utterance], folder: Path) -> None:
    rows = [(one.name, _reason(folder, one)) for one in utterances if _reason(folder, one).is_file()]
    with replacing(folder / REJECTED) as temporary:
        text = "".join(f"{name}\t{path.read_text(encoding='utf-8')}\n" for name, path in rows)
        temporary.write_text(f"name\treason\n{text}", encoding="utf-8")


def _kept(folder: Path, utterance: Utterance) -> Path:
    return folder / f"{utterance.name}.safetensors"


def _reason(folder: Path, utterance: Utterance) -> Path:
    return folder / f"{utterance.name}.rejected.txt"
