"""`codub train face-ablation`: the four rows of the paper's Table 3, trained, measured, and put in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codub.evaluation.lip_figures import FaceReport
from codub.evaluation.lip_goals import as_json
from codub.evaluation.tables import Table, ranking_table
from codub.face.loading import load_face_generator
from codub.face.mesh import load_mesh
from codub.files import replacing
from codub.jobs.lip_films import OWN_WORDS, LipFilms
from codub.jobs.measure_face import measure_on, save_json
from codub.training.face_ablation import AblationRow, train_rows
from codub.training.face_cache import FaceCache
from codub.training.face_material import our_material, prepare, read_data

Progress = Callable[[float, str], None]

TRAINING = 0.95  # of the time; the rest is measuring


@dataclass(frozen=True)
class Ablation:
    """Rows with their reports by drive ("sound", "text")."""

    rows: Mapping[str, AblationRow]
    reports: Mapping[str, Mapping[str, FaceReport]]

    def tables(self) -> dict[str, Table]:
        """One table a drive: a line a row, every measure with the row's place in its order."""
        titles = {name: row.title for name, row in self.rows.items()}
        return {
            drive: ranking_table({titles[name]: reports[drive] for name, reports in self.reports.items()})
            for drive in OWN_WORDS
        }

    def markdown(self) -> str:
        """Both tables with what was trained, for a model card."""
        row = next(iter(self.rows.values()))
        steps = (
            f"Every row: {row.first.loop.steps} steps of the first stage and {row.second.loop.steps} of the second, the"
            f" same seeds; sync expert: {row.sync.loop.steps} steps. In brackets: the row's place."
        )
        parts = [f"From {drive}:\n\n{table.markdown()}" for drive, table in self.tables().items()]
        return "\n\n".join((steps, *parts)) + "\n"

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            name: {
                "title": self.rows[name].title,
                "steps": self.rows[name].steps,
                "reports": [as_json(report, drive) for drive, report in reports.items()],
            }
            for name, reports in self.reports.items()
        }


def run_ablation(
    rows: Mapping[str, AblationRow], corpora: Path, cache: Path, out: Path, progress: Progress
) -> Ablation:
    """All rows trained below `out` and measured there on the held-out people: `ablation.md`, `ablation.json`.

    Run again, it goes on where it was stopped.

    Raises:
        UsageError: the corpora are not there.
        WeightsError: third-party weights were not fetched.
    """
    material, folder = our_material(corpora), FaceCache(cache)
    parts = prepare(material, folder, lambda fraction, what: progress(0.0, what))
    weights = train_rows(
        rows, read_data(parts, folder, material.credit), out, lambda fraction, what: progress(TRAINING * fraction, what)
    )
    clips = LipFilms(corpora, cache=out / "films").clips(OWN_WORDS, lambda fraction, what: progress(TRAINING, what))
    mesh, reports = load_mesh(), {}
    for number, (name, path) in enumerate(weights.items()):

        def tell(fraction: float, what: str, number: int = number, name: str = name) -> None:
            progress(TRAINING + (1 - TRAINING) * (number + fraction) / len(weights), f"measuring {name}: {what}")

        reports[name] = measure_on(load_face_generator(path), clips, mesh, tell, pictures=out / name / "pictures")
    result = Ablation(rows, reports)
    save_json(out / "ablation.json", result.plain())
    with replacing(out / "ablation.md") as temporary:
        temporary.write_text(result.markdown(), encoding="utf-8")
    return result
