"""The melody of w2v features: ln(F0 + 1), four values for each vector."""

from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.convolution import NormedTransposedConv1d
from codub.speech.hierspeechpp.resblock import SLOPE, ResidualBlock

KERNELS = (3, 5, 7)
VALUES_PER_VECTOR = 4


class PitchPredictor(nn.Module):
    """Two up-samplings by two, each followed by the mean of three residual blocks."""

    def __init__(self, features: int, channels: int = 256, style: int = 256) -> None:
        super().__init__()
        self.conv_pre = nn.Conv1d(features, channels, 7, padding=3)
        widths = (channels // 2, channels // 4)
        self.ups = nn.ModuleList(NormedTransposedConv1d(2 * width, width, 4, stride=2, padding=1) for width in widths)
        self.resblocks = nn.ModuleList(ResidualBlock(width, kernel) for width in widths for kernel in KERNELS)
        self.conv_post = nn.Conv1d(widths[-1], 1, 7, padding=3, bias=False)
        self.cond = nn.Conv1d(style, channels, 1)

    def forward(self, w2v: Tensor, g: Tensor) -> Tensor:
        """ln(F0 in Hz + 1) `(B, 1, 4 T)` of `w2v` `(B, features, T)`; neither it nor the style gets a gradient."""
        x = self.conv_pre(w2v.detach()) + self.cond(g.detach())
        for i, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, SLOPE))
            blocks = self.resblocks[len(KERNELS) * i : len(KERNELS) * (i + 1)]
            x = sum((block(x) for block in blocks[1:]), blocks[0](x)) / len(KERNELS)
        curve: Tensor = self.conv_post(functional.leaky_relu(x))  # the published code's default slope, 0.01
        return curve
