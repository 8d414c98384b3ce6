"""How the panel bears a long programme: opening it, scrolling all of it, painting its strip; no screen needed.

    python -m tests.benchmarks.panel                  # 10,000 lines
    python -m tests.benchmarks.panel --lines 1000

The project is made: one film, a cut and a subtitle every three seconds, the dialogue in reels of ten minutes, two
speakers. CPU seconds of this process,
the median of several runs; a scroll goes through the whole list, and each of its frames is painted into a picture.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

RATE = 25
_CLIP_S, _REEL_S = 3, 600
_FRAMES = 200  # of the scroll
_WORDS = ("La", "casa", "de", "la", "colina", "tenía", "once", "ventanas", "y", "nadie", "sabía", "quién", "abría")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), arguments.lines, arguments.runs)


def _measure(folder: Path, count: int, runs: int) -> None:
    from PySide6.QtCore import QSettings, Qt
    from PySide6.QtWidgets import QApplication

    from codub_panel.project.opening import open_session
    from codub_panel.window import PanelWindow

    app = QApplication([])
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder / "settings"))
    timeline, lines = make_project(folder, count)
    opened, shown = [], []
    for _ in range(runs):
        seconds, (session, outlet) = clocked(lambda: open_session(timeline, lines))
        opened.append(seconds)
        window = PanelWindow()
        window.show()
        app.processEvents()

        def show(window: PanelWindow = window, session: object = session, outlet: object = outlet) -> None:
            window.show_project(session, outlet)
            window.grab()

        shown.append(clocked(show)[0])
        if len(opened) < runs:
            window.close()
    table = window.lines.table
    bar = table.verticalScrollBar()
    frames = []
    for step in range(_FRAMES):
        at = bar.maximum() * step // (_FRAMES - 1)
        frames.append(clocked(lambda at=at: (bar.setValue(at), app.processEvents(), table.grab()))[0])
    typed = [
        clocked(lambda w=w: (window.lines.finder.words.setText(w), table.grab()))[0] for w in ("casa", "noche", "")
    ]
    sorting = clocked(lambda: (table.sortByColumn(7, Qt.SortOrder.DescendingOrder), table.grab()))[0]
    window.close()
    rows = {
        "open the project": statistics.median(opened),
        "show it": statistics.median(shown),
        "scroll, median frame": statistics.median(frames),
        "scroll, worst frame": max(frames),
        "search, slowest": max(typed),
        "sort by fit": sorting,
    }
    print(f"{count} lines, CPU milliseconds")
    for name, seconds in rows.items():
        print(f"{name:24}{1000 * seconds:10.1f}")


def clocked(work: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds of a piece of work, and what it returned."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def make_project(folder: Path, count: int) -> tuple[Path, Path]:
    """A timeline of `count` clips of one film, and as many subtitles."""
    import opentimelineio as otio

    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "film.mp4").write_bytes(b"no film: only its name is used")
    whole = otio.opentime.TimeRange(
        otio.opentime.RationalTime(0, RATE), otio.opentime.RationalTime(count * _CLIP_S * RATE, RATE)
    )
    pictures = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    sounds = otio.schema.Track("A1", kind=otio.schema.TrackKind.Audio)
    reels = range(-(-count * _CLIP_S // _REEL_S))
    pictures.extend([_clip(f"sh{number:05d}", number * _CLIP_S, _CLIP_S, whole) for number in range(count)])
    sounds.extend(
        [_clip(f"reel{reel}", reel * _REEL_S, min(_REEL_S, count * _CLIP_S - reel * _REEL_S), whole) for reel in reels]
    )
    timeline = otio.schema.Timeline("programme")
    timeline.tracks.extend([pictures, sounds])
    path, lines = folder / "PROGRAMME.otio", folder / "LINES.es.srt"
    otio.adapters.write_to_file(timeline, str(path))
    blocks = []
    for number in range(count):
        start = number * _CLIP_S
        text = " ".join(_WORDS[(number + word) % len(_WORDS)] for word in range(4 + number % 9))
        speaker = ("ANA", "TOM")[number % 2]
        blocks.append(f"{number + 1}\n{_time(start)},200 --> {_time(start + 2)},600\n[{speaker}] {text}\n")
    lines.write_text("\n".join(blocks), encoding="utf-8")
    return path, lines


def _clip(name: str, start: int, seconds: int, whole: object) -> object:
    import opentimelineio as otio

    time = otio.opentime.RationalTime
    used = otio.opentime.TimeRange(time(start * RATE, RATE), time(seconds * RATE, RATE))
    return otio.schema.Clip(name, otio.schema.ExternalReference("media/film.mp4", whole), used)


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


if __name__ == "__main__":
    main()
