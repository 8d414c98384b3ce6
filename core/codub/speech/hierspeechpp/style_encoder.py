"""The style of a voice, read from a log-mel spectrogram (the encoder of StyleSpeech, Min et al. 2021)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.attention import SelfAttention

MELS = 80
STYLE = 256


class StyleEncoder(nn.Module):
    """Log-mel frames to one vector `(B, 256)`; the TTV and the synthesizer have one each, with weights of their own."""

    def __init__(self, channels: int = STYLE, dropout: float = 0.1) -> None:
        super().__init__()
        self.spectral = nn.Sequential(
            nn.Conv1d(MELS, channels, 1),
            nn.Mish(),
            nn.Dropout(dropout),
            nn.Conv1d(channels, channels, 1),
            nn.Mish(),
            nn.Dropout(dropout),
        )
        self.temporal = nn.Sequential(GatedConv(channels, dropout), GatedConv(channels, dropout))
        self.slf_attn = SelfAttention(channels, heads=2, dropout=dropout)
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Conv1d(channels, channels, 1)
        with torch.no_grad():  # the published initialisation: keys begin as queries
            self.slf_attn.conv_k.load_state_dict(self.slf_attn.conv_q.state_dict())

    def forward(self, mel: Tensor, mask: Tensor) -> Tensor:
        """`mel` `(B, 80, T)` as `mel.log_mel` makes it, `mask` `(B, 1, T)`.

        As published, the padded frames of a batch count in the sum though not in the length it is divided by: only
        unpadded prompts give a voice its own style.
        """
        x = self.temporal(self.spectral(mel) * mask) * mask
        x = self.fc(x + self.drop(self.slf_attn(x, mask)))
        style: Tensor = x.sum(dim=2) / mask.sum(dim=2)
        return style


class GatedConv(nn.Module):
    """`x` plus a convolution that its own other half gates."""

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(channels, 2 * channels, 5, padding=2)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, T)` to the same shape."""
        output: Tensor = x + self.drop(functional.glu(self.conv1(x), dim=1))
        return output
