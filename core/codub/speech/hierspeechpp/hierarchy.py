"""The hierarchical synthesizer: wav2vec 2.0 features, F0 and a style to 16 kHz sound, through two flows.

From the language's distribution (`enc_p_l`) one flow leads to the distribution of features and F0 (`enc_p`), a second
to that of real sound (`enc_q`); at work only the first distribution is needed and both flows run backwards.
Lee, Choi, Kim, Lee 2023 (HierSpeech++), section III. State dict: the published file's 2,222 keys.
"""

import math

import torch
from torch import Tensor, nn

from codub.speech.hierspeechpp.audio_posterior import AudioPosterior
from codub.speech.hierspeechpp.flow import CouplingFlow
from codub.speech.hierspeechpp.generator import WaveformGenerator
from codub.speech.hierspeechpp.prior import SourceFilterPrior
from codub.speech.hierspeechpp.prosody_decoder import ProsodyDecoder
from codub.speech.hierspeechpp.source import SourceNetwork
from codub.speech.hierspeechpp.style_encoder import StyleEncoder
from codub.speech.hierspeechpp.synthesizer_size import PUBLISHED, SynthesizerSize

TRAINING_ONLY = ("enc_p", "enc_q", "mel_decoder")


class HierarchicalSynthesizer(nn.Module):
    """Everything the published file holds; `TRAINING_ONLY` names what speaking does not need."""

    def __init__(self, size: SynthesizerSize = PUBLISHED) -> None:
        super().__init__()
        self.size = size
        self.enc_p_l = SourceFilterPrior(size)
        self.flow_l = CouplingFlow(size.latent, size.heads, size.style)
        self.enc_p = SourceFilterPrior(size)
        self.enc_q = AudioPosterior(size)
        self.flow = CouplingFlow(size.latent, size.heads, size.style)
        self.mel_decoder = ProsodyDecoder(size)
        self.dec = WaveformGenerator(size)
        self.sn = SourceNetwork(size)
        self.emb_g = StyleEncoder(size.style)
        self.emb = nn.Embedding(1, size.style)
        nn.init.normal_(self.emb.weight, 0.0, size.style**-0.5)

    def style(self, mel: Tensor, mask: Tensor) -> Tensor:
        """Style `(B, 256, 1)` of log-mel prompts `(B, 80, T)`, `mask` `(B, 1, T)`."""
        vectors: Tensor = self.emb_g(mel, mask)
        return vectors[:, :, None]

    def nobody(self) -> Tensor:
        """The style `(1, 256, 1)` of no one, learned on the examples whose style was withheld."""
        scaled: Tensor = self.emb.weight[:, :, None] * math.sqrt(self.size.style)
        return scaled

    def latent(self, features: Tensor, log_f0: Tensor, mask: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """Latent frames `(B, 192, T)` of real sound's distribution.

        features `(B, 1024, T)`, log_f0 `(B, 1, 4 T)`, mask `(B, 1, T)`, style `(B, 256, 1)`; noise `(B, 192, T)` is
        already scaled (the published command uses 0.333 times a normal draw), zero for the likeliest latent.
        """
        z = self.enc_p_l(features, log_f0, mask, style).sample(noise)
        z = self.flow_l(z, mask, style, reverse=True)
        heard: Tensor = self.flow(z, mask, style, reverse=True)
        return heard

    def sound(self, latent: Tensor, style: Tensor) -> Tensor:
        """Waveform `(B, 1, 320 T)` in [-1, 1] at 16 kHz of latent frames `(B, 192, T)`."""
        waveform: Tensor = self.dec(latent, self.sn.features(latent, style), style)
        return waveform

    def forward(
        self,
        features: Tensor,
        log_f0: Tensor,
        mask: Tensor,
        style: Tensor,
        noise: Tensor,
        *,
        unconditional: bool = False,
    ) -> Tensor:
        """Waveform `(B, 1, 320 T)` in [-1, 1] at 16 kHz; arguments as for `latent`.

        `unconditional` gives the sound, not the latent, the style of nobody. The flows' attention sees padded frames,
        as published: lines of other lengths in a batch change one another, single lines are exact.
        """
        z = self.latent(features, log_f0, mask, style, noise)
        return self.sound(z, self.nobody().expand(len(z), -1, -1) if unconditional else style)


def blend(styles: Tensor, denoised: float) -> Tensor:
    """One style `(1, 256, 1)` of two `(2, 256, 1)`: of the prompt and of the prompt without its noise.

    `denoised` is the second's share; the published command's default is 0.8.
    """
    return torch.lerp(styles[:1], styles[1:], denoised)
