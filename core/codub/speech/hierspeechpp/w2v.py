"""wav2vec 2.0 up to its seventh layer, the space of the paper's features (Pratap et al. 2023, `facebook/mms-300m`).

Only what those features need is built: the convolutions, the projection, the positional convolution and seven of the
24 layers. The features are the residual stream behind the seventh, before any norm; they are not standardised.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.errors import WeightsError

LAYERS = 7
SAMPLES_PER_VECTOR = 320
BLOCK = 1280  # samples: the sound is filled up to whole blocks, at least one sample
EDGE = 40  # samples mirrored at both ends, so that n samples make n / 320 vectors

_PREFIX = "wav2vec2."
_NORM = "encoder.pos_conv_embed.conv."
_OLD_NAMES = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}
# Of a pre-training checkpoint: what quantises, what masks, and the norm behind the last layer.
_SURPLUS = ("quantizer.", "project_hid.", "project_q.", "masked_spec_embed", "encoder.layer_norm.")


@dataclass(frozen=True)
class W2vSize:
    """Widths; the defaults are those of mms-300m, as of every XLS-R of 300 M parameters."""

    width: int = 1024
    heads: int = 16
    inner: int = 4096
    convolved: int = 512
    reach: int = 128  # vectors of the positional convolution
    groups: int = 16


class W2vFront(nn.Module):
    """16 kHz sound to features `(B, 1024, T)` at 50 Hz, through transformers' own modules."""

    def __init__(self, size: W2vSize | None = None) -> None:
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        super().__init__()
        size = size or W2vSize()
        config = Wav2Vec2Config(
            hidden_size=size.width,
            num_hidden_layers=LAYERS,
            num_attention_heads=size.heads,
            intermediate_size=size.inner,
            conv_dim=(size.convolved,) * 7,
            feat_extract_norm="layer",
            conv_bias=True,
            do_stable_layer_norm=True,
            num_conv_pos_embeddings=size.reach,
            num_conv_pos_embedding_groups=size.groups,
            mask_time_prob=0.0,
            layerdrop=0.0,
        )
        self.wav2vec2 = Wav2Vec2Model(config)
        self.wav2vec2.encoder.layer_norm = nn.Identity()  # type: ignore[assignment]

    def forward(self, samples: Tensor) -> Tensor:
        """Features `(B, width, T)` of sound `(B, n)`, T = 4 (n // 1280 + 1)."""
        features: Tensor = self.wav2vec2(padded(samples)).last_hidden_state
        return features.transpose(1, 2)


def padded(samples: Tensor) -> Tensor:
    """`(B, n)` filled up with silence to whole blocks of 1280, at least one sample, then mirrored at both ends."""
    filled = functional.pad(samples, (0, BLOCK - samples.shape[1] % BLOCK))
    return functional.pad(filled[:, None], (EDGE, EDGE), mode="reflect")[:, 0]


def load_w2v(state: Mapping[str, Tensor], size: W2vSize | None = None) -> W2vFront:
    """The front end with the weights of a published checkpoint, in evaluation mode; 24-layer ones are cut to seven.

    Takes the keys of `Wav2Vec2ForPreTraining` and `Wav2Vec2Model` with either name of the positional weight norm.

    Raises:
        WeightsError: a weight is missing, has another shape, or belongs to no part of such a model.
    """
    front = _empty(size)
    wanted = front.wav2vec2.state_dict()
    given = {name: value for key, value in state.items() if (name := own_name(key)) is not None}
    faults = [f"{key} is missing" for key in wanted.keys() - given.keys()]
    faults += [f"{key} is unknown" for key in given.keys() - wanted.keys()]
    faults += [
        f"{key} has the shape {tuple(given[key].shape)}, not {tuple(value.shape)}"
        for key, value in wanted.items()
        if key in given and given[key].shape != value.shape
    ]
    if faults:
        raise WeightsError(
            "The weights are not those of a wav2vec 2.0 model of the mms-300m shape.",
            cause=f"{sorted(faults)[0]}; {len(faults)} such faults.",
            fix="Give the checkpoint of facebook/mms-300m.",
        )
    front.wav2vec2.load_state_dict({key: value.float() for key, value in given.items()}, assign=True)
    return front.eval().requires_grad_(False)


def own_name(key: str) -> str | None:
    """The name of a checkpoint's key in the cut model; None for what it has and we do not need."""
    name = key.removeprefix(_PREFIX)
    if name.startswith(_SURPLUS):
        return None
    layer = name.removeprefix("encoder.layers.").split(".")[0]
    if name.startswith("encoder.layers.") and layer.isdigit() and int(layer) >= LAYERS:
        return None
    last = name.removeprefix(_NORM)
    return _NORM + _OLD_NAMES[last] if name.startswith(_NORM) and last in _OLD_NAMES else name


def _empty(size: W2vSize | None) -> W2vFront:
    """A front end without memory for its weights yet."""
    with torch.device("meta"):
        return W2vFront(size)
