"""Time cut into tiles that stay in a core's cache, and layers that can be told which end of a signal a tile has.

A signal lies as `(B, C, 1, W)`, channels-last: time in the place of a picture's width, the channels of one moment side
by side. A layer of a finite reach, given a tile with that much around it, gives the very values it would give for
the whole, so that neither speed nor memory depends on a line's length.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# Channels x time: 1 MB of float32, so that what a snake works on stays in a core's second- or third-level cache. A
# tile is never shorter than TILE_WIDTH, of which the overlap of AMP blocks, 90 values on either side, is then 2 to 4 %.
TILE_VALUES = 1 << 18
TILE_WIDTH = 4096


@dataclass(frozen=True)
class Edges:
    """Whether a tile begins or ends the signal.

    There a layer pads as the plain modules do; at any other end it gives fewer values than it got, by its reach.
    """

    left: bool = True
    right: bool = True

    def inner(self, reach: int) -> tuple[int, int]:
        """How many values a layer of that reach loses on the left and on the right."""
        return (0 if self.left else reach), (0 if self.right else reach)

    def outer(self, reach: int) -> tuple[int, int]:
        """How many values it pads on the left and on the right."""
        return (reach if self.left else 0), (reach if self.right else 0)


WHOLE = Edges()


class TileLayer(nn.Module):
    """A layer of `(x, edges)` on tiles, that knows how many values on either side one of its values depends on."""

    reach: int

    def channels(self, given: int) -> int:
        """How many channels come out when `given` go in."""
        return given


class Chain(TileLayer):
    """Layers one after the other on the same tile."""

    def __init__(self, layers: Sequence[TileLayer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.reach = sum(layer.reach for layer in layers)

    def channels(self, given: int) -> int:
        """What the last layer gives."""
        for layer in self.layers:
            assert isinstance(layer, TileLayer)
            given = layer.channels(given)
        return given

    def forward(self, x: Tensor, edges: Edges) -> Tensor:
        """`(B, C', 1, W)`, shorter by the reach at every inner end."""
        for layer in self.layers:
            x = layer(x, edges)
        return x


def keep_freed_memory() -> None:
    """Make glibc keep up to 62 MB of freed memory instead of giving it back to the system after every tile.

    It takes the size of the largest block freed so far as the measure, so one is allocated, never touched, and freed.
    A tile's tensors otherwise come back as fresh pages each time: the snake then takes 2.4 times as long.
    """
    torch.empty(31 << 20, dtype=torch.uint8)


def tiled(layer: TileLayer, x: Tensor) -> Tensor:
    """The layer's answer to the whole signal `(B, C, 1, W)`, worked out tile after tile."""
    length = x.shape[3]
    places = tile_places(length, x.shape[1], x.device)
    if len(places) == 1:
        whole: Tensor = layer(x, WHOLE)
        return whole
    made = empty(x.shape[0], layer.channels(x.shape[1]), length, x)

    def fill(place: slice) -> None:
        read, edges, keep = around(place, length, layer.reach)
        made[..., place] = layer(x[..., read], edges)[..., keep]

    at_once(fill, places)
    return made


def tile_places(length: int, channels: int, device: torch.device) -> list[slice]:
    """The tiles of a signal, as many as make every thread work equally long.

    A GPU has no cache to stay in: there, they only bound the memory. Where tiles would be mostly overlap there is one,
    and the threads share its layers.
    """
    if device.type != "cpu":
        return spans(length, 64 * TILE_VALUES // channels)
    threads = torch.get_num_threads()
    width = max(TILE_VALUES // channels, TILE_WIDTH)
    rounds = max(1, round(length / width / threads))
    return spans(length, length / (rounds * threads)) if length // threads >= TILE_WIDTH // 4 else [slice(0, length)]


def at_once(work: Callable[[slice], None], places: list[slice]) -> None:
    """Do the work at every place, each of torch's threads at places of its own.

    Threads that share a layer wait for one another after each, and there are some hundred in a tile. Measured on two
    threads, 8 s of speech: the generator 1.06 s instead of 1.23, SpeechSR 1.03 instead of 1.37.
    """
    threads = min(torch.get_num_threads(), len(places))
    if threads == 1 or torch.is_grad_enabled():
        for place in places:
            work(place)
        return

    def alone(place: slice) -> None:
        with mode():  # a thread's mode, too, is its own
            work(place)

    mode = torch.inference_mode if torch.is_inference_mode_enabled() else torch.no_grad
    # So is its number of threads; a new thread begins with the last number that any has set.
    own = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            list(pool.map(alone, places))
    finally:
        torch.set_num_threads(own)


def spans(length: int, size: float) -> list[slice]:
    """`length` cut into equal parts of about `size`."""
    count = max(1, round(length / size))
    cuts = [length * i // count for i in range(count + 1)]
    return list(itertools.starmap(slice, itertools.pairwise(cuts)))


def around(place: slice, length: int, reach: int) -> tuple[slice, Edges, slice]:
    """What to read of a signal to know an answer at `place`, which of its ends that has, what of the answer to keep."""
    read = slice(max(0, place.start - reach), min(length, place.stop + reach))
    edges = Edges(read.start == 0, read.stop == length)
    first = read.start + (0 if edges.left else reach)
    return read, edges, slice(place.start - first, place.stop - first)


def crop(x: Tensor, edges: Edges, reach: int) -> Tensor:
    """`(B, C, 1, W)` without the values at its inner ends that a layer of that reach loses."""
    left, right = edges.inner(reach)
    return x[..., left : x.shape[3] - right]


def chunks(length: int, size: int, reach: int) -> Iterator[tuple[slice, slice, slice]]:
    """Parts of a long signal that overlap by the reach: what to read, what of the answer to keep, where it belongs."""
    for place in spans(length, size):
        read = slice(max(0, place.start - reach), min(length, place.stop + reach))
        yield read, slice(place.start - read.start, place.stop - read.start), place


def channels_last(x: Tensor) -> Tensor:
    """`(B, C, T)` to `(B, C, 1, T)` with the channels of one moment side by side in memory."""
    moved = x.transpose(1, 2).contiguous()
    return moved[:, None].permute(0, 3, 1, 2)


def empty(batch: int, channels: int, width: int, like: Tensor) -> Tensor:
    """`(B, C, 1, W)`, channels-last, not yet filled."""
    return like.new_empty(batch, 1, width, channels).permute(0, 3, 1, 2)
