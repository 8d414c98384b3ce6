"""What speech encoders learn from, heard once by Whisper and kept: synthesized clips, real recordings, noise."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from codub.latent import FloatArray
from codub.speech.encoder import EarSpeechEncoder
from codub.speech.hearing import Ear
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.training import speech_data
from codub.training.speech_examples import Example, Progress, prepare, read_examples


@dataclass(frozen=True)
class Material:
    """`copies` of every clip are heard, one as it is, others through worse microphones; real ones at all `paces`."""

    copies: int = 2
    of_one_speaker: int = 540  # recordings
    paces: tuple[float, ...] = (1.0,)
    silences: int = 24  # clips of noise in which nothing is said
    measured: int = 80  # held-out clips


def synthesized(
    material: Material, corpora: Path, folder: Path, ear: Ear, ttv: KokoroTextToVec, progress: Progress
) -> tuple[list[Example], list[Example]]:
    """The voice model's own clips: those to learn from, and those of voices that are only measured on.

    Raises:
        UsageError: the clips are not there.
    """
    clips = speech_data.teacher_clips(corpora)
    training = [clip.name for clip in clips if not clip.held_out]
    held_out = [clip.name for clip in clips if clip.held_out]
    heard = folder / "teacher"
    prepare(speech_data.teacher_sources(clips, ttv), heard, hearing(ear), copies=material.copies, progress=progress)
    measured = held_out[:: max(1, len(held_out) // material.measured)]
    return read_examples(heard, training, material.copies), read_examples(heard, measured, 1)


def spoken(
    material: Material,
    corpora: Path,
    folder: Path,
    ear: Ear,
    ttv: KokoroTextToVec,
    encoder: EarSpeechEncoder,
    progress: Progress,
) -> list[Example]:
    """Real recordings, their texts laid onto them by `encoder`, and noises.

    Raises:
        UsageError: a corpus is not there.
    """
    real = speech_data.recordings(corpora, of_one_speaker=material.of_one_speaker)
    paced = [recording.at(pace) for pace in material.paces for recording in real]
    sources = speech_data.recording_sources(paced, ttv, encoder) + speech_data.silence_sources(ttv, material.silences)
    names = prepare(sources, folder / "real", hearing(ear), copies=material.copies, progress=progress)
    return read_examples(folder / "real", names, material.copies)


def hearing(ear: Ear) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """The ear, for arrays."""

    def hear(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
        states, mel = ear(torch.from_numpy(samples))
        return states.numpy(), mel.numpy()

    return hear
