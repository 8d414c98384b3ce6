"""The prosody head `mel_decoder`, for training: the latent must tell the lowest mel bands."""

from torch import Tensor, nn

from codub.speech.hierspeechpp.synthesizer_size import PUBLISHED, SynthesizerSize
from codub.speech.hierspeechpp.transformer import Transformer


class ProsodyDecoder(nn.Module):
    """Latent frames to the 20 lowest mel bands of 80: prosody distillation (Lee et al. 2023, section III-B)."""

    def __init__(self, size: SynthesizerSize = PUBLISHED, dropout: float = 0.1) -> None:
        super().__init__()
        latent = size.latent
        self.conv_pre = nn.Conv1d(latent, latent, 3, padding=1)
        self.encoder = Transformer(latent, 4 * latent, heads=size.heads, layers=2, kernel=5, dropout=dropout)
        self.proj = nn.Conv1d(latent, size.bands, 1, bias=False)
        self.cond = nn.Conv1d(size.style, latent, 1)

    def forward(self, latent: Tensor, mask: Tensor, style: Tensor) -> Tensor:
        """Log-mel `(B, 20, T)`; latent `(B, 192, T)`, mask `(B, 1, T)`, style `(B, 256, 1)`."""
        x = self.conv_pre(latent * mask) + self.cond(style)
        bands: Tensor = self.proj(self.encoder(x, mask)) * mask
        return bands
