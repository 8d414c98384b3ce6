"""The demo: the sample project dubbed on this machine, with a preview to look at."""

import shutil
from collections.abc import Callable
from pathlib import Path

from codub.dubbing.dub import dub_project
from codub.dubbing.report import outcome_report, where_to_look
from codub.dubbing.request import DubRequest
from codub.errors import UsageError
from codub.jobs.preview import render
from codub.jobs.sample import SAMPLE, sample_folder

Progress = Callable[[float, str], None]


def run_demo(output: Path | None, language: str, progress: Progress) -> str:
    """Copy the sample project to `output` (default `codub-demo`), dub it there, preview it; the report as text.

    Raises:
        UsageError: the sample has no lines in `language`, or did not come with this installation.
        CodubError: the dub or the preview failed.
    """
    source = sample_folder()
    folder = (output or Path("codub-demo")) / SAMPLE
    if not (source / f"lines.{language}.srt").is_file():
        known = ", ".join(sorted(path.suffixes[0][1:] for path in source.glob("lines.*.srt")))
        raise UsageError(f"The sample has no lines in '{language}'.", fix=f"It has: {known}.")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    dubbed = folder / f"dubbed.{language}.otio"
    request = DubRequest(
        project=folder / "timeline.otio",
        lines=folder / f"lines.{language}.srt",
        source_lines=folder / "source.en.srt",
        output=dubbed,
        language=language,
    )
    outcome = dub_project(request, lambda fraction, what: progress(0.9 * fraction, what))
    preview = dubbed.with_suffix(".preview.mp4")
    render(dubbed, preview, lambda fraction, what: progress(0.9 + 0.1 * fraction, what))
    looks = f"{where_to_look(dubbed)}\npreview  {preview}  (original left, dub right)"
    again = f"One line again: codub dub {request.project} {request.lines} -o {dubbed} --cue 4 --seed 2"
    return "\n".join([outcome_report(outcome), "", "Where to look:", looks, "", again])
