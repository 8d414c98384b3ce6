"""The latent back to w2v features."""

from torch import Tensor, nn

from codub.speech.hierspeechpp.wavenet import WaveNet


class W2vDecoder(nn.Module):
    """A WaveNet of twice the latent's width."""

    def __init__(self, channels: int, features: int, style: int = 256, layers: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        self.pre = nn.Conv1d(channels, 2 * channels, 1)
        self.enc = WaveNet(2 * channels, 5, layers, style, dropout)
        self.proj = nn.Conv1d(2 * channels, features, 1)

    def forward(self, z: Tensor, mask: Tensor, g: Tensor) -> Tensor:
        """Features `(B, features, T)` of `z` `(B, C, T)`; style `g` `(B, style, 1)`."""
        x = self.pre(z * mask) * mask
        features: Tensor = self.proj(self.enc(x, mask, g)) * mask
        return features
