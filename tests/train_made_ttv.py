"""A process that trains a tiny Text-to-Vec; tests start it, alone or several together, and kill it.

Arguments: corpus, cache, run, steps, batch, and the step at which it kills itself (-1: never).
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from made_speech import CHANNELS, made_front_end
from torch import nn

from codub.speech.hierspeechpp.network import TtvSize
from codub.training.descent import DescentConfig
from codub.training.loop import LoopConfig
from codub.training.processes import Processes, joined
from codub.training.speech_stack import runs
from codub.training.speech_stack.features import DataConfig
from codub.training.speech_stack.ttv_task import TtvTask, TtvTraining

SETTINGS = TtvTraining(
    loop=LoopConfig(steps=5, checkpoint_every=2, note_every=1),
    network=TtvSize(16, CHANNELS, 16, 16, 1, 1, 1, 16),
    data=DataConfig(held_out=0.2),
    descent=DescentConfig(learning_rate=2e-3, eps=1e-4),  # a gradient that is zero but for rounding stays small
    batch=2,
    ahead=1,
    checked=0,
    device="cpu",
)


class KilledTask(TtvTask):
    """Ends its own process without warning at the step `kill`; several processes see no dropout, to be comparable."""

    kill = -1
    dropout = True

    def step(self, number: int) -> dict[str, float]:
        if number == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if not self.dropout:
            for module in self.network.modules():
                if isinstance(module, nn.Dropout):
                    module.p = 0.0
        return super().step(number)


def train(corpus: Path, cache: Path, out: Path, settings: TtvTraining, processes: Processes) -> Path:
    """Train as `codub train ttv` does, through `KilledTask`."""
    runs.TtvTask = KilledTask  # type: ignore[misc]
    try:
        return runs.train_ttv(settings, corpus, cache, out, made_front_end(), processes=processes)
    finally:
        runs.TtvTask = TtvTask  # type: ignore[misc]


if __name__ == "__main__":
    corpus, cache, out, steps, batch, kill = sys.argv[1:]
    KilledTask.kill = int(kill)
    wanted = replace(SETTINGS, loop=replace(SETTINGS.loop, steps=int(steps)), batch=int(batch))
    with joined("cpu") as processes:
        KilledTask.dropout = processes.count == 1
        train(Path(corpus), Path(cache), Path(out), wanted, processes)
