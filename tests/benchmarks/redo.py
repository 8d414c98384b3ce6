"""A line dubbed, and the same line redone while everything is warm: seconds until it is heard, and until it is kept.

    python -m tests.benchmarks.redo                   # cue 1 of the sample project
    python -m tests.benchmarks.redo --cue 4 --redos 3

One process, one studio, as the panel's worker has them. The first time loads the models, follows the faces and fits
the voice; a redo has another seed. CPU seconds are those of all threads; the line's own length stands beside them.
"""

import argparse
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from codub.dubbing.dub import dub_project
from codub.dubbing.events import Heard
from codub.dubbing.record import TakeRecord
from codub.dubbing.request import DubRequest
from codub.dubbing.studio import Studio
from codub.jobs.sample import sample_folder


@dataclass
class Clock:
    """CPU and wall seconds since it was made, at what a dub tells."""

    cpu: float
    wall: float
    heard: tuple[float, float] = (0.0, 0.0)
    kept: tuple[float, float] = (0.0, 0.0)
    line: float = 0.0

    def told(self, event: object) -> None:
        """Note down when the voice was there and when the take was."""
        now = (time.process_time() - self.cpu, time.perf_counter() - self.wall)
        if isinstance(event, Heard):
            self.heard = now
        if isinstance(event, TakeRecord):
            self.kept, self.line = now, float(event.duration)


def main() -> None:
    """Print a row for the first take and one for each redo."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cue", type=int, default=1)
    parser.add_argument("--redos", type=int, default=2)
    parser.add_argument("--fit-seconds", type=float, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        sample = shutil.copytree(sample_folder(), Path(place) / "sample")
        request = DubRequest(
            sample / "timeline.otio",
            sample / "lines.es.srt",
            sample / "DUBBED.otio",
            cues=(arguments.cue,),
            fit_seconds=arguments.fit_seconds,
        )
        studio = Studio()
        print(f"{'':14}{'heard after':>22}{'kept after':>22}{'line':>8}")
        print(f"{'':14}{'CPU s':>11}{'wall s':>11}{'CPU s':>11}{'wall s':>11}{'s':>8}")
        for number in range(arguments.redos + 1):
            clock = Clock(time.process_time(), time.perf_counter())
            dub_project(replace(request, seed=number), studio=studio, told=clock.told)
            row = "".join(f"{value:11.2f}" for value in (*clock.heard, *clock.kept))
            print(f"{'first take' if number == 0 else f'redo {number}':14}{row}{clock.line:8.2f}", flush=True)
        studio.close()


if __name__ == "__main__":
    main()
