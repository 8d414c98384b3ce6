"""Networks in the form in which they speak fastest; the plain modules are for training and for comparison."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from codub.speech.hierspeechpp.attention import SelfAttention
from codub.speech.hierspeechpp.convolution import fold_weight_norm
from codub.speech.hierspeechpp.flow import CouplingFlow
from codub.speech.hierspeechpp.fused_attention import FusedSelfAttention
from codub.speech.hierspeechpp.fused_flow import FusedFlow
from codub.speech.hierspeechpp.toom_cook import PointwiseConv1d, ToomCookConv1d, serves

Network = TypeVar("Network", bound=nn.Module)
Part = TypeVar("Part", bound=nn.Module)


def inference_form(network: Network, device: str = "cpu") -> Network:
    """The same network, changed in place to speak on `device`: normalised weights worked out, no gradients.

    It can neither train nor be saved afterwards.

    For a CPU convolutions over time are replaced by ones with fewer multiplications, which take up to 1.8 times the
    memory, pointwise ones by matrix products, flows and attentions by their fused forms; outputs stay within 1e-4 of
    their standard deviation. On a GPU its own libraries do better. Done twice it changes nothing more.
    """
    network.eval().requires_grad_(False)
    fold_weight_norm(network)
    if torch.device(device).type == "cpu":
        replace_convolutions(network)
        _replace(network, CouplingFlow, FusedFlow)
        _replace(network, SelfAttention, FusedSelfAttention)
    return network.to(device)


def _replace(network: nn.Module, kind: type[Part], form: Callable[[Part], nn.Module]) -> None:
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, kind) and not isinstance(parent, FusedFlow | FusedSelfAttention):
                setattr(parent, name, form(child))


def replace_convolutions(network: nn.Module) -> None:
    """Replace every convolution below `network` that gains by it."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if not isinstance(child, nn.Conv1d) or child.weight.dtype != torch.float32:
                continue
            if child.kernel_size == (1,) and child.stride == (1,) and child.groups == 1:
                setattr(parent, name, PointwiseConv1d(child))
            elif serves(child):
                setattr(parent, name, ToomCookConv1d(child))
