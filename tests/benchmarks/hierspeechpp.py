"""The paper's speech stack at full size: its plain modules beside their fast forms, on one thread and on two.

    python -m tests.benchmarks.hierspeechpp                    # 8 s of speech
    python -m tests.benchmarks.hierspeechpp --seconds 4 --repeats 5 --threads 1

Plain is what the modules compute as written: weight norm worked out at every call, activations as padding, transposed
convolution, snake and convolution. Weights are made up (rule `hpfill-1`), the same for both; so are inputs. Each part
gets what the plain part before it made. Repetitions take turns in one process, the least of each counts; CPU time is
that of all threads together, and the one to trust on a machine that does other work. Differences are the largest, in
standard deviations of the plain values; "all" rows feed each chain its own values.
"""

import argparse
import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from tests.golden_fill import fill, off_by
from torch import Tensor

from codub.speech.hierspeechpp.fused_speechsr import FusedSpeechSR
from codub.speech.hierspeechpp.fused_synthesizer import fuse
from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.inference_form import inference_form
from codub.speech.hierspeechpp.network import TextToVecNetwork
from codub.speech.hierspeechpp.speechsr import SpeechSR

FRAMES = 50  # a second
FRAMES_PER_TOKEN = 2  # of English speech with blanks between its phonemes, roughly
NOISE = 0.333


@dataclass
class Part:
    """One part in both forms and the least seconds each took: `(CPU, wall)`."""

    name: str
    plain: Callable[..., tuple[Tensor, ...]]
    fast: Callable[..., tuple[Tensor, ...]]
    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)
    off: float = 0.0

    def run(self, form: str, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What one form makes of `given`, timed."""
        cpu, wall = time.process_time(), time.perf_counter()
        made = (self.plain if form == "plain" else self.fast)(*given)
        used = (time.process_time() - cpu, time.perf_counter() - wall)
        best = self.seconds.get(form, used)
        self.seconds[form] = (min(best[0], used[0]), min(best[1], used[1]))
        return made

    def row(self) -> str:
        """A line of the table."""
        (cpu, wall), (fast_cpu, fast_wall) = self.seconds["plain"], self.seconds["fast"]
        times = f"{cpu:8.2f}{fast_cpu:8.2f}{cpu / fast_cpu:7.1f}x  {wall:8.2f}{fast_wall:8.2f}{wall / fast_wall:7.1f}x"
        return f"{self.name:16}{times}  {self.off:.1e}"


def main() -> None:
    """Print a table for each number of threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    frames = round(arguments.seconds * FRAMES)
    with torch.inference_mode():
        parts, given = stack(frames)
        for threads in arguments.threads:
            torch.set_num_threads(threads)
            print(f"\n{arguments.seconds:g} s of speech, threads: {threads}")
            print(f"{'':16}{'CPU':>8}{'':16}  {'wall':>7}")
            print(f"{'':16}{'plain':>8}{'fast':>8}{'':9} {'plain':>8}{'fast':>8}{'':9}  largest difference")
            for row in measure(parts, given, arguments.repeats):
                print(row.row(), flush=True)


def measure(parts: list[Part], given: tuple[Tensor, ...], repeats: int) -> list[Part]:
    """The parts with their times, then text to 16 kHz and to 48 kHz."""
    for part in parts:
        part.seconds.clear()
    for _ in range(repeats):
        values = own = given
        chains = []
        for part in parts:
            made, part_off = part.run("plain", values), part.run("fast", values)
            part.off = off(part_off, made)
            own = part.fast(*own)
            values = made
            chains.append(off(own, values))
    return [*parts, total("text to 16 kHz", parts[:2], chains[1]), total("text to 48 kHz", parts, chains[2])]


def total(name: str, parts: list[Part], difference: float) -> Part:
    """The sum of parts."""
    whole = Part(name, parts[0].plain, parts[0].fast, off=difference)
    for form in ("plain", "fast"):
        cpu, wall = zip(*(part.seconds[form] for part in parts), strict=True)
        whole.seconds[form] = (sum(cpu), sum(wall))
    return whole


def off(made: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> float:
    """The largest difference of all values that the parts hand on."""
    return max(off_by(one, other) for one, other in zip(made, expected, strict=True))


def stack(frames: int) -> tuple[list[Part], tuple[Tensor, ...]]:
    """TTV, synthesizer and SpeechSR in both forms, and the text's tokens and durations in frames."""
    draw = torch.Generator().manual_seed(0)
    count = frames // FRAMES_PER_TOKEN | 1
    tokens = torch.randint(1, 178, (1, count), generator=draw)
    tokens[:, ::2] = 0
    durations = torch.full((1, count), FRAMES_PER_TOKEN)
    durations[:, -1] += frames - int(durations.sum())
    mel = torch.randn(1, 80, 4 * FRAMES, generator=draw)
    noise = [NOISE * torch.randn(1, channels, frames, generator=draw) for channels in (256, 192)]
    mask, style_mask = torch.ones(1, 1, frames), torch.ones(1, 1, mel.shape[2])

    def ttv(network: TextToVecNetwork) -> Callable[..., tuple[Tensor, ...]]:
        def speak(tokens: Tensor, durations: Tensor) -> tuple[Tensor, ...]:
            style = network.style(mel)
            prior = network.read(tokens, torch.tensor([count]), style, torch.zeros(1, 2, count))
            return network.render(prior, durations, style, noise[0])

        return speak

    def synthesizer(network: HierarchicalSynthesizer) -> Callable[..., tuple[Tensor, ...]]:
        def sound(features: Tensor, log_f0: Tensor) -> tuple[Tensor, ...]:
            return (network(features, log_f0, mask, network.style(mel, style_mask), noise[1]),)

        return sound

    text_to_vec, hierarchy, raised = fill(TextToVecNetwork()), fill(HierarchicalSynthesizer()), fill(SpeechSR(48_000))
    fused = fuse(copy.deepcopy(hierarchy))
    fast_raised = FusedSpeechSR(raised)
    return [
        Part("TTV", ttv(text_to_vec), ttv(inference_form(copy.deepcopy(text_to_vec)))),
        Part("synthesizer", synthesizer(hierarchy), synthesizer(fused)),
        Part("SpeechSR", lambda sound: (raised(sound),), lambda sound: (fast_raised(sound),)),
    ], (tokens, durations)


if __name__ == "__main__":
    main()
