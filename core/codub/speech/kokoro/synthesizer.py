"""Latent to sound: Kokoro's decoder behind the `Synthesizer` protocol."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from codub.latent import EMBEDDED, SpeechLatent
from codub.speech.equaliser import equalised
from codub.speech.kokoro.blocks import STYLE
from codub.speech.kokoro.decoder import Decoder
from codub.speech.kokoro.fused_decoder import FusedDecoder
from codub.speech.kokoro.generator import SAMPLE_RATE
from codub.speech.kokoro.spans import CONTEXT, OVERLAP, stretches
from codub.speech.model import Speech, Style
from codub.speech.moving_equaliser import equalised_over_time
from codub.speech.sound_gains import gains_over_time

SAMPLES_PER_VECTOR = 600  # 24 kHz over 40 Hz
BATCH = 4000  # vectors of a batch on a GPU, silence behind lines included: 100 s, of which a tensor takes 250 MB

Floats = NDArray[np.float32]


class KokoroSynthesizer:
    """Gives a latent of the `embedded` space the voice of a style: its acoustic half, then its gains.

    `fused` speaks in the decoder's place where it is given: nearly the same sound, sooner.
    """

    space = EMBEDDED
    sample_rate = SAMPLE_RATE

    def __init__(self, decoder: Decoder, device: str = "cpu", fused: FusedDecoder | None = None) -> None:
        self.decoder = decoder  # differentiable; the fit of a style needs it
        self._fused = fused
        self._device = device

    @torch.inference_mode()
    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        """Waveform at 24 kHz of exactly the latent's duration.

        Raises:
            LatentSpaceError: the latent is of another space.
        """
        latent.require(self.space)
        decoder = self._fused or self.decoder
        *told, articulation = self._told(latent, style)
        samples = decoder(*told, articulation=articulation)[0].cpu().numpy()
        return self._coloured(samples, latent.features, style)

    @torch.inference_mode()
    def stream(self, latent: SpeechLatent, style: Style) -> Iterator[Speech]:
        """The waveform in pieces, each as soon as it is made; together they last exactly as long as the latent.

        What comes before the generator is worked out for the whole line, the generator's own norms are each piece's:
        a streamed line is not the same to the sample as one that was made at once. It is cut where it is quietest, and
        the pieces fade into one another there.

        Raises:
            LatentSpaceError: the latent is of another space.
        """
        latent.require(self.space)
        decoder = self._fused or self.decoder
        features, f0, energy, vector, articulation = self._told(latent, style)
        shape, harmonics = decoder.shape(features, f0, energy, articulation), decoder.harmonics(f0)
        half, kept = OVERLAP // 2, np.zeros(0, np.float32)
        fade = np.linspace(0.0, 1.0, OVERLAP * SAMPLES_PER_VECTOR, dtype=np.float32)
        cuts = stretches(latent.energy)
        for start, end in pairwise(cuts):
            first, last = max(0, start - half), min(cuts[-1], end + half)
            read = max(0, first - CONTEXT), min(cuts[-1], last + CONTEXT)
            waveform = decoder.stretch(shape, harmonics, vector, *read)[0].cpu().numpy()
            waveform = coloured(waveform, latent.features[:, slice(*read)], style)
            samples = waveform[SAMPLES_PER_VECTOR * (first - read[0]) : SAMPLES_PER_VECTOR * (last - read[0])]
            if start:
                samples[: len(fade)] = samples[: len(fade)] * fade + kept * (1 - fade)
            if end < cuts[-1]:
                samples, kept = samples[: -len(fade)], samples[-len(fade) :]
            yield Speech(np.clip(samples, -1.0, 1.0), self.sample_rate)

    @torch.inference_mode()
    def synthesize_many(self, latents: Sequence[SpeechLatent], styles: Sequence[Style]) -> list[Speech]:
        """As `synthesize`, for each latent in the style at its place; a GPU speaks many at a time.

        Raises:
            LatentSpaceError: a latent is of another space.
        """
        for latent in latents:
            latent.require(self.space)
        if torch.device(self._device).type == "cpu":
            return [self.synthesize(latent, style) for latent, style in zip(latents, styles, strict=True)]
        made: list[Speech | None] = [None] * len(latents)
        for batch in batches([latent.features.shape[1] for latent in latents], BATCH):
            sounds = self.batch([latents[i] for i in batch], [styles[i] for i in batch])
            for i, samples in zip(batch, sounds, strict=True):
                made[i] = self._coloured(samples, latents[i].features, styles[i])
        return [speech for speech in made if speech is not None]

    @torch.inference_mode()
    def batch(self, latents: Sequence[SpeechLatent], styles: Sequence[Style]) -> list[Floats]:
        """The sounds of one batch, each of its latent's duration, by the plain decoder, before the styles' gains."""

        def padded(each: Sequence[Floats]) -> torch.Tensor:
            tensors = [torch.from_numpy(np.array(values, dtype=np.float32)) for values in each]
            return pad_sequence(tensors, batch_first=True).to(self._device)

        lengths = [latent.features.shape[1] for latent in latents]
        waveform = self.decoder(
            padded([latent.features.T for latent in latents]).transpose(1, 2),
            padded([np.expm1(latent.log_f0) for latent in latents]),
            padded([latent.energy for latent in latents]),
            padded([style.vector[:STYLE] for style in styles]),
            lengths,
            padded([articulation_of(style) for style in styles]),
        )
        sounds = waveform.cpu().numpy()
        return [sound[: n * SAMPLES_PER_VECTOR] for sound, n in zip(sounds, lengths, strict=True)]

    def _coloured(self, samples: Floats, features: Floats, style: Style) -> Speech:
        return Speech(np.clip(coloured(samples, features, style), -1.0, 1.0), self.sample_rate)

    def _told(self, latent: SpeechLatent, style: Style) -> tuple[torch.Tensor, ...]:
        """What a decoder is given for one line: features, F0 in Hz, energy, the acoustic style, the articulation."""
        given = (latent.features, np.expm1(latent.log_f0), latent.energy, style.vector[:STYLE], articulation_of(style))
        return tuple(self._alone(values) for values in given)

    def _alone(self, values: Floats) -> torch.Tensor:
        return torch.from_numpy(np.array(values, dtype=np.float32, order="C")).to(self._device)[None]


def coloured(samples: Floats, features: Floats, style: Style) -> Floats:
    """Sound of the features `(512, T)` with the gains of a style: what each moment gets, then what all get."""
    if style.sound_gains is not None:
        moving = gains_over_time(features, style.sound_gains)
        samples = equalised_over_time(samples, SAMPLE_RATE, moving, float(EMBEDDED.rate))
    return equalised(samples, SAMPLE_RATE, style.gains)


def articulation_of(style: Style) -> Floats:
    """The acoustic style `(128,)` of all before the generator."""
    return style.vector[:STYLE] if style.articulation is None else style.articulation


def batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Numbers of the lines that are a batch together: of like length, at most `most` vectors with what pads them."""
    made: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if made and (len(made[-1]) + 1) * lengths[i] <= most:  # lines come in growing length
            made[-1].append(i)
        else:
            made.append([i])
    return made
