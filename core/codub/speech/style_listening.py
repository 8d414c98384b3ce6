"""What the fit of a style hears: pieces of lines in that style, as the speaker encoder embeds them.

And pieces of the reference said again: these are heard beside the recording itself, band by band, which flatters no
speaker encoder.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from codub.speech.accent import accented
from codub.speech.equaliser import FRAME, triangles
from codub.speech.kokoro.voices import HALF, stock_voices
from codub.speech.model import Style
from codub.speech.style import voice_space
from codub.speech.style_filters import filtered, filtered_over_time, to_speech_rate

Doubles = NDArray[np.float64]

# A fit hears sounds that yield less to the natives than a dub's (`accent.YIELD`, 0.06). With as much, what the style
# changes is hardly heard there, and it wanders: five people, DistillMOS of English lines 4.22 for 4.42 with 0.01, SECS
# 0.816 both times; but French and Spanish are understood better (6.4 and 4.5 % word errors for 7.2 and 5.0).
FITTED_YIELD = 0.03
# What the spectral distance weighs beside the cosine; their gradients are then about equal. Six people of
# train-clean-100, six lines each in five languages, SECS / CAM++ / DistillMOS after 16 steps: without the reference
# said again 0.740 / 0.251 / 4.36, with it 0.745 / 0.256 / 4.39; two of them at 1, 24 steps: 0.738 / 0.227 / 4.48 where
# 0.3 has 0.730 / 0.259 / 4.49, and one whose DistillMOS fell to 3.95.
SPECTRAL = 0.3
QUIET = 1e-4  # of a sound's mean power: what is below in a band is not told apart
VECTOR = 400  # samples at 16 kHz of a latent vector


@dataclass(frozen=True)
class Listening:
    """How like the reference a style makes the decoder sound; differentiable.

    `decoder` takes what Kokoro's does, articulation included, and speaks at 24 kHz; `network` embeds
    16 kHz waves; `wanted` is the reference's embedding `(256,)`, `gains` the equaliser's `(40,)` that the sound gets.
    """

    decoder: nn.Module
    network: nn.Module
    wanted: Tensor
    gains: NDArray[np.float32] | None = None

    def spoken(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """The piece spoken in the acoustic style `(128,)`, `(1, 400 T)` at 16 kHz."""
        formed = None if piece.forming is None else piece.forming.articulation(acoustic)[None]
        told = (piece.features, piece.f0, piece.energy, acoustic[None])
        wave = to_speech_rate(self.decoder(*told, articulation=formed))
        if piece.moving is not None:
            wave = filtered_over_time(wave, piece.moving)
        return wave if self.gains is None else filtered(wave, self.gains)

    def judged(self, piece: "Piece", acoustic: Tensor) -> tuple[Tensor, Tensor]:
        """Cosine between the reference and the piece spoken in the acoustic style, and what the piece costs a fit."""
        wave = self.spoken(piece, acoustic)
        likeness = torch.dot(self.network(wave)[0], self.wanted)
        cost = 1 - likeness
        if piece.recorded is not None:
            cost = cost + SPECTRAL * spectral_distance(wave, piece.recorded)
        return likeness, cost


@dataclass(frozen=True)
class Forming:
    """With what a language forms its sounds while the style moves: an articulation, affine in the acoustic style."""

    slope: Tensor
    shift: Tensor

    def articulation(self, acoustic: Tensor) -> Tensor:
        """The acoustic style `(128,)` of all before the generator, of the voice's acoustic style `(128,)`."""
        return acoustic @ self.slope + self.shift


def forming(language: str, style: Style, device: str = "cpu") -> Forming | None:
    """How `accent.accented` lets the language's sounds be formed, of styles among the stock voices; None: as they are.

    It is read off that: in the middle of the stock voices, and one standard deviation along each of their axes.
    """
    if accented(style, language, yielding=FITTED_YIELD).articulation is None:
        return None
    space = voice_space(np.stack(list(stock_voices().values())))
    middle = _articulation(space.centre, style, language)
    moved = np.stack([_articulation(space.centre + axis, style, language) for axis in space.axes]) - middle
    slope = np.linalg.pinv(space.axes) @ moved
    shift = middle - space.centre @ slope
    return Forming(*(torch.from_numpy(values.astype(np.float32)).to(device) for values in (slope, shift)))


def _articulation(acoustic: Doubles, style: Style, language: str) -> Doubles:
    vector = np.concatenate([acoustic, style.vector[HALF:]]).astype(np.float32)
    formed = accented(replace(style, vector=vector), language, yielding=FITTED_YIELD)
    return np.asarray(formed.articulation, dtype=np.float64)


@dataclass(frozen=True)
class Piece:
    """What the decoder speaks besides the style: features `(1, 512, T)`, F0 in Hz and energy `(1, 2 T)`.

    `forming` is the language's; None: its sounds are formed with the voice's own acoustic style. `recorded` is the
    speaker saying it, `(1, 400 T)` at 16 kHz; None: nobody ever did. `moving` are the gains in dB `(T, 40)` that each
    moment gets by what is said there; None: none.
    """

    features: Tensor
    f0: Tensor
    energy: Tensor
    forming: Forming | None = None
    recorded: Tensor | None = None
    moving: Tensor | None = None

    def window(self, start: int, vectors: int) -> "Piece":
        """The stretch of `vectors` from `start` on."""
        curve = slice(2 * start, 2 * (start + vectors))
        part = self.features[..., start : start + vectors]
        sound = slice(VECTOR * start, VECTOR * (start + vectors))
        recorded = None if self.recorded is None else self.recorded[:, sound]
        moving = None if self.moving is None else self.moving[start : start + vectors]
        f0, energy = self.f0[:, curve], self.energy[:, curve]
        return replace(self, features=part, f0=f0, energy=energy, recorded=recorded, moving=moving)


def spectral_distance(waves: Tensor, recorded: Tensor) -> Tensor:
    """How far two sounds `(1, N)` at 16 kHz are apart in logarithms of 40 bands' power, 100 frames a second.

    Each band's mean is left out: it is the gains' matter.
    """
    return (_bands(waves) - _bands(recorded)).abs().mean()


def _bands(waves: Tensor) -> Tensor:
    window = torch.hann_window(400, device=waves.device)
    spectrum = torch.stft(waves, 512, FRAME, 400, window, center=False, return_complex=True)
    bands = torch.from_numpy(triangles()).to(waves) @ spectrum.abs().square()[0]
    logarithms = torch.log(bands + QUIET * bands.detach().mean() + 1e-12)
    return logarithms - logarithms.mean(dim=1, keepdim=True)
