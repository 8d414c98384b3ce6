"""CPU-seconds per second of shot, stage by stage, and peak memory at two lengths of the same shot.

    python -m tests.benchmarks.shot                 # the sample project's first shot, 10 s and 120 s of it
    python -m tests.benchmarks.shot --seconds 5 20

Every length runs in a process of its own, so that its peak memory is its own. The shot is the sample's first picture
clip over and over; one line follows the other in it. Stages are timed one after the other on the same frames.
"""

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SHOT = ROOT / "sample_projects" / "kitchen_table" / "media" / "tom_place.mp4"
TEXT = "Vale, pero mueve la tuya; mi pieza va por ahí, y mañana empezamos otra vez la partida."


def main() -> None:
    """Print the table, or (in a child) one length's figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", nargs="+", type=int, default=[10, 120])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure(arguments.one)))
        return
    results = {}
    for seconds in arguments.seconds:
        command = [sys.executable, "-m", "tests.benchmarks.shot", "--one", str(seconds)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        results[seconds] = json.loads(done.stdout.splitlines()[-1])
    stages = list(next(iter(results.values()))["stages"])
    print(f"{'CPU-seconds per second of shot':34}" + "".join(f"{s:>8} s" for s in results))
    for stage in stages:
        print(f"{stage:34}" + "".join(f"{r['stages'][stage]:10.3f}" for r in results.values()))
    print(f"{'all':34}" + "".join(f"{sum(r['stages'].values()):10.3f}" for r in results.values()))
    print(f"{'peak memory, MB':34}" + "".join(f"{r['memory_mb']:10.0f}" for r in results.values()))


def measure(seconds: int) -> dict[str, object]:
    """Figures of one length of shot."""
    from codub.dubbing.profile import Models, load_profile
    from codub.face.reference_choice import Footage, choose_references
    from codub.face.render import FaceJob, render_face
    from codub.face.track import find_faces
    from codub.media.encode import write_video
    from codub.media.probe import probe
    from codub.speech.kokoro.voices import stock_voices
    from codub.speech.model import Style
    from codub.speech.phonemes import phonemize

    info = probe(SHOT).require_video()
    count = int(seconds * info.rate)
    models = Models(load_profile("embedded"))
    style = Style(models.profile.latent_space, next(iter(stock_voices().values())))
    clock = _Clock(seconds)

    with clock("decode"):
        for _ in frames(count):
            pass
    with clock("track", less="decode"):
        faces = find_faces(frames(count), models.landmarks)
    line = phonemize(TEXT, "es")
    latent = models.voice.ttv.speak(line, style, None, 0).latent  # loads and warms up
    lines = max(1, round(seconds / float(latent.duration)))
    with clock("latent"):
        for _ in range(lines):
            latent = models.voice.ttv.speak(line, style, None, 0).latent
    clock.scale("latent", seconds / (lines * float(latent.duration)))
    with clock("voice"):
        for _ in range(lines):
            models.voice.synthesizer.synthesize(latent, style)
    clock.scale("voice", seconds / (lines * float(latent.duration)))
    track = faces.tracks[0]
    references = choose_references([Footage(lambda: frames(count), track)], models.face.references)
    job = FaceJob(track, references, _windows(latent, models.face.window), count, info.rate, range(count))
    generating = _Timed(models.face)
    rendered = time.process_time()
    for _ in render_face(frames(count), [job], generating):
        pass
    both = time.process_time() - rendered
    clock.stages["face"] = generating.seconds / seconds
    clock.stages["composite"] = (both - generating.seconds) / seconds - clock.stages["decode"]
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with clock("encode", less="decode"):
            write_video(Path(folder) / "take.mp4", frames(count), info, count)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        clock.stages["encode"] += (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / seconds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"stages": clock.stages, "memory_mb": memory}


def frames(count: int) -> Iterator[np.ndarray]:
    """`count` frames of the shot from its start again and again, none held."""
    from codub.media.video import read_frames

    endless = itertools.chain.from_iterable(read_frames(SHOT) for _ in itertools.count())
    return itertools.islice(endless, count)


class _Clock:
    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self.stages: dict[str, float] = {}

    def __call__(self, stage: str, less: str = "") -> "_Stage":
        return _Stage(self, stage, less, self._seconds)

    def scale(self, stage: str, factor: float) -> None:
        self.stages[stage] *= factor


class _Stage:
    def __init__(self, clock: _Clock, stage: str, less: str, seconds: int) -> None:
        self._clock, self._stage, self._less, self._seconds = clock, stage, less, seconds

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        used = (time.process_time() - self._started) / self._seconds
        self._clock.stages[self._stage] = used - self._clock.stages.get(self._less, 0.0)


class _Timed:
    """A face generator that counts the CPU time of its own work."""

    def __init__(self, generator: object) -> None:
        self._generator = generator
        self.seconds = 0.0

    def __getattr__(self, name: str) -> object:
        return getattr(self._generator, name)

    def generate(self, *arguments: object) -> object:
        started = time.process_time()
        motion = self._generator.generate(*arguments)
        self.seconds += time.process_time() - started
        return motion


def _windows(latent: object, width: int) -> object:
    period = float(latent.duration)
    return lambda times: latent.windows(np.asarray(times) % period, width)


if __name__ == "__main__":
    main()
