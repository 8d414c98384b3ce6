"""The face's quality on people that nothing was trained on: every goal with its interval, met or missed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codub.dubbing.profile import Models, load_profile
from codub.errors import UsageError
from codub.evaluation.lip_figures import FaceReport
from codub.evaluation.lip_goals import SAID, as_json
from codub.evaluation.lip_sheet import write_plot, write_sheet
from codub.evaluation.lips import LipClip, RemadeClip, evaluate_face
from codub.evaluation.said_lines import shapes_alone
from codub.evaluation.tables import Table, clips_table, goals_table, shapes_table
from codub.face.loading import load_face_generator
from codub.face.mesh import FaceMesh, load_mesh
from codub.face.model import FaceGenerator
from codub.files import replacing
from codub.jobs.lip_films import LipFilms

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class FaceMeasurement:
    """Reports by drive ("sound", "text", "lines") of one set of weights."""

    weights: str
    people: str
    reports: Mapping[str, FaceReport]

    def text(self, *, markdown: bool = False) -> str:
        """Tables for the terminal or a model card: the goals, the sounds' shapes as text made them, every clip."""

        def written(table: Table) -> str:
            return table.markdown() if markdown else table.plain()

        films = {drive: report for drive, report in self.reports.items() if drive != SAID}
        parts = []
        if films:
            last = list(films)[-1]
            parts += [written(goals_table(films)), f"From {last}:\n\n{written(shapes_table(films[last]))}"]
        if SAID in self.reports:
            said = written(goals_table({SAID: self.reports[SAID]}))
            parts.append(f"Lines that the films do not say, in the TTV's own timing:\n\n{said}")
        parts += [f"From {drive}:\n\n{written(clips_table(report))}" for drive, report in films.items()]
        return "\n\n".join(parts)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        reports = [as_json(report, drive) for drive, report in self.reports.items()]
        return {"weights": self.weights, "people": self.people, "reports": reports}


def measure_face(
    films: LipFilms,
    drives: Sequence[str],
    weights: Path | None,
    progress: Progress,
    *,
    pictures: Path | None = None,
) -> FaceMeasurement:
    """Lips of a set of weights (None: those that ship), by drive: "sound", "text", "lines".

    `pictures` is a folder for two pictures a clip: true above made frames, and the opening over time.

    Raises:
        UsageError: the corpus is not there, or a drive or the people are unknown.
        WeightsError: the weights cannot be read.
    """
    generator = load_face_generator(weights) if weights is not None else Models(load_profile("embedded")).face
    clips = films.clips(drives, lambda fraction, what: progress(0.3 * fraction, what))
    mesh = load_mesh()
    reports = measure_on(
        generator, clips, mesh, lambda fraction, what: progress(0.3 + 0.7 * fraction, what), pictures=pictures
    )
    return FaceMeasurement(str(weights or "shipped"), films.people, reports)


def measure_on(
    generator: FaceGenerator,
    clips: Mapping[str, Sequence[LipClip]],
    mesh: FaceMesh,
    progress: Progress = lambda fraction, what: None,
    *,
    pictures: Path | None = None,
) -> dict[str, FaceReport]:
    """Reports by drive of a generator on clips that are there already."""
    reports = {}
    for number, (drive, own) in enumerate(clips.items()):

        def tell(fraction: float, what: str, number: int = number, drive: str = drive) -> None:
            progress((number + fraction) / len(clips), f"{what} from {drive}")

        def look(remade: RemadeClip, drive: str = drive) -> None:
            if pictures is not None:
                write_sheet(pictures / f"{remade.clip.name}-{drive}.png", remade)
                write_plot(pictures / f"{remade.clip.name}-{drive}-opening.png", remade)

        figures_of = shapes_alone if drive == SAID else None
        reports[drive] = evaluate_face(generator, own, mesh, tell, look, figures_of)
    return reports


def save_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write figures as JSON, whole or not at all.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The figures cannot be written to '{path}'.", cause=str(error)) from error
