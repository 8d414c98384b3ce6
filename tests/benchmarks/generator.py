"""The talking-face generator on one CPU thread: frames a second of the network as it is trained, and as it is run.

    python -m tests.benchmarks.generator                # the size that ships
    python -m tests.benchmarks.generator --size 128 --references 3

Frames come eight at a time, as a shot's do, out of uint8 crops into arrays. Both are timed in turn in the same run, in
CPU seconds; the medians are what is shown, with the largest difference of their results inside the mask.
"""

import argparse
import copy
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import TorchFaceGenerator
from codub.face.model import MouthMotion
from codub.face.render import BATCH
from codub.latent import EMBEDDED


def main() -> None:
    """Print a row each, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=GeneratorConfig().size)
    parser.add_argument("--references", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = Generator(GeneratorConfig(size=arguments.size, references=arguments.references)).eval()
    torch.nn.init.normal_(network.head.weight, std=0.05)
    plain, fused = copy.deepcopy(network), TorchFaceGenerator(network, EMBEDDED)
    random = np.random.default_rng(0)
    windows = random.standard_normal((BATCH, EMBEDDED.channels, network.config.window)).astype(np.float32)
    pose, references = (
        random.integers(0, 256, (count, arguments.size, arguments.size, 3), np.uint8)
        for count in (BATCH, arguments.references)
    )

    def as_trained() -> MouthMotion:
        with torch.inference_mode():
            pictures = [torch.from_numpy(p).permute(0, 3, 1, 2).float()[None] / 255 for p in (pose, references)]
            motion = plain(torch.from_numpy(windows)[None], pictures[0], plain.identify(pictures[1]))
            return MouthMotion(*(maps.numpy() for maps in motion), plain.mask[0, 0].numpy())

    ways = {"as trained": as_trained, "as run": lambda: fused.generate(windows, pose, references)}
    taken = _time_in_turn(ways, arguments.rounds)
    for name, seconds in taken.items():
        print(f"{name:12} {1000 * seconds / BATCH:6.1f} ms of CPU a frame, {BATCH / seconds:6.1f} frames/s")
    print(f"ratio        {taken['as trained'] / taken['as run']:6.2f}")
    a, b = as_trained(), ways["as run"]()
    shown = a.mask > 0
    pairs = ((a.flow, b.flow), (a.blend, b.blend), (a.colour, b.colour))
    furthest = max(float(np.abs(x - y)[..., shown].max()) for x, y in pairs)
    print(f"difference   {furthest:.1e} at most, in crop sides, shares and 0..1 of colour")


def _time_in_turn(ways: dict[str, Callable[[], MouthMotion]], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


if __name__ == "__main__":
    main()
