"""The trained part of the speech encoder: from what Whisper hears to the `embedded` space."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from codub.speech.hearing import HEARD_CHANNELS

HEARD_PER_VECTOR = 1.25  # Whisper's encoder gives 50 positions a second, the space has 40 vectors
MEL_PER_PROSODY = 1.25  # 100 mel frames a second, 80 values of F0 and energy


@dataclass(frozen=True)
class Heard:
    """What the adapter makes of T vectors of sound; all but `features` are still scores or normalised values.

    features  (B, C, T) in the space's own scale
    phonemes  (B, P, T) scores (logits) of the inventory
    halfway   the same as they were guessed on the way, for training
    voicing   (B, 2T) score of being voiced
    log_f0    (B, 2T) ln(F0 + 1), meaningful where voiced
    energy    (B, 2T)
    """

    features: Tensor
    phonemes: Tensor
    halfway: Tensor
    voicing: Tensor
    log_f0: Tensor
    energy: Tensor


class SpeechAdapter(nn.Module):
    """Whisper's hidden states and its log-mel to features, phonemes, F0, energy and voicing.

    The trunk hears what Whisper makes of the sound; halfway it guesses the phonemes and reads its own guess, so that
    a doubtful sound is settled by those round it. Pitch and energy are properties of the signal: their head hears the
    log-mel too. Means and scales of the targets are buffers, as is `silence`, the
    feature where nothing sounds: training sets them.
    """

    def __init__(
        self, *, phonemes: int, heard: int = HEARD_CHANNELS, mel: int = 80, features: int = 512, width: int = 384
    ) -> None:
        super().__init__()
        self.enter = nn.Conv1d(heard, width, 1)
        self.blocks = nn.ModuleList(ResidualConv(width, dilation) for dilation in (1, 2, 4, 1))
        self.halfway = nn.Conv1d(width, phonemes, 1)
        self.informed = nn.Conv1d(phonemes, width, 1)
        self.later = nn.ModuleList(ResidualConv(width, dilation) for dilation in (2, 8, 1))
        self.to_features = nn.Conv1d(width, features, 1)
        self.to_phonemes = nn.Conv1d(width, phonemes, 1)
        self.prosody = nn.Sequential(
            nn.Conv1d(width + 2 * mel, width // 2, 3, padding=1), nn.GELU(), nn.Conv1d(width // 2, 6, 3, padding=1)
        )
        self.silence: Tensor
        self.feature_mean: Tensor
        self.feature_scale: Tensor
        self.prosody_mean: Tensor
        self.prosody_scale: Tensor
        self.register_buffer("silence", torch.zeros(features))
        self.register_buffer("feature_mean", torch.zeros(features))
        self.register_buffer("feature_scale", torch.ones(features))
        self.register_buffer("prosody_mean", torch.zeros(2))  # ln-F0 where voiced, energy
        self.register_buffer("prosody_scale", torch.ones(2))

    def forward(self, heard: Tensor, mel: Tensor, vectors: int) -> Heard:
        """`vectors` (T) vectors from hidden states `(B, ~1.25 T, H)` and log-mel `(B, 80, ~2.5 T)`."""
        x = self.enter(sampled(heard.transpose(1, 2), vectors, HEARD_PER_VECTOR))
        for block in self.blocks:
            x = block(x)
        halfway = self.halfway(x)
        x = x + self.informed(halfway.softmax(dim=1))
        for block in self.later:
            x = block(x)
        fine = sampled(mel, 2 * vectors, MEL_PER_PROSODY)
        prosody = self.prosody(torch.cat([x, _paired(fine)], dim=1))
        voicing, log_f0, energy = (_unpaired(part).squeeze(1) for part in prosody.chunk(3, dim=1))
        return Heard(
            features=self.to_features(x) * self.feature_scale[:, None] + self.feature_mean[:, None],
            phonemes=self.to_phonemes(x),
            halfway=halfway,
            voicing=voicing,
            log_f0=log_f0 * self.prosody_scale[0] + self.prosody_mean[0],
            energy=energy * self.prosody_scale[1] + self.prosody_mean[1],
        )


class ResidualConv(nn.Module):
    """`x + conv(gelu(norm(x)))`, kernel 5, on `(B, C, T)`."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.conv = nn.Conv1d(channels, channels, 5, padding=2 * dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as `x`."""
        normed: Tensor = self.norm(x.transpose(1, 2)).transpose(1, 2)
        change: Tensor = self.conv(nn.functional.gelu(normed))
        return x + change


def sampled(values: Tensor, count: int, step: float) -> Tensor:
    """`(B, C, count)`: `(B, C, N)` read by linear interpolation at positions (i + 1/2) * step; the ends repeat.

    Value k of the input stands at time k of its own rate (Whisper's frames are centred), value i of the output at
    the middle of its interval.
    """
    position = ((torch.arange(count, device=values.device) + 0.5) * step).clamp(max=values.shape[2] - 1)
    low = position.floor().long()
    high = (low + 1).clamp(max=values.shape[2] - 1)
    weight = position - low
    return values[:, :, low] * (1 - weight) + values[:, :, high] * weight


def _paired(values: Tensor) -> Tensor:
    """`(B, C, 2T)` -> `(B, 2C, T)`."""
    batch, channels, length = values.shape
    return values.reshape(batch, channels, length // 2, 2).transpose(2, 3).reshape(batch, 2 * channels, length // 2)


def _unpaired(values: Tensor) -> Tensor:
    """`(B, 2C, T)` -> `(B, C, 2T)`."""
    batch, channels, length = values.shape
    return values.reshape(batch, channels // 2, 2, length).transpose(2, 3).reshape(batch, channels // 2, 2 * length)
