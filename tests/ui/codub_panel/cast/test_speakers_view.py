"""The cast's dock on a made project, with a worker that runs `codub cast` with quick models."""

from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from made_dubs import QuickModels, TwoFaces, write_lines, write_project
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QFileDialog, QLineEdit, QListWidget

from codub.dubbing.adapted import Adapted, DriveFigures, keep_adapted
from codub.dubbing.cast.casting import read_cast
from codub.dubbing.cast.work import CastWork
from codub.dubbing.consent import Consent
from codub_panel.cast import cast_actions, cast_model
from codub_panel.cast.face_picker import FacePicker
from codub_panel.cast.speakers_view import SpeakersView
from codub_panel.desk import Desk
from codub_panel.project.opening import open_session

QUICK_CODUB = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
import made_dubs
from codub.dubbing.cast import work as cast_work
from codub.speech import reference
from codub.speech.activity import Interval
models = made_dubs.QuickModels()
models.landmarks = made_dubs.TwoFaces()
cast_work.Models = models.of
cast_work.require_weights = lambda profile: None
reference.speech_intervals = lambda samples: [Interval(0.0, len(samples) / 16_000)]
from codub.cli.main import main
main()
"""


@pytest.fixture
def folder(tmp_path):
    write_project(tmp_path)
    write_lines(tmp_path / "LINES.es.srt", "Uno.", "Dos.", "Tres.")
    return tmp_path


@pytest.fixture
def view(qtbot, folder, monkeypatch):
    monkeypatch.setattr(cast_model, "_RUN_CODUB", QUICK_CODUB)
    session, _ = open_session(folder / "PROJECT.otio", folder / "LINES.es.srt", folder / "DUBBED.otio")
    desk = Desk(session)
    made = SpeakersView(session, desk)
    made.desk, made.told = desk, []
    desk.told.connect(made.told.append)
    qtbot.addWidget(made)
    made.resize(900, 900)
    made.show()
    yield made
    made.close_dock()
    session.store.close()


@pytest.fixture
def looked(view, monkeypatch):
    """The view of a project whose faces were looked for: two in each frame."""
    models = QuickModels()
    models.landmarks = TwoFaces()
    monkeypatch.setattr("codub.dubbing.cast.work.Models", models.of)
    CastWork(view.model.project).look((), lambda fraction, what: None)
    view.model.refresh()
    return view


def kept(folder):
    return read_cast(folder / "DUBBED.codub")


def idle(qtbot, view):
    qtbot.waitUntil(lambda: not view.work.worker.busy, timeout=60_000)


def test_everybody_who_speaks_is_listed(view):
    rows = [view.people.item(row).text() for row in range(view.people.count())]
    assert [row.partition("  ·  ")[0] for row in rows] == ["Ana", "Ben"]
    assert "2 lines, 1.2 s" in rows[0]
    assert "voice not fitted  ·  no consent" in rows[0]
    assert view.facts.text() == "Ana · 2 lines · 1.2 s"
    assert view.consent.text() == "No consent recorded"
    assert not view.voice.play_heard.isEnabled()
    assert view.voice.lines.topLevelItemCount() == 2
    view.people.setCurrentRow(1)
    assert view.facts.text() == "Ben · 1 line · 1.1 s"
    assert view.voice.lines.topLevelItem(0).text(3) == "Tres."


def test_ticked_lines_are_the_reference_and_are_listened_to(view, qtbot, folder):
    view.people.setCurrentRow(0)
    view.voice.lines.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
    assert kept(folder).member("Ana").cues == (1,)
    assert view.progress.isVisible()
    idle(qtbot, view)
    # One line of 0.6 s is too short to know a voice by: that is told, and the tick stays.
    assert "cannot be heard" in str(view.told[-1])
    assert view.model.session.history.undo_name == "reference of Ana"
    view.model.session.history.undo()
    assert kept(folder).member("Ana").cues == ()
    assert view.voice.lines.topLevelItem(1).checkState(0) == Qt.CheckState.Checked
    view.listen()
    idle(qtbot, view)
    assert view.voice.heard.text().startswith("Voice from all lines: 1.2 s of cue 1, cue 2")
    assert "1.2 s of speech only" in view.voice.warnings.text()
    assert view.voice.play_heard.isEnabled()
    assert view.voice.play_sample.text() == "Play the fitted voice"  # there is none, so none is heard
    assert not view.progress.isVisible()


def test_unticking_the_last_line_ticks_all(view, folder):
    view.people.setCurrentRow(1)
    view.voice.lines.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert kept(folder).member("Ben").automatic
    assert view.voice.lines.topLevelItem(0).checkState(0) == Qt.CheckState.Checked
    view.work.worker.cancel()


def test_a_recording_is_the_reference_instead(view, qtbot, folder, monkeypatch):
    chosen = str(folder / "media" / "talk.wav")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (chosen, ""))
    view.voice.recording.click()
    assert view.work.worker.busy  # it is listened to
    view.work.worker.cancel()
    assert kept(folder).member("Ana").recording == chosen
    assert view.voice.heard.text() == "Voice from recording talk.wav, not listened to yet"
    assert view.voice.lines.topLevelItem(0).checkState(0) == Qt.CheckState.Unchecked


def test_a_voice_is_fitted_once_somebody_declared_that_the_speaker_agreed(view, qtbot, folder, monkeypatch):
    asked = []
    monkeypatch.setattr(cast_actions, "ask_consent", lambda speaker, given_by, owner: asked.append(speaker))
    view.voice.limit.setValue(0)
    view.voice.refit.click()
    assert asked == ["Ana"]
    assert not view.work.worker.busy
    agreed = Consent("Ana", "She agreed.", "Eva", evidence="contract 7")
    monkeypatch.setattr(cast_actions, "ask_consent", lambda *_: agreed)
    view.voice.refit.click()
    assert view.consent.text().endswith("voice and face, declared by Eva")
    idle(qtbot, view)
    assert view.told == []
    assert kept(folder).member("Ana").fit_seconds == 0.0
    assert view.voice.fit.text().startswith("Fitted within 0 s, likeness 1.00, NOT nearer to its speaker than to Ben")
    assert view.people.item(0).text().endswith("likeness 1.00  ·  agreed")
    heard = []
    monkeypatch.setattr(view.player.speaker, "start", lambda feed: heard.append(feed(0, 4).shape))
    view.play_sample()
    qtbot.waitUntil(lambda: heard == [(4, 2)])
    assert view.voice.play_sample.text() == "Stop"
    view.play_sample()
    assert view.voice.play_sample.text() == "Play the fitted voice"


def test_a_withdrawal_counts(view, monkeypatch):
    view.model.record_consent(Consent("Ana", "She agreed.", "Eva"))
    monkeypatch.setattr(cast_actions.QInputDialog, "getText", lambda *args: ("Eva", True))
    view.withdraw.click()
    assert "withdrawn, declared by Eva" in view.consent.text()
    assert view.model.session.missing_consent([1]) == ("Ana",)
    assert not view.withdraw.isEnabled()


def test_a_face_is_fitted_by_the_worker_and_let_go(view, folder, monkeypatch):
    jobs = []
    monkeypatch.setattr(view.work.worker, "do", jobs.append)
    assert view.own_face.told.text() == "The shipped face, not fitted to this speaker."
    view.model.record_consent(Consent("Ana", "She agreed.", "Eva"))
    view.own_face.adapt.click()
    (job,) = jobs
    assert job.command[3:5] == ("adapt", str(folder / "PROJECT.otio"))
    assert job.command[-2:] == ("--speaker", "Ana")
    assert "--progress-json" in job.command
    (folder / "weights").write_bytes(b"")
    figures = (DriveFigures("sound", 29.0, 30.0, 0.9, 0.8, 1.0, 1.0),)
    made = Adapted("Ana", "embedded", "another", "f00d" * 16, 45, 61.0, (), figures)
    keep_adapted(folder / "DUBBED.codub", made, folder / "weights")
    view.model.refresh()
    assert view.own_face.told.text().startswith("Adaptation outdated: the face that it was fitted from")
    assert "face adaptation outdated" in view.people.item(0).text()
    view.own_face.forget.click()
    assert view.own_face.told.text() == "The shipped face, not fitted to this speaker."
    assert not view.own_face.forget.isEnabled()


def test_work_is_stopped_at_once(view, qtbot):
    view.look()
    assert view.stop.isVisible()
    view.stop.click()
    idle(qtbot, view)
    assert "Stopped" in str(view.told[-1])
    assert not view.stop.isVisible()


def picking(monkeypatch, act):
    """Lets `act` use the picker instead of a person."""

    def run(picker):
        picker.show()
        act(picker)
        return picker.result()

    monkeypatch.setattr(FacePicker, "exec", run)


def test_the_face_of_a_line_is_chosen_by_a_click(looked, qtbot, folder, monkeypatch):
    view = looked
    view.desk.take_up((1,))
    qtbot.waitUntil(lambda: len(view.face.rows) == 1)
    assert "2 faces; face 1; its mouth moves" in view.face.rows[0][0].text()

    def click_right(picker):
        assert [box.identity in picker.view.speaking for box in picker.view.boxes] == [True, False]
        assert "its mouth" in picker.why.text()
        right = picker.view.place(picker.view.boxes[1]).center().toPoint()
        qtbot.mouseClick(picker.view, Qt.MouseButton.LeftButton, pos=right)

    picking(monkeypatch, click_right)
    view.choose_face()
    (choice,) = kept(folder).faces
    assert choice.cue == 1
    assert choice.at[0] == pytest.approx(0.73, abs=0.02)
    assert "face 2; chosen by hand" in view.face.rows[0][0].text()
    view.face.rows[0][2].click()
    assert kept(folder).faces[0].at is None
    assert "nobody in the picture says it" in view.face.rows[0][0].text()
    view.face.rows[0][3].click()
    assert kept(folder).faces == ()


def test_a_frame_of_the_mouth_is_replaced_by_keys_alone(looked, qtbot, folder, monkeypatch):
    view = looked
    before = {kind: caption.text() for kind, caption in view.mouth.captions.items()}
    assert all("found" in text for text in before.values())

    def by_keys(picker):
        start = picker.number.value()
        step = Qt.Key.Key_Right if start < 20 else Qt.Key.Key_Left
        qtbot.keyClick(picker.view, step)
        assert abs(picker.number.value() - start) == 1
        for hand in (1, 0):
            qtbot.keyClick(picker.view, Qt.Key.Key_Down)
            assert picker.view.hand == hand
        qtbot.keyClick(picker.view, Qt.Key.Key_Return)

    picking(monkeypatch, by_keys)
    view.mouth.pictures["open"].click()
    idle(qtbot, view)
    assert view.told == []
    pick = kept(folder).member("Ana").open
    assert pick.media == str(folder / "media" / "one.mp4")
    assert f"one.mp4:{pick.frame}\nchosen" in view.mouth.captions["open"].text()
    assert "found" in view.mouth.captions["closed"].text()
    view.mouth.resets["open"].click()
    assert {kind: caption.text() for kind, caption in view.mouth.captions.items()} == before
    view.show_sheet()
    assert view.sheet.isVisible()
    view.sheet.close()


def test_a_speaker_is_shown_under_another_name(view, qtbot, folder):
    view.name.setFocus()
    view.name.clear()
    qtbot.keyClicks(view.name, "Ana  Bell")
    qtbot.keyClick(view.name, Qt.Key.Key_Return)
    assert kept(folder).member("Ana").name == "Ana Bell"
    assert view.people.item(0).text().startswith("Ana Bell")


def test_lines_edited_in_the_panel_are_what_is_worked_on(view, folder):
    command = view.model.command("look")
    assert command[command.index("--lines") + 1] == str(folder / "LINES.es.srt")
    view.model.session.edit(2, "Dos y medio.")
    command = view.model.command("refit")
    edited = Path(command[command.index("--lines") + 1])
    assert "Dos y medio." in edited.read_text(encoding="utf-8")
    assert [shot.cue.text for shot in view.model.shots("Ana")] == ["Uno.", "Dos y medio."]


def test_a_project_that_cannot_be_read_is_told_in_place(qtbot, session):
    desk = Desk(session)
    broken = SpeakersView(session, desk)
    qtbot.addWidget(broken)
    broken.show()
    assert "PROJECT.otio" in broken.problem.text()
    assert not broken.details.isVisible()
    told = []
    desk.told.connect(told.append)
    for command in (broken.refit, broken.listen, broken.look, broken.record_consent):
        command()
    assert ["PROJECT.otio" in str(notice) for notice in told] == [True] * 4
    broken.choose_face()
    broken.show_sheet()
    broken.sheet.close()
    assert not broken.work.worker.busy
    broken.close_dock()


def test_everything_has_a_name_and_takes_the_keyboard(view):
    kinds = (QAbstractButton, QComboBox, QDoubleSpinBox, QLineEdit, QListWidget)
    for kind in kinds:
        for widget in view.findChildren(kind):
            if widget.parent() is not None and widget.objectName().startswith("qt_"):
                continue
            assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()), widget
            assert widget.focusPolicy() != Qt.FocusPolicy.NoFocus, widget
