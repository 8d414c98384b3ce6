"""Tables of figures, as the terminal shows them and as Markdown for a model card."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from codub.evaluation.lip_figures import FaceReport
from codub.evaluation.lip_goals import MEASURES, judge, measures_of


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; the first column is text, the others are figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def plain(self) -> str:
        """Columns two spaces apart."""
        widths = [max(len(cells[i]) for cells in (self.head, *self.rows)) for i in range(len(self.head))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
            for cells in (self.head, *self.rows)
        )

    def markdown(self) -> str:
        """As Markdown has it."""
        rule = tuple("---" for _ in self.head)
        return "\n".join("| " + " | ".join(cells) + " |" for cells in (self.head, rule, *self.rows))


def goals_table(reports: Mapping[str, FaceReport]) -> Table:
    """A line a measure, a column a drive, and the goal; "lines" has measures of its own, and stands alone."""
    columns = {drive: judge(report, drive) for drive, report in reports.items()}
    rows = []
    for number, measure in enumerate(measures_of(next(iter(reports)))):
        cells = [judged[number].text() for judged in columns.values()]
        rows.append((measure.name, *cells, str(measure.goal) if measure.goal is not None else ""))
    return Table(("", *(f"from {drive}" for drive in columns), "goal"), tuple(rows))


def shapes_table(report: FaceReport) -> Table:
    """A line a shape of mouth: occurrences, and opening, width and shut share, each in the film / made."""
    rows = []
    for name, s in report.shapes().items():
        pairs = ((s.true_opening, s.made_opening, 3), (s.true_width, s.made_width, 3), (s.true_shut, s.made_shut, 2))
        rows.append((name, str(s.count), *(f"{true:.{digits}f} / {made:.{digits}f}" for true, made, digits in pairs)))
    return Table(("sound", "count", "opening, film / made", "width", "shut"), tuple(rows))


def clips_table(report: FaceReport) -> Table:
    """A line a clip."""
    columns = ("mouth_psnr", "crop_ssim", "distance", "correlation", "opening_ratio", "sharpness", "flicker")
    rows = [(clip.name, *(f"{getattr(clip, name):.2f}" for name in columns)) for clip in report.clips]
    head = ("clip", "mouth PSNR", "crop SSIM", "LMD", "correlation", "spread", "sharpness", "flicker")
    return Table(head, tuple(rows))


def ranking_table(reports: Mapping[str, FaceReport]) -> Table:
    """A line a measure, a column a report, with each one's place among them in brackets, the best first."""
    rows = []
    for measure in MEASURES:
        if measure.best is None:
            continue
        estimates = {name: report.estimate(measure.figure) for name, report in reports.items()}
        values = {name: estimate.value for name, estimate in estimates.items() if not math.isnan(estimate.value)}
        order = sorted(values, key=lambda name: measure.worse(values[name]))
        cells = []
        for name, e in estimates.items():
            place = f" ({order.index(name) + 1})" if name in order else ""
            cells.append(f"{e.value:.{measure.digits}f}{place}")
        rows.append((measure.name, *cells))
    return Table(("", *reports), tuple(rows))
