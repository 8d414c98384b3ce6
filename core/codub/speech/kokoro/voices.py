"""The 54 stock voices as styles: where a speaker's own style starts from."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.errors import UsageError

# kokoro-js 1.2.1 (npm), Apache-2.0: `voices/NAME.bin`, row 60 of 510 (the row is the number of symbols in a line).
HALF = 128  # the acoustic style, for the decoder, then the prosody style
ASSET = "kokoro-voices.safetensors"


@cache
def _voices() -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load_file

    path = Path(str(resources.files("codub") / "assets" / ASSET))
    voices: dict[str, NDArray[np.float32]] = load_file(str(path))
    for vector in voices.values():
        vector.flags.writeable = False
    return voices


def stock_voices() -> dict[str, NDArray[np.float32]]:
    """Style vectors `(256,)` by name; the first letter is the language, the second the sex (`af_heart`)."""
    return dict(_voices())


def stock_voice(name: str) -> NDArray[np.float32]:
    """Style vector `(256,)` of one stock voice.

    Raises:
        UsageError: there is no voice of that name.
    """
    voices = _voices()
    if name not in voices:
        raise UsageError(f"There is no voice '{name}'.", fix=f"There are: {', '.join(sorted(voices))}.")
    return voices[name]


def named_voice(name: str) -> NDArray[np.float32]:
    """Style vector `(256,)` of a stock voice, or of a blend `a+b@0.35`, which is 0.35 a + 0.65 b.

    Raises:
        UsageError: there is no such voice, or the share is not between 0 and 1.
    """
    return blend(shares_of(name))


def shares_of(name: str) -> dict[str, float]:
    """Voices and their shares in one that is written `a` or `a+b@0.35`, which is 0.35 a + 0.65 b.

    Raises:
        UsageError: the share is not between 0 and 1.
    """
    pair, _, share = name.partition("@")
    first, _, second = pair.partition("+")
    if not second:
        return {first: 1.0}
    try:
        part = float(share or 0.5)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise UsageError(f"The voice '{name}' has no share between 0 and 1.", fix="Write it like af_heart+af_sky@0.35.")
    return {first: part, second: 1 - part}


def blend(shares: Mapping[str, float]) -> NDArray[np.float32]:
    """Style vector `(256,)` between stock voices; the shares need not add up to 1.

    Raises:
        UsageError: an unknown voice, or shares that add up to nothing.
    """
    return blended(shares, stock_voice)


def blended(shares: Mapping[str, float], vector: Callable[[str], NDArray[np.float32]]) -> NDArray[np.float32]:
    """As `blend`, of voices whose vectors `vector` tells by name."""
    total = sum(shares.values())
    if total <= 0:
        raise UsageError("A blend of voices needs positive shares.")
    if len(shares) == 1:
        return vector(next(iter(shares)))
    mixed = sum(share / total * vector(name) for name, share in shares.items())
    return np.asarray(mixed, dtype=np.float32)


@cache
def prosody_spread() -> NDArray[np.float32]:
    """Standard deviation `(128,)` of the stock voices in each dimension of the prosody style."""
    prosody = np.stack([vector[HALF:] for vector in _voices().values()])
    return np.asarray(prosody.std(axis=0), dtype=np.float32)
