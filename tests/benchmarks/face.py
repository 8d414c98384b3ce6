"""Frames per second of a shot's new mouth against a plain loop on the same film, and memory at two lengths of shot.

    python -m tests.benchmarks.face                     # the sample's shot, as it is and at HD height
    python -m tests.benchmarks.face --device cuda
    python -m tests.benchmarks.face --seconds 3 --rounds 1 --memory 10 60

The pipeline is what a shot goes through: faces followed, references chosen, mouths generated a few frames at a time,
laid in. The plain loop is how talking-face code usually does it: each frame is converted, searched for a face,
cropped, given to the network alone (references and all), and the made face is warped onto the whole frame and blended
there. Both have the same mesh and network, one thread, and decode the film themselves; the plain loop gets its
references for nothing. It is timed with the pipeline's own detector, and with the one that such code usually has, S3FD
(its network's time; it needs the package face-alignment). All take turns, so that a busy machine slows all. None
encodes what it made: that is the same for all.

The generator alone is timed by `tests.benchmarks.generator`.
"""

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tests.benchmarks.plain_loop import PlainLoop, has_s3fd, load_s3fd

ROOT = Path(__file__).resolve().parents[2]
SHOT = ROOT / "sample_projects" / "kitchen_table" / "media" / "tom_place.mp4"
RATE = 25
HD = 1080  # lines
S3FD_FRAMES = 3  # a round: it takes seconds for an HD frame on a CPU
WARM = 8  # frames before the clock runs


@dataclass
class Clock:
    """CPU and wall time of what is done in it, over all rounds."""

    cpu: float = 0.0
    wall: float = 0.0
    frames: int = 0

    def run(self, work: Callable[[], int]) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        self.frames += work()
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall

    def line(self, name: str) -> str:
        return f"{name:34}{self.frames / self.cpu:10.1f}{self.frames / self.wall:10.1f}"


