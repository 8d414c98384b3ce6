"""Kokoro-82M's int8 ONNX graph turned once into float32 tensors under the names of our own modules.

The graph holds dynamically quantized layers: int8 or uint8 weights with a scale and a zero point, float biases.
Equal initializers are shared under another layer's name, so weights are found through the nodes that use them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codub import in_use, weights
from codub.errors import WeightsError

ASSET = "kokoro-82m"
SOURCE = "kokoro.int8.onnx"

Array = NDArray[Any]

# Parts of the graph's "encoder" that belong to the predictor; the rest of it (bert, text_encoder) stands by itself.
_OF_PREDICTOR = ("F0", "N", "F0_proj", "N_proj", "shared")
_NAMED_LEAVES = {"bias": "bias", "weight": "weight", "gamma": "weight", "beta": "bias"}
_GATES_TORCH_FROM_ONNX = (0, 2, 3, 1)  # ONNX orders an LSTM's gates i o f c, torch i f g o
_OP_SUFFIXES = (
    "/Conv_quant",
    "/Gemm_MatMul_quant",
    "/MatMul_quant",
    "/LSTM_quant",
    "/Gather_quant",
    "/ConvTranspose",
    "/Conv",
    "/MatMul",
)


def voice_weights() -> Path:
    """Path of the weights that the voice runs on: the imported ones where those are in use, else the fetched ones.

    Raises:
        WeightsError: neither are here, or the graph is not the one this importer knows.
    """
    chosen = in_use.stand_in(ASSET)
    return fetched_weights() if chosen is None else chosen.file


def fetched_weights() -> Path:
    """Path of the float32 safetensors; written on first use, beside the fetched graph.

    Raises:
        WeightsError: the graph was not fetched, or is not the one this importer knows.
    """
    return weights.derived(ASSET, "kokoro-float32.safetensors", SOURCE, _convert)


def read_graph(path: Path) -> dict[str, Array]:
    """Float32 tensors by module name, e.g. `decoder.encode.conv1.weight`, from the ONNX file at `path`.

    Raises:
        WeightsError: the file is not this kind of graph.
    """
    import onnx

    try:
        graph = _Graph(onnx.load(str(path)).graph)
        tensors = dict(graph.tensors())
    except (KeyError, ValueError, StopIteration) as error:
        raise WeightsError(
            f"'{path}' is not the Kokoro graph that this version reads.",
            cause=f"{type(error).__name__}: {error}",
            fix="Fetch it again: codub weights fetch",
        ) from error
    return tensors


def module_path(node_name: str) -> str:
    """Our name of the module that an ONNX node belongs to.

    torch's exporter writes `/encoder/text_encoder/cnn.0/cnn.0.0/Conv_quant` for `text_encoder.cnn.0.0`.
    """
    name = node_name
    for suffix in _OP_SUFFIXES:
        name = name.removesuffix(suffix)
    parts: list[str] = []
    for part in name.strip("/").split("/")[1:]:
        if parts and part.startswith(f"{parts[-1]}."):
            parts[-1] = part
        else:
            parts.append(part)
    return _in_our_tree(".".join(parts))


def _in_our_tree(path: str) -> str:
    return f"predictor.{path}" if path.split(".")[0] in _OF_PREDICTOR else path


def _convert(source: Path, target: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {name: np.ascontiguousarray(value) for name, value in read_graph(source).items()}
    save_file(tensors, str(target), metadata={"origin": "hexgrad/Kokoro-82M", "licence": "Apache-2.0"})


class _Graph:
    """The ONNX graph with its initializers as arrays and its nodes by what they read."""

    def __init__(self, graph: Any) -> None:
        from onnx import numpy_helper

        self.nodes = list(graph.node)
        self.arrays: dict[str, Array] = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        self.made_by = {out: node for node in self.nodes for out in node.output if out}
        self.readers: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)

    def tensors(self) -> Iterator[tuple[str, Array]]:
        """Every parameter, each once."""
        yield from self._named()
        for node in self.nodes:
            path = module_path(node.name)
            if node.op_type == "ConvInteger":
                yield f"{path}.weight", self._dequantized(node)
            elif node.op_type == "MatMulInteger" and not _is_repeat(path):
                yield f"{path}.weight", self._dequantized(node).T
            elif node.op_type == "DequantizeLinear":
                yield from self._embedding(node)
            elif node.op_type == "DynamicQuantizeLSTM":
                yield from self._lstm(path, node)
            elif node.op_type in ("Conv", "ConvTranspose") and "istft" not in node.name:
                yield f"{path}.weight", self.arrays[node.input[1]]
            elif node.op_type == "MatMul" and node.input[1] in self.arrays:
                yield f"{path}.weight", self.arrays[node.input[1]].T

    def _named(self) -> Iterator[tuple[str, Array]]:
        """Float parameters that kept their own names: biases, norms, the alphas of the Snake activations."""
        for name, array in self.arrays.items():
            owner, _, leaf = name.rpartition(".")
            is_alpha = owner.rpartition(".")[2] in ("alpha1", "alpha2")
            if array.dtype == np.float32 and (is_alpha or leaf in _NAMED_LEAVES):
                yield _in_our_tree(f"{owner.partition('.')[2]}.{_NAMED_LEAVES.get(leaf, leaf)}"), array

    def _dequantized(self, node: Any) -> Array:
        """`(q - zero point) * scale`; the scale is multiplied in behind the integer product."""
        quantized = self.arrays[node.input[1]].astype(np.float32)
        zero_point = self.arrays[node.input[3]].astype(np.float32)
        return np.asarray((quantized - zero_point) * self._scale_after(node), dtype=np.float32)

    def _scale_after(self, node: Any) -> Array:
        """Weight scale: one input of the product of two scales that the rescaling `Mul` behind `node` takes."""
        current = node
        while current.op_type != "Mul":
            current = self.readers[current.output[0]][0]
        product = next(self.made_by[name] for name in current.input if self.made_by[name].op_type == "Mul")
        return self.arrays[next(name for name in product.input if name in self.arrays)]

    def _embedding(self, node: Any) -> Iterator[tuple[str, Array]]:
        gather = self.made_by[node.input[0]]
        scale, zero_point = self.arrays[node.input[1]], self.arrays[node.input[2]].astype(np.float32)
        quantized = self.arrays[gather.input[0]].astype(np.float32)
        yield f"{module_path(gather.name)}.weight", np.asarray((quantized - zero_point) * scale, dtype=np.float32)

    def _lstm(self, path: str, node: Any) -> Iterator[tuple[str, Array]]:
        """One bidirectional LSTM; ONNX keeps `(direction, in, 4 hidden)` and both biases in one row."""
        biases = self.arrays[node.input[3]]
        for direction, suffix in enumerate(("", "_reverse")):
            for kind, weight, scale, zero in (("ih", 1, 8, 9), ("hh", 2, 10, 11)):
                quantized = self.arrays[node.input[weight]][direction].astype(np.float32)
                shift = self.arrays[node.input[zero]][direction].astype(np.float32)
                values = (quantized - shift) * self.arrays[node.input[scale]][direction]
                yield f"{path}.weight_{kind}_l0{suffix}", _torch_gates(values.T)
            for kind, values in zip(("ih", "hh"), np.split(biases[direction], 2), strict=True):
                yield f"{path}.bias_{kind}_l0{suffix}", _torch_gates(values)


def _is_repeat(path: str) -> bool:
    """Whether this is a later use of ALBERT's one layer (`query_7`)."""
    stem, _, count = path.rpartition("_")
    return bool(stem) and count.isdigit()


def _torch_gates(values: Array) -> Array:
    gates = np.split(values, 4, axis=0)
    return np.concatenate([gates[i] for i in _GATES_TORCH_FROM_ONNX], axis=0, dtype=np.float32)
