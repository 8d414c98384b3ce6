"""Whisper's encoder as an ear: hidden states of sound of any length up to 30 s, without padding it to 30 s."""

import torch
from torch import Tensor, nn

from codub.errors import CodubError
from codub.speech.whisper import FRAME_SAMPLES, MAX_POSITIONS, load_whisper, log_mel

MIDDLE_LAYERS = (2, 4)  # of six; their outputs keep what the last layer has already made words of
LAYER_CHANNELS = 512  # of each of Whisper's layers
HEARD_CHANNELS = LAYER_CHANNELS * (len(MIDDLE_LAYERS) + 1)


class Ear(nn.Module):
    """The frozen encoder. Cropped positions instead of padded sound: cosine 0.98, a third of the time."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    @torch.inference_mode()
    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states `(N, 1536)`, 50 a second, and log-mel `(80, M)`, 100 a second, of 16 kHz sound `(samples,)`.

        State k stands at k / 50 s, mel frame k at k / 100 s. A state is the outputs of the middle layers, each
        normalised, and Whisper's own last one.

        Raises:
            CodubError: more than 30 s at once.
        """
        if len(samples) > MAX_POSITIONS * FRAME_SAMPLES:
            raise CodubError(f"{len(samples)} samples at once are more than Whisper's 30 s.", fix="Give it in pieces.")
        encoder = self.encoder
        mel = log_mel(samples)
        x = nn.functional.gelu(encoder.conv1(mel[None]))  # type: ignore[operator]
        x = nn.functional.gelu(encoder.conv2(x)).transpose(1, 2)  # type: ignore[operator]
        x = x + encoder.embed_positions.weight[: x.shape[1]]  # type: ignore[index, union-attr]
        kept = []
        for number, layer in enumerate(encoder.layers, 1):  # type: ignore[arg-type]
            out = layer(x, attention_mask=None)
            x = out[0] if isinstance(out, tuple) else out
            if number in MIDDLE_LAYERS:
                kept.append(nn.functional.layer_norm(x, x.shape[-1:]))
        kept.append(encoder.layer_norm(x))  # type: ignore[operator]
        return torch.cat(kept, dim=-1)[0], mel


def load_ear() -> Ear:
    """The ear with Whisper-base's weights.

    Raises:
        WeightsError: Whisper was not fetched.
    """
    return Ear(load_whisper().model.encoder).eval()
