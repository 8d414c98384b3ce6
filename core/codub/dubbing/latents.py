"""The latent of a take, kept beside its sound and picture: with it a clip is rendered again without its text."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from codub.errors import WeightsError
from codub.latent import SPACES, PhonemeSpan, SpeechLatent


def write_latent(path: Path, latent: SpeechLatent, at: Fraction) -> None:
    """Keep a latent and the time on the timeline, in seconds, at which it begins."""
    spans = [[span.phoneme, span.start, span.end] for span in latent.spans]
    about = {"space": latent.space.name, "origin": latent.origin, "at": str(at), "spans": json.dumps(spans)}
    tensors = {"features": latent.features, "log_f0": latent.log_f0, "energy": latent.energy}
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path, metadata=about)


def read_latent(path: Path) -> tuple[SpeechLatent, Fraction]:
    """What `write_latent` kept.

    Raises:
        WeightsError: the file is not a latent of this codub.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            latent = SpeechLatent(
                space=SPACES[about["space"]],
                features=file.get_tensor("features"),
                log_f0=file.get_tensor("log_f0"),
                energy=file.get_tensor("energy"),
                spans=tuple(PhonemeSpan(str(p), float(s), float(e)) for p, s, e in json.loads(about["spans"])),
                origin=cast("Literal['text', 'sound']", about["origin"]),
            )
            return latent, Fraction(about["at"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsError(
            f"The latent '{path.name}' of a take cannot be read.",
            cause=f"{type(error).__name__}: {error}.",
            fix="Dub the cue again: codub dub ... --cue N",
        ) from error
