"""Text-to-Vec of HierSpeech++ (Lee et al. 2023, section 3.3): symbols and a style to w2v features and F0.

Key names and shapes are those of the published checkpoint, training-only parts included.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from codub.speech.hierspeechpp.alignment import best_path, expand, log_likelihood, owners_of, path_matrix
from codub.speech.hierspeechpp.duration import DurationPredictor
from codub.speech.hierspeechpp.flow import CouplingFlow
from codub.speech.hierspeechpp.masks import length_mask
from codub.speech.hierspeechpp.pitch_predictor import PitchPredictor
from codub.speech.hierspeechpp.posterior import PosteriorEncoder
from codub.speech.hierspeechpp.style_encoder import StyleEncoder
from codub.speech.hierspeechpp.text_encoder import TextEncoder
from codub.speech.hierspeechpp.w2v_decoder import W2vDecoder

SLICE = 60  # vectors on which the pitch predictor is trained at a time


@dataclass(frozen=True)
class TtvSize:
    """Widths and depths; the defaults are the published model's."""

    symbols: int = 178
    features: int = 1024
    channels: int = 256
    style: int = 256
    text_layers: int = 3
    posterior_layers: int = 16
    decoder_layers: int = 8
    pitch_channels: int = 256


@dataclass(frozen=True)
class Prior:
    """What the text asks for: mean and log-scale `(B, C, L)`, log-durations in frames `(B, 1, L)`, mask `(B, 1, L)`."""

    mean: Tensor
    log_scale: Tensor
    log_durations: Tensor
    mask: Tensor

    def durations(self, length_scale: float = 1.0) -> Tensor:
        """Whole frames `(B, L)` as published: rounded up, so that no symbol is skipped; 0 where the mask is."""
        return (self.log_durations.exp() * self.mask * length_scale).ceil()[:, 0].long()


@dataclass(frozen=True)
class TrainingBatch:
    """Padded lines: w2v `(B, features, T)`, its lengths, tokens `(B, L)`, theirs, log-mel `(B, 80, T)` of the same."""

    w2v: Tensor
    lengths: Tensor
    tokens: Tensor
    token_lengths: Tensor
    mel: Tensor


@dataclass(frozen=True)
class TrainingNoise:
    """All that is drawn in a training step: two standard normals and the place of the pitch slice in [0, 1)."""

    posterior: Tensor  # (B, C, T)
    slice: Tensor  # (B,)
    duration: Tensor  # (B, 2, L)

    @classmethod
    def draw(cls, batch: TrainingBatch, channels: int, generator: torch.Generator) -> "TrainingNoise":
        """The noise of one step; `channels` are the latent's, `generator` lives on the CPU."""
        count, frames, symbols = len(batch.w2v), batch.w2v.shape[2], batch.tokens.shape[1]
        posterior = torch.randn(count, channels, frames, generator=generator)
        place = torch.rand(count, generator=generator)
        duration = torch.randn(count, 2, symbols, generator=generator)
        return cls(*(values.to(batch.w2v.device) for values in (posterior, place, duration)))


@dataclass(frozen=True)
class TrainingOutput:
    """What the losses are made of.

    z, z_p            `(B, C, T)` latent drawn from the posterior, and where the flow takes it
    mean_q, ...       `(B, C, T)` posterior and prior, the prior as the alignment lays it out
    mask              `(B, 1, T)`
    w2v               `(B, features, T)` made again from z
    pitch             `(B, 1, 240)` ln(F0 + 1) of the vectors `[slice_start, slice_start + 60)`
    duration_nll      `(B,)` nats, divided by the number of symbols in the batch
    phoneme_logits    `(B, symbols, T)`
    likelihood, path  `(B, T, L)` log-density of frames under symbols, and the best way through them
    """

    z: Tensor
    z_p: Tensor
    mean_q: Tensor
    log_scale_q: Tensor
    mean_p: Tensor
    log_scale_p: Tensor
    mask: Tensor
    w2v: Tensor
    pitch: Tensor
    slice_start: Tensor
    duration_nll: Tensor
    phoneme_logits: Tensor
    likelihood: Tensor
    path: Tensor


