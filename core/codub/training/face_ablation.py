"""The paper's Table 3: four ways to train the same face with the same steps, each a YAML difference from one recipe.

Rows: stage one on real features, stage one on the TTV's features, two stages without sync in the second, and the full
recipe. Rows that begin alike share the weights of their first stage, so nothing is trained twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from codub import config as settings
from codub.errors import UsageError
from codub.training.face import train_stage
from codub.training.face_cache import FaceData
from codub.training.face_stage import FaceStage
from codub.training.loop import LoopConfig
from codub.training.sync import SyncExpert, SyncStage
from codub.training.sync_training import train_expert

Progress = Callable[[float, str], None]

BASE = "ablation"
ROWS = ("ablation-real", "ablation-ttv", "ablation-no-sync", "ablation-full")


@dataclass(frozen=True)
class AblationRow:
    """One row: its two stages and the sync expert's settings. `scale` multiplies the steps of all three."""

    title: str
    scale: float = 1.0
    sync: SyncStage = field(default_factory=SyncStage)
    first: FaceStage = field(default_factory=FaceStage)
    second: FaceStage = field(default_factory=FaceStage)

    def scaled(self) -> "AblationRow":
        """The row with the steps that are trained, at least two a stage."""
        return replace(
            self,
            scale=1.0,
            sync=replace(self.sync, loop=_scaled(self.sync.loop, self.scale)),
            first=replace(self.first, loop=_scaled(self.first.loop, self.scale)),
            second=replace(self.second, loop=_scaled(self.second.loop, self.scale)),
        )

    @property
    def steps(self) -> int:
        """Steps of both stages together."""
        return self.first.loop.steps + self.second.loop.steps


def load_rows(base: str | Path = BASE, names: Sequence[str | Path] = ROWS) -> dict[str, AblationRow]:
    """Rows by name (`real`, `ttv`, ...), scaled, from the recipe `base` and one difference each.

    Raises:
        UsageError: rows differ in steps, seeds or expert, so that they could not be compared.
    """
    rows = {
        Path(name).stem.removeprefix(f"{BASE}-"): settings.load_difference(AblationRow, base, name).scaled()
        for name in names
    }
    first, *others = rows.items()
    for name, row in others:
        if _conditions(row) != _conditions(first[1]):
            raise UsageError(
                f"The rows '{first[0]}' and '{name}' do not train under the same conditions.",
                cause="They differ in steps, seeds, the generator or the sync expert.",
                fix=f"State those in the recipe '{base}', which all rows share.",
            )
    return rows


def train_rows(
    rows: Mapping[str, AblationRow], data: FaceData, out: Path, progress: Progress = lambda fraction, what: None
) -> dict[str, Path]:
    """Weights of every row, `out/<row>/second/face.safetensors`. Run again, it goes on where it was stopped."""
    work = _Work(_steps_in_all(rows), progress)
    some = next(iter(rows.values()))
    expert: SyncExpert | None = None
    if any(stage.losses.sync or stage.losses.perceptual for row in rows.values() for stage in (row.first, row.second)):
        config, tell = some.first.generator, work.begin("sync expert", some.sync.loop)
        expert = train_expert(some.sync, data, out / "sync", tell, config.space, config.window)
    begun: dict[FaceStage, Path] = {}
    made = {}
    for name, row in rows.items():
        if row.first not in begun:
            tell = work.begin(f"{name}, first stage", row.first.loop)
            begun[row.first] = train_stage(row.first, data, out / name / "first", None, tell, expert)
        tell = work.begin(f"{name}, second stage", row.second.loop)
        made[name] = train_stage(row.second, data, out / name / "second", begun[row.first], tell, expert)
    return made


class _Work:
    """How far several runs one after the other are, in steps."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def begin(self, what: str, loop: LoopConfig) -> Progress:
        """The progress of the next run."""
        before = self._done
        self._done += loop.steps

        def tell(fraction: float, note: str) -> None:
            self._progress((before + fraction * loop.steps) / self._total, f"{what}: {note}")

        return tell


def _steps_in_all(rows: Mapping[str, AblationRow]) -> int:
    firsts = {row.first: row.first.loop.steps for row in rows.values()}
    expert = next(iter(rows.values())).sync.loop.steps
    return expert + sum(firsts.values()) + sum(row.second.loop.steps for row in rows.values())


def _conditions(row: AblationRow) -> tuple[object, ...]:
    return (
        row.sync,
        *((stage.loop, stage.seed, stage.generator, stage.learning_rate) for stage in (row.first, row.second)),
    )


def _scaled(loop: LoopConfig, scale: float) -> LoopConfig:
    return replace(loop, steps=max(2, round(loop.steps * scale)))
