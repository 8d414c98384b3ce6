"""Pictures of the panel in each of its states, made from the sample project by the panel itself.

    python -m codub_panel.screens ui/screens          # needs no screen: QT_QPA_PLATFORM=offscreen

Two lines are really dubbed, so the fetched weights have to be there; without them the states that show a take are left
out, and said so.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QLocale, QSettings, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from codub import weights
from codub.dubbing.cast.casting import Member, change_cast
from codub.jobs.sample import copy_sample
from codub_panel.cast.speakers_view import SpeakersView
from codub_panel.docks import DOCKS
from codub_panel.language import install_translation
from codub_panel.relink import RelinkDialog, missing_media
from codub_panel.shots.text_editor import TextEditor
from codub_panel.theme import themes
from codub_panel.window import PanelWindow

SIZE = QSize(1440, 940)
_COLOURS = 256  # of a picture's palette: a third of the bytes
_PATIENCE_S = 900.0
_TOO_LONG = "Vale, pero mueve la tuya; mi pieza va por ahí, y mañana empezamos otra vez la partida, si quieres."


class Screens:
    """Drives one window from state to state and keeps a picture of each."""

    def __init__(self, app: QApplication, folder: Path, place: Path) -> None:
        self._app, self._folder, self._place = app, folder, place
        self._sample = copy_sample(place)
        self.window = PanelWindow()
        self.window.resize(SIZE)
        self.window.show()
        self.made: list[Path] = []

    def all(self, *, dub: bool) -> None:
        """Every state, in the order of a day's work."""
        window = self.window
        themes().choose("light")
        window.open_project(self._sample / "timeline.otio", self._sample / "lines.es.srt")
        window.session.consents.declare(["TOM", "ANA"], "A. Producer")
        self._until(lambda: len(list((window.session.store.folder / "thumbnails").glob("*.jpg"))) >= 3)
        self.wait(1.0)
        self.keep("02-project-opened")
        self._too_long()
        if dub:
            self._dubbed()
        self._lists()
        # The pictures' maker is at home where the copy is; not before, as the worker looks for the weights at home.
        os.environ["HOME"] = str(self._place)
        window.close_project()
        self.keep("01-start-page")
        themes().choose("dark")
        self.keep("01-start-page-dark")
        self._missing()

    def _too_long(self) -> None:
        window = self.window
        window.lines.select_row(1)
        window.lines.edit_text()
        field = window.lines.table.findChild(TextEditor)
        assert field is not None, "the field opens"
        field.text.setPlainText(_TOO_LONG)
        self.wait(0.5)
        self.keep("03-editing-a-line-too-long")
        field.given_up.emit()

    def _dubbed(self) -> None:
        window, session = self.window, self.window.session
        window.lines.select_row(0)
        # The nearest stock voices: fitting one takes a minute, and nobody sees the difference.
        members = tuple(Member(speaker, fit_seconds=0) for speaker in ("TOM", "ANA"))
        change_cast(session.store.folder, lambda cast: replace(cast, members=members))
        window.desk.want([1, 2])
        self._until(lambda: session.progress is not None and session.progress[0] > 0.05)
        self.keep("04-generating")
        self._until(lambda: not session.running and not session.queue and session.line(2).chosen is not None)
        window.lines.select_row(0)
        window.perform("lines.approve")
        self.wait(2.0)
        for name, command in (
            ("05-review-side-by-side", "viewer.show_side_by_side"),
            ("06-review-wipe", "viewer.show_wipe"),
            ("07-review-difference", "viewer.show_difference"),
        ):
            window.perform(command)
            self._middle()
            self.keep(name)
        window.perform("viewer.show_side_by_side")
        self._with_docks("08-sound", ("sound", "delivery"))
        for dock in ("viewer", "takes", "delivery", "sound", "timeline"):
            window.docking.dock(dock).hide()
        self._cast()
        window.lines.table.selectRow(1)
        window.perform("timeline.show_line")
        self.wait(1.0)
        self.keep("10-timeline-strip")
        window.perform("timeline.show_everything")
        window.perform("send_back.list_changes")
        self.wait(0.5)
        self.keep("11-send-back")
        window.perform("send_back.write")
        self.wait(0.3)
        self.keep("12-sent-back")
        window.notices.put_away()
        themes().choose("dark")
        window.perform("window.reset_layout")
        window.lines.select_row(0)
        self._middle()
        self.keep("05-review-side-by-side-dark")
        themes().choose("light")

    def _cast(self) -> None:
        """The cast, once the faces were looked for and the voices were listened to."""
        self.window.docking.bring("speakers")
        speakers = self.window.target("speakers")
        assert isinstance(speakers, SpeakersView)
        speakers.look()
        for entry in speakers.model.entries:
            speakers.work.listen(entry.member.speaker)
        self._until(lambda: not speakers.work.worker.busy)
        self._with_docks("09-speakers", ("speakers",))

    def _middle(self) -> None:
        """A frame with an open mouth, some way into the line."""
        self.wait(0.5)
        line = self.window.desk.line
        if line is not None:
            self.window.desk.seek(line.cue.start + line.cue.window * 2 / 5)
        self.wait(1.5)

    def _with_docks(self, name: str, docks: tuple[str, ...]) -> None:
        there = [dock.name for dock in DOCKS if dock.name in docks]
        if not there:
            return
        for dock in there:
            self.window.docking.bring(dock)
            self.window.docking.dock(dock).raise_()
        self.wait(1.5)
        self.keep(name)
        self.window.perform("window.reset_layout")
        self.wait(0.5)

    def _lists(self) -> None:
        window = self.window
        window.perform("window.list_commands")
        window.command_list.words.setText("show")
        self.wait(0.3)
        self.keep("13-command-list", window.command_list)
        window.command_list.close()
        window.perform("window.show_keys")
        self.wait(0.3)
        self.keep("14-keys", window.keys_page)
        window.keys_page.close()

    def _missing(self) -> None:
        """A copy whose films of Tom were moved away."""
        themes().choose("light")
        sample = copy_sample(self._place / "moved")
        archive = sample / "archive"
        archive.mkdir()
        for path in (sample / "media").glob("tom_*.mp4"):
            path.rename(archive / path.name)
        window = self.window
        window.open_project(sample / "timeline.otio", sample / "lines.es.srt")
        self.wait(1.0)
        self.keep("15-missing-media")
        dialog = RelinkDialog(missing_media(window.session.placement), sample, window)
        dialog.show()
        dialog.take({name: archive / Path(name).name for name in list(missing_media(window.session.placement))[:1]})
        self.wait(0.3)
        self.keep("16-relink", dialog)
        dialog.close()
        window.close_project()

    # Taking a picture

    def keep(self, name: str, over: QWidget | None = None) -> None:
        """Keep a picture of the window as it is, with the dialog that stands over it."""
        self.window.resize(SIZE)
        self.wait(0.1)
        picture = self.window.grab()
        if over is not None:
            picture = _laid_over(picture, over, self.window)
        path = self._folder / f"{name}.png"
        picture.toImage().save(str(path))
        whole = Image.open(path).convert("RGB")
        whole.quantize(palette=whole.quantize(_COLOURS), dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
        self.made.append(path)

    def wait(self, seconds: float) -> None:
        """Let the window go on for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._app.processEvents()
            time.sleep(0.01)

    def _until(self, happened: Callable[[], bool]) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not happened():
            if time.monotonic() > until:
                raise SystemExit("The panel did not come to the state that was waited for.")
            self.wait(0.05)


def _laid_over(picture: QPixmap, over: QWidget, window: QWidget) -> QPixmap:
    inner = over.grab()
    at = window.rect().center() - over.rect().center()
    painter = QPainter(picture)
    painter.setOpacity(0.35)
    painter.fillRect(picture.rect(), over.palette().shadow())
    painter.setOpacity(1.0)
    painter.drawPixmap(at, inner)
    painter.setPen(over.palette().mid().color())
    painter.drawRect(at.x() - 1, at.y() - 1, inner.width() + 1, inner.height() + 1)
    painter.end()
    return picture


def main(arguments: list[str] | None = None) -> None:
    """Make all pictures in a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-dub", action="store_true", help="leave out the states that show a take")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([sys.argv[0]])
    install_translation(app, QLocale(QLocale.Language.English))
    chosen.folder.mkdir(parents=True, exist_ok=True)
    missing = [asset.name for asset in weights.ASSETS.values() if asset.needed and not weights.present(asset)]
    with tempfile.TemporaryDirectory() as place:
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, place)
        screens = Screens(app, chosen.folder, Path(place))
        screens.all(dub=not missing and not chosen.no_dub)
        screens.window.close()
    if missing:
        sys.stderr.write(f"Without a take: the weights {', '.join(missing)} are not here (codub weights fetch).\n")
    sys.stderr.write(f"{len(screens.made)} pictures in {chosen.folder}\n")


if __name__ == "__main__":
    main()
