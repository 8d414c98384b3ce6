"""The synthesizer's forward pass in training: a line's own sound through all its distributions and back."""

from dataclasses import dataclass

import torch
from torch import Tensor

from codub.speech.hierspeechpp.gaussian import Gaussian
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.synthesizer_size import (
    PITCH_PER_FRAME,
    SAMPLES_PER_FRAME,
    SynthesizerSize,
)


@dataclass(frozen=True)
class HeardLines:
    """A padded batch: spectrogram `(B, 641, T)` linear, hop 320; sound `(B, 1, 320 T)` at 16 kHz; mel `(B, 80, T)`.

    features `(B, 1024, T)` and log_f0 `(B, 1, 4 T)` as a TTV would give them; mask `(B, 1, T)`. `plain_features` are
    those of the perturbed sound for the language's prior, where the data has them.
    """

    spectrogram: Tensor
    sound: Tensor
    mel: Tensor
    features: Tensor
    log_f0: Tensor
    mask: Tensor
    plain_features: Tensor | None = None


@dataclass(frozen=True)
class Draws:
    """All that is random: standard normal noise `(B, 192, T)` for each distribution, the first frame `(B,)` of each
    line's slice, and which lines `(B,)` bool are decoded with the style of nobody."""

    posterior: Tensor
    prior: Tensor
    language: Tensor
    starts: Tensor
    nobody: Tensor

    @classmethod
    def of(
        cls, lines: HeardLines, size: SynthesizerSize, frames: int, nobody: float, generator: torch.Generator
    ) -> "Draws":
        """New draws on the generator's device; `frames` long slices inside each line, `nobody` a share of lines."""
        batch, _, longest = lines.mask.shape
        device = generator.device
        posterior, prior, language = (
            torch.randn(batch, size.latent, longest, generator=generator, device=device) for _ in range(3)
        )
        room = (lines.mask.sum(dim=(1, 2)) - frames).clamp(min=0) + 1
        starts = (torch.rand(batch, generator=generator, device=device) * room).long()
        withheld = torch.rand(batch, generator=generator, device=device) < nobody
        return cls(posterior, prior, language, starts, withheld)


@dataclass(frozen=True)
class Reconstruction:
    """What the losses compare; `(B, 192, T)` unless said otherwise.

    `posterior`, `prior`, `language` are the distributions of `enc_q`, `enc_p`, `enc_p_l`. `toward_prior` is the
    posterior's sample through `flow`, `toward_language` the prior's through `flow_l`; `from_prior` is the prior's
    sample back through `flow`, `from_language` the language's back through `flow_l` (the bidirectional terms).
    `bands` `(B, 20, T)` is the prosody head's mel, told by the prior's sample, which is to learn it. Of the slices:
    `sound` `(B, 1, 320 S)`, `log_f0` `(B, 1, 4 S)`.
    """

    posterior: Gaussian
    prior: Gaussian
    language: Gaussian
    toward_prior: Tensor
    toward_language: Tensor
    from_prior: Tensor
    from_language: Tensor
    bands: Tensor
    sound: Tensor
    log_f0: Tensor


def reconstruct(network: HierarchicalSynthesizer, lines: HeardLines, draws: Draws, frames: int) -> Reconstruction:
    """One pass; slices of `frames` vectors (the published configuration's 192, or the longest line if shorter)."""
    mask = lines.mask
    style = network.style(lines.mel, mask)
    posterior = network.enc_q(lines.spectrogram, lines.sound, mask, style)
    prior = network.enc_p(lines.features, lines.log_f0, mask, style)
    plain = lines.features if lines.plain_features is None else lines.plain_features
    language = network.enc_p_l(plain, lines.log_f0, mask, style)
    z, described = posterior.sample(draws.posterior), prior.sample(draws.prior)
    toward_prior = network.flow(z, mask, style)
    spoken = torch.where(draws.nobody[:, None, None], network.nobody(), style)
    cut = slices(z, draws.starts, min(frames, z.shape[2]))
    pitch, log_f0 = network.sn(cut, spoken)
    return Reconstruction(
        posterior,
        prior,
        language,
        toward_prior,
        network.flow_l(described, mask, style),
        network.flow(described, mask, style, reverse=True),
        network.flow_l(language.sample(draws.language), mask, style, reverse=True),
        network.mel_decoder(described, mask, style),
        network.dec(cut, pitch, spoken),
        log_f0,
    )


def targets(lines: HeardLines, draws: Draws, frames: int) -> tuple[Tensor, Tensor]:
    """Real sound `(B, 1, 320 S)` and ln-F0 `(B, 1, 4 S)` of the slices that `reconstruct` decodes."""
    frames = min(frames, lines.mask.shape[2])
    sound = slices(lines.sound, draws.starts * SAMPLES_PER_FRAME, frames * SAMPLES_PER_FRAME)
    return sound, slices(lines.log_f0, draws.starts * PITCH_PER_FRAME, frames * PITCH_PER_FRAME)


def slices(values: Tensor, starts: Tensor, length: int) -> Tensor:
    """`length` values of each `(B, C, T)` from its own start, `(B, C, length)`."""
    places = starts[:, None] + torch.arange(length, device=values.device)
    return values.gather(2, places[:, None].expand(-1, values.shape[1], -1))
