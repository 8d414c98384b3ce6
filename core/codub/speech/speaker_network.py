"""The speaker network of Resemblyzer (Wan et al. 2018, "Generalized end-to-end loss for speaker verification")."""

import math

import torch
from torch import Tensor, nn

from codub.timing import SPEECH_RATE

WINDOW = 400  # samples, 25 ms
HOP = 160  # samples, 10 ms
MEL_BANDS = 40
PARTIAL = 160  # frames, 1.6 s: what the network was trained on
PARTIALS_PER_SECOND = 1.3
MIN_COVERAGE = 0.75  # of the last partial that must be sound
LEVEL = -30.0  # dBFS (RMS) that the network hears everything at
SIZE = 256


class SpeakerNetwork(nn.Module):
    """Waves at 16 kHz to unit vectors: the same voice gives a large cosine. Differentiable from end to end.

    The names of the parameters are the published checkpoint's.
    """

    filters: Tensor
    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(MEL_BANDS, SIZE, 3, batch_first=True)
        self.linear = nn.Linear(SIZE, SIZE)
        self.register_buffer("filters", slaney_filters(), persistent=False)
        self.register_buffer("window", torch.hann_window(WINDOW), persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        """`(B, SIZE)` of waves `(B, N)`: the normalised mean of the embeddings of overlapping 1.6 s pieces."""
        mel = self.mel(_levelled(waves))
        starts = partial_starts(waves.shape[1])
        short = starts[-1] + PARTIAL - mel.shape[1]
        mel = nn.functional.pad(mel, (0, 0, 0, max(0, short)))
        pieces = torch.stack([mel[:, start : start + PARTIAL] for start in starts], dim=1)
        embedded = self.embed(pieces.flatten(0, 1)).reshape(len(waves), len(starts), SIZE)
        return nn.functional.normalize(embedded.mean(dim=1), dim=1)

    def embed(self, mel: Tensor) -> Tensor:
        """Unit vectors `(B, SIZE)` of mel pieces `(B, frames, MEL_BANDS)`; no entry is negative."""
        _, (hidden, _) = self.lstm(mel)
        return nn.functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)

    def mel(self, waves: Tensor) -> Tensor:
        """Power in mel bands `(B, frames, MEL_BANDS)`, 100 frames/s, no logarithm, of waves `(B, N)`."""
        edge = WINDOW // 2
        padded = nn.functional.pad(waves, (edge, edge))
        spectrum = torch.stft(padded, WINDOW, HOP, window=self.window, center=False, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        return (self.filters @ power).transpose(1, 2)


def partial_starts(samples: int) -> list[int]:
    """First mel frames of the pieces that cover a wave; the last one only if it is covered well enough."""
    frames = math.ceil((samples + 1) / HOP)
    step = round(SPEECH_RATE / PARTIALS_PER_SECOND / HOP)
    starts = list(range(0, max(1, frames - PARTIAL + step + 1), step))
    covered = (samples - starts[-1] * HOP) / (PARTIAL * HOP)
    return starts[:-1] if covered < MIN_COVERAGE and len(starts) > 1 else starts


def slaney_filters() -> Tensor:
    """`(MEL_BANDS, WINDOW // 2 + 1)` triangles of equal area on Slaney's mel scale, 0 to 8 kHz.

    Slaney (1998), Auditory Toolbox: linear to 1 kHz (15 mel), above it 27 mel for each factor of 6.4.
    """
    top = 15 + 27 * math.log(SPEECH_RATE / 2 / 1000) / math.log(6.4)
    mel = torch.linspace(0, top, MEL_BANDS + 2, dtype=torch.float64)
    edges = torch.where(mel < 15, mel * 200 / 3, 1000 * torch.exp((mel - 15) * math.log(6.4) / 27))
    bins = torch.linspace(0, SPEECH_RATE / 2, WINDOW // 2 + 1, dtype=torch.float64)
    low, centre, high = (edges[i : i + MEL_BANDS, None] for i in range(3))
    triangles = torch.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clamp(min=0)
    return (triangles * 2 / (high - low)).float()


def _levelled(waves: Tensor) -> Tensor:
    rms = waves.square().mean(dim=1, keepdim=True).sqrt()
    return waves * (10 ** (LEVEL / 20) / rms.clamp(min=1e-5))