class TextToVecNetwork(nn.Module):
    """The networks of the TTV: `read` and `render` speak, `forward` trains, `resynthesize` makes features again."""

    def __init__(self, size: TtvSize | None = None) -> None:
        super().__init__()
        size = size or TtvSize()
        self.size = size
        channels, style = size.channels, size.style
        self.enc_q = PosteriorEncoder(size.features, channels, style, size.posterior_layers)
        self.enc_p = TextEncoder(size.symbols, channels, style, size.text_layers)
        self.flow = CouplingFlow(channels, heads=4, style=style)
        self.w2v_decoder = W2vDecoder(channels, size.features, style, size.decoder_layers)
        self.emb_g = StyleEncoder(style)
        self.dp = DurationPredictor(channels, style)
        self.pp = PitchPredictor(size.features, size.pitch_channels, style)
        self.phoneme_classifier = nn.Conv1d(channels, size.symbols, 1, bias=False)

    def style(self, mel: Tensor) -> Tensor:
        """Style `(B, 256, 1)` of unpadded log-mel prompts `(B, 80, T)`."""
        style: Tensor = self.emb_g(mel, mel.new_ones(len(mel), 1, mel.shape[2]))[:, :, None]
        return style

    def read(self, tokens: Tensor, lengths: Tensor, g: Tensor, noise: Tensor) -> Prior:
        """What the text `tokens` `(B, L)` asks for in the style `g` `(B, 256, 1)`.

        `noise` `(B, 2, L)` is that of the durations, already scaled.
        """
        mask = length_mask(lengths, tokens.shape[1])
        states, mean, log_scale = self.enc_p(tokens, mask, g)
        return Prior(mean, log_scale, self.dp(states, mask, g, noise), mask)

    def render(self, prior: Prior, durations: Tensor, g: Tensor, noise: Tensor | None) -> tuple[Tensor, Tensor]:
        """w2v `(B, features, T)` and ln(F0 + 1) `(B, 1, 4 T)` of the text at whole `durations` `(B, L)` in frames.

        `noise` `(B, C, T)` of the latent, scaled; None is none of it.
        """
        z, mask = self.latent(prior, durations, g, noise)
        w2v = self.w2v_decoder(z, mask, g)
        return w2v, self.pp(w2v, g)

    def latent(self, prior: Prior, durations: Tensor, g: Tensor, noise: Tensor | None) -> tuple[Tensor, Tensor]:
        """The latent `(B, C, T)` of the text at those durations, and its mask `(B, 1, T)`."""
        owners = owners_of(durations)
        mask = (owners >= 0)[:, None].to(prior.mean.dtype)
        z_p = expand(prior.mean, owners)
        if noise is not None:
            z_p = z_p + noise * expand(prior.log_scale, owners).exp() * mask
        return self.flow(z_p, mask, g, reverse=True), mask

    def resynthesize(self, w2v: Tensor, lengths: Tensor, g: Tensor, noise: Tensor) -> Tensor:
        """The features made again from their own latent, timing kept: what the face generator is trained on.

        `w2v` `(B, features, T)`; `noise` `(B, C, T)` of the posterior, standard normal.
        """
        mask = length_mask(lengths, w2v.shape[2])
        features: Tensor = self.w2v_decoder(self._posterior(w2v, mask, g, noise)[0], mask, g)
        return features

    def phonemes(self, w2v: Tensor, g: Tensor) -> Tensor:
        """Logits `(B, symbols, T)` of the sounds in unpadded features; symbol 0 is the classifier's blank."""
        z, _ = self.enc_q(w2v, w2v.new_ones(len(w2v), 1, w2v.shape[2]), g)
        logits: Tensor = self.phoneme_classifier(z)
        return logits

    def forward(self, batch: TrainingBatch, noise: TrainingNoise) -> TrainingOutput:
        """The training pass: posterior, flow, alignment, durations, pitch and phonemes of one batch."""
        mask = length_mask(batch.lengths, batch.w2v.shape[2])
        symbols = length_mask(batch.token_lengths, batch.tokens.shape[1])
        g = self.emb_g(batch.mel, mask)[:, :, None]
        states, mean, log_scale = self.enc_p(batch.tokens, symbols, g)
        z, mean_q, log_scale_q = self._posterior(batch.w2v, mask, g, noise.posterior)
        z_p = self.flow(z, mask, g)
        with torch.no_grad(), torch.autocast(z_p.device.type, enabled=False):  # sums of thousands: float32
            likelihood = log_likelihood(z_p.float(), mean.float(), log_scale.float())
            owners = best_path(likelihood, batch.lengths, batch.token_lengths)
            path = path_matrix(owners, batch.tokens.shape[1])
        start = _slice_starts(batch.lengths, noise.slice)
        return TrainingOutput(
            z=z,
            z_p=z_p,
            mean_q=mean_q,
            log_scale_q=log_scale_q,
            mean_p=expand(mean, owners),
            log_scale_p=expand(log_scale, owners),
            mask=mask,
            w2v=self.w2v_decoder(z, mask, g),
            pitch=self.pp(slices(batch.w2v, start, SLICE), g),
            slice_start=start,
            duration_nll=self.dp.nll(states, symbols, path.sum(dim=1)[:, None], g, noise.duration) / symbols.sum(),
            phoneme_logits=self.phoneme_classifier(z),
            likelihood=likelihood,
            path=path,
        )

    def _posterior(self, w2v: Tensor, mask: Tensor, g: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_scale = self.enc_q(w2v, mask, g)
        return (mean + noise * log_scale.exp()) * mask, mean, log_scale


def slices(values: Tensor, start: Tensor, length: int) -> Tensor:
    """`(B, C, T)` from `start` `(B,)` on, `length` values of each; zero beyond the end."""
    padded = torch.nn.functional.pad(values, (0, length))
    index = (start[:, None] + torch.arange(length, device=start.device))[:, None].expand(-1, values.shape[1], -1)
    return padded.gather(2, index)


def _slice_starts(lengths: Tensor, uniform: Tensor) -> Tensor:
    """First vector `(B,)` of each line's pitch slice; a line shorter than the slice is taken from its start."""
    return (uniform * (lengths - SLICE + 1).clamp_min(1)).long()