def main() -> None:
    """Print the tables, or (in a child) one length's peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=6, help="of shot a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", nargs="*", type=int, default=[0, HD], help="heights of the film, 0: its own")
    parser.add_argument("--memory", nargs="*", type=int, default=[10, 600], help="seconds of shot")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(memory(arguments.one, arguments.device)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for lines in arguments.lines:
            film = enlarged(lines, Path(folder)) if lines else SHOT
            compare(film, arguments.seconds, arguments.rounds, arguments.device)
    for seconds in arguments.memory:
        command = [sys.executable, "-m", "tests.benchmarks.face", "--one", str(seconds), "--device", arguments.device]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        print(f"{seconds:5d} s of shot: {found['loaded']:.0f} MB with the models, {found['peak']:.0f} MB at most")


def compare(film: Path, seconds: int, rounds: int, device: str) -> None:
    """All ways in turns on one film."""
    shot = Shot(film, device)
    plain = PlainLoop(shot.detector, shot.mesh, shot.generator.network, shot.references, shot.windows)
    ways: dict[str, Callable[[int], int]] = {"plain loop": lambda count: plain.run(frames(film, count))}
    if has_s3fd():
        s3fd = load_s3fd(device)
        ways["plain loop with S3FD"] = lambda count: plain.run(frames(film, count), s3fd)
    ways["pipeline"] = shot.pipeline
    counts = {name: S3FD_FRAMES if "S3FD" in name else seconds * RATE for name in ways}
    for name, work in ways.items():
        work(min(WARM, counts[name]))
    shot.forget()
    clocks = {name: Clock() for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            clocks[name].run(lambda work=work, count=counts[name]: work(count))
    print(f"{shot.size[1]} x {shot.size[0]}, {rounds} x {seconds} s, {device}; the pipeline's parts add up to it")
    print(f"{'frames per second of':34}{'CPU':>10}{'wall':>10}")
    ours = clocks["pipeline"]
    for name, clock in clocks.items():
        print(clock.line(name))
    for name, clock in shot.parts.items():
        print(clock.line(f"  {name}"))
    for name, clock in clocks.items():
        if name != "pipeline":
            faster = [clock.cpu / clock.frames / (ours.cpu / ours.frames)]
            faster.append(clock.wall / clock.frames / (ours.wall / ours.frames))
            print(f"{'pipeline over ' + name:34}{faster[0]:10.2f}{faster[1]:10.2f}")
    print(flush=True)


class Shot:
    """A film, its latent and the models."""

    def __init__(self, film: Path, device: str) -> None:
        from codub.face.detect import load_detector
        from codub.face.landmarks import MeshSource
        from codub.face.loading import load_face_generator
        from codub.face.mesh import load_mesh
        from codub.face.reference_choice import Footage, choose_references
        from codub.face.track import find_faces

        self.film, self.device = film, device
        self.detector, self.mesh = load_detector(), load_mesh()
        self.source = MeshSource(self.detector, self.mesh)
        self.generator = load_face_generator(device=device, threads=1)
        self.size = next(frames(film, 1)).shape[:2]
        self.parts = {name: Clock() for name in ("follow faces", "choose references", "generate, lay in")}
        track = find_faces(plates(film, 75), self.source).tracks[0]
        self.references = choose_references([Footage(lambda: plates(film, 75), track)], self.generator.references).at(
            self.generator.size
        )
        spoken = np.random.default_rng(0).standard_normal((self.generator.space.channels, 400)).astype(np.float32)
        self._spoken = spoken

    def windows(self, times: np.ndarray) -> np.ndarray:
        """Latent windows round times, of one line over and over."""
        width = self.generator.window
        places = (np.asarray(times)[:, None] * 40).astype(int) % (400 - width) + np.arange(width)
        return np.ascontiguousarray(self._spoken[:, places].transpose(1, 0, 2))

    def pipeline(self, count: int) -> int:
        """As a shot is made."""
        from fractions import Fraction

        from codub.face.reference_choice import Footage, choose_references
        from codub.face.render import FaceJob, render_face
        from codub.face.track import find_faces

        follow, choose, render = self.parts.values()
        held: list = []
        follow.run(lambda: held.append(find_faces(plates(self.film, count), self.source).tracks[0]) or count)
        footage, wanted = [Footage(lambda: plates(self.film, count), held[0])], self.generator.references
        choose.run(lambda: held.append(choose_references(footage, wanted)) or count)
        job = FaceJob(held[0], held[1], self.windows, count, Fraction(RATE), range(count))
        render.run(lambda: sum(1 for _ in render_face(plates(self.film, count), [job], self.generator)))
        return count

    def forget(self) -> None:
        """Begin to count anew."""
        self.parts = {name: Clock() for name in self.parts}


def memory(seconds: int, device: str) -> dict[str, float]:
    """Resident memory with the models loaded and at most, in MB, of a shot of that length."""
    shot = Shot(SHOT, device)
    shot.pipeline(RATE)
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shot.pipeline(seconds * RATE)
    return {"loaded": loaded, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def frames(film: Path, count: int) -> Iterator[np.ndarray]:
    """`count` frames of a film from its start again and again, none held."""
    from codub.media.video import read_frames

    endless = itertools.chain.from_iterable(read_frames(film) for _ in itertools.count())
    return itertools.islice(endless, count)


def plates(film: Path, count: int) -> Iterator[Any]:
    """The same frames as a shot is made of: as they are stored."""
    from codub.media.planes import read_plates

    endless = itertools.chain.from_iterable(read_plates(film) for _ in itertools.count())
    return itertools.islice(endless, count)


def enlarged(lines: int, folder: Path) -> Path:
    """The sample's shot with so many lines, as a film of its own."""
    from fractions import Fraction

    from PIL import Image

    from codub.media.encode import write_video
    from codub.media.probe import probe

    info = probe(SHOT).require_video()
    width = 2 * round(info.width * lines / info.height / 2)

    def large() -> Iterator[np.ndarray]:
        for frame in frames(SHOT, info.frames):
            yield np.asarray(Image.fromarray(frame).resize((width, lines), Image.Resampling.BICUBIC))

    from dataclasses import replace

    path = folder / f"{lines}.mp4"
    write_video(path, large(), replace(info, width=width, height=lines, sample_aspect=Fraction(1)), info.frames)
    return path


if __name__ == "__main__":
    main()
