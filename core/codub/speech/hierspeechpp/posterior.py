"""w2v features to the latent from which they can be made again; only training and resynthesis need it."""

from torch import Tensor, nn

from codub.speech.hierspeechpp.wavenet import WaveNet


class PosteriorEncoder(nn.Module):
    """A WaveNet over the features that ends in a normal distribution in every frame."""

    def __init__(self, features: int, channels: int, style: int = 256, layers: int = 16) -> None:
        super().__init__()
        self.pre = nn.Conv1d(features, channels, 1)
        self.enc = WaveNet(channels, 5, layers, style)
        self.proj = nn.Conv1d(channels, 2 * channels, 1)

    def forward(self, w2v: Tensor, mask: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-scale, each `(B, C, T)`; `w2v` `(B, features, T)`, style `g` `(B, style, 1)`."""
        x = self.enc(self.pre(w2v) * mask, mask, g)
        mean, log_scale = (self.proj(x) * mask).chunk(2, dim=1)
        return mean, log_scale
