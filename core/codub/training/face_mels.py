"""Log-mels of the films that train the face: what a sync expert hears that is to judge by the sound itself."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from codub.errors import CodubError
from codub.files import replacing
from codub.latent import LatentSpace
from codub.speech.whisper import HOP, MEL_BINS, log_mel
from codub.timing import SPEECH_RATE
from codub.training.face_cache import FaceCache
from codub.training.face_latents import film_sound
from codub.training.spoken_clip import SpokenClip

FloatArray = NDArray[np.float32]

# Not a latent space of any voice: it lends mels the windows round a frame's time that latents have.
MEL = LatentSpace("mel", channels=MEL_BINS, rate=Fraction(SPEECH_RATE, HOP), f0_rate=Fraction(SPEECH_RATE, HOP))
MEL_WINDOW = 20  # vectors, 0.2 s: as long as the five frames that are looked at


def mel_of(samples: FloatArray) -> FloatArray:
    """Log-mel `(80, T)` at 100 Hz of 16 kHz sound; vector t covers [t, t + 1) / 100 s, as those of a latent do."""
    # The published one centres its vectors on multiples of the step: half a step earlier.
    later = functional.pad(torch.from_numpy(np.ascontiguousarray(samples[HOP // 2 :])), (0, HOP // 2))
    return np.asarray(log_mel(later).numpy(), np.float32)


def fill_mels(
    films: Sequence[SpokenClip],
    cache: FaceCache,
    progress: Callable[[float, str], None],
    sound: Callable[[SpokenClip], FloatArray] = film_sound,
) -> None:
    """The mel of every film that was cut, into the cache's folder `mel/`, once for all latent spaces."""
    missing = [film for film in films if cache.clip(film.name).is_file() and not _file(cache, film.name).is_file()]
    for number, film in enumerate(missing):
        progress(number / len(missing), f"mel of {film.name}")
        with replacing(_file(cache, film.name)) as temporary, temporary.open("wb") as file:
            np.save(file, mel_of(sound(film)).astype(np.float16))


def load_mels(names: Iterable[str], cache: FaceCache) -> dict[str, FloatArray]:
    """Mels by film name.

    Raises:
        CodubError: one was not made, or is damaged.
    """
    mels = {}
    for name in names:
        path = _file(cache, name)
        try:
            mels[name] = np.load(path, allow_pickle=False).astype(np.float32)
        except (OSError, ValueError) as error:
            raise CodubError(
                f"The mel '{path}' cannot be read.", cause=str(error), fix="Delete it; it is made again."
            ) from error
    return mels


def _file(cache: FaceCache, name: str) -> Path:
    return cache.folder / "mel" / f"{name}.npy"
