"""How natural speech sounds: DistillMOS, a stand-in for listeners' mean opinion score from 1 to 5."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from codub import weights
from codub.errors import WeightsError
from codub.evaluation.naturalness_network import SEGMENT, NaturalnessNetwork
from codub.timing import SPEECH_RATE


class NaturalnessMeter:
    """Scores sound; read speech of LibriVox gets 4.5, espeak-ng 2.1."""

    def __init__(self, network: NaturalnessNetwork) -> None:
        self._network = network.eval().requires_grad_(requires_grad=False)

    @torch.inference_mode()
    def score(self, samples: NDArray[np.float32]) -> float:
        """Mean opinion score, 1 to 5, of 16 kHz mono sound of any length."""
        wave = torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32))
        over = len(wave) - SEGMENT
        if over < 0:
            return float(self._network(torch.nn.functional.pad(wave, (0, -over))[None])[0])
        count = -(-over // SPEECH_RATE) + 1
        starts = np.linspace(0, over, count).astype(int)
        scores = [float(self._network(wave[None, start : start + SEGMENT])[0]) for start in starts]
        return float(np.mean(scores))


def load_naturalness() -> NaturalnessMeter:
    """The meter with its published weights.

    Raises:
        WeightsError: they were not fetched (they are for evaluation only), or are another model's.
    """
    path = weights.find("distillmos", "distill_mos_v7.pt")
    checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    network = NaturalnessNetwork()
    try:
        network.load_state_dict(checkpoint["model"])
    except (RuntimeError, KeyError) as error:
        raise WeightsError(f"'{path}' does not hold DistillMOS.", cause=str(error).splitlines()[0]) from error
    return NaturalnessMeter(network)
