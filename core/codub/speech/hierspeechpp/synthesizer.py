"""Latent to sound: HierSpeech++'s synthesizer and SpeechSR behind the `Synthesizer` protocol."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from codub.latent import HIERSPEECHPP, SpeechLatent
from codub.speech.hierspeechpp.fused_speechsr import FusedSpeechSR
from codub.speech.hierspeechpp.fused_synthesizer import fuse, lower_precision
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.loading import load_network
from codub.speech.hierspeechpp.speechsr import SpeechSR
from codub.speech.hierspeechpp.style import SOUND_PART, part
from codub.speech.model import Speech, Style
from codub.timing import DELIVERY_RATE

NOISE = 0.333  # the published command's share of the prior's spread
_SEED = 0


class HierspeechppSynthesizer:
    """Gives a latent of the `hierspeechpp` space the voice of a style, at 48 kHz.

    The sound is what the networks make, in [-1, 1]: the published command scales every file to its own peak, which
    would undo the levels between lines. The prior's noise is the same in every call and begins alike in every line.
    """

    space = HIERSPEECHPP

    def __init__(self, network: HierarchicalSynthesizer, raised: FusedSpeechSR, device: str = "cpu") -> None:
        self.network = network
        self.sample_rate = raised.rate
        self._raised = raised
        self._device = device

    @torch.inference_mode()
    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        """Waveform of exactly the latent's duration.

        Raises:
            LatentSpaceError: the latent, or the style, is of another space.
        """
        latent.require(self.space)
        voice = part(style, SOUND_PART).to(self._device)
        features = self._batch(latent.features)
        mask = features.new_ones(1, 1, features.shape[2])
        noise = self._noise(self.network.size.latent, features.shape[2])
        sound = self.network(features, self._batch(latent.log_f0[None]), mask, voice, noise)
        return Speech(self._raised(sound)[0, 0].cpu().numpy(), self.sample_rate)

    def synthesize_many(self, latents: Sequence[SpeechLatent], styles: Sequence[Style]) -> list[Speech]:
        """As `synthesize`, one after the other: its noise begins alike in every line.

        Raises:
            LatentSpaceError: a latent, or a style, is of another space.
        """
        return [self.synthesize(latent, style) for latent, style in zip(latents, styles, strict=True)]

    def stream(self, latent: SpeechLatent, style: Style) -> Iterator[Speech]:
        """The whole waveform: the published networks know no pieces.

        Raises:
            LatentSpaceError: the latent is of another space.
        """
        yield self.synthesize(latent, style)

    def _noise(self, channels: int, frames: int) -> torch.Tensor:
        """`(1, C, T)`: frame after frame, so that a longer line's begins as a shorter one's."""
        draw = torch.randn(frames, channels, generator=torch.Generator().manual_seed(_SEED))
        return (NOISE * draw.T)[None].to(self._device)

    def _batch(self, values: NDArray[np.float32]) -> torch.Tensor:
        return torch.from_numpy(np.array(values, dtype=np.float32, order="C")).to(self._device)[None]


def load_synthesizer(device: str = "cpu", precision: torch.dtype = torch.float32) -> HierspeechppSynthesizer:
    """The imported synthesizer and SpeechSR for 48 kHz, in their fast form; dense convolutions in `precision`.

    Raises:
        WeightsError: one of them was not imported, or its file was damaged since.
    """
    network = fuse(load_network("synthesizer", HierarchicalSynthesizer), device)
    raised = FusedSpeechSR(load_network("speechsr48k", lambda: SpeechSR(DELIVERY_RATE)))
    raised.to(device)
    if precision != torch.float32:
        lower_precision(network, precision)
        lower_precision(raised, precision)
    return HierspeechppSynthesizer(network, raised, device)
