"""The prior encoders `enc_p` and `enc_p_l`: wav2vec 2.0 features and F0 to a distribution over latent frames."""

from torch import Tensor, nn

from codub.speech.hierspeechpp.gaussian import Gaussian
from codub.speech.hierspeechpp.synthesizer_size import PITCH_PER_FRAME, PUBLISHED, SynthesizerSize
from codub.speech.hierspeechpp.wavenet import WaveNet


class SourceFilterPrior(nn.Module):
    """Two paths, features and F0, and a third over their sum.

    The published names are the wrong way round and kept for the state dict: "source" hears the features, "filter" F0.
    Lee, Choi, Kim, Lee 2023 (HierSpeech++), section III-B.
    """

    def __init__(self, size: SynthesizerSize = PUBLISHED) -> None:
        super().__init__()
        latent, layers = size.latent, size.prior_layers
        self.pre_source = nn.Conv1d(size.features, latent, 1)
        self.pre_filter = nn.Conv1d(1, latent, 9, stride=PITCH_PER_FRAME, padding=4)
        self.source_enc = WaveNet(latent, 5, layers, size.style)
        self.filter_enc = WaveNet(latent, 5, layers, size.style)
        self.enc = WaveNet(latent, 5, layers, size.style)
        self.proj = nn.Conv1d(latent, 2 * latent, 1)

    def forward(self, features: Tensor, log_f0: Tensor, mask: Tensor, style: Tensor) -> Gaussian:
        """Distribution of `(B, 192, T)`.

        features `(B, 1024, T)` at 50 Hz; log_f0 `(B, 1, 4 T)` at 200 Hz, `ln(F0 in Hz + 1)`, 0 where unvoiced; mask
        `(B, 1, T)`; style `(B, 256, 1)`.
        """
        heard = self.source_enc(self.pre_source(features) * mask, mask, style)
        sung = self.filter_enc(self.pre_filter(log_f0) * mask, mask, style)
        return Gaussian.of(self.proj(self.enc(heard + sung, mask, style)), mask)
