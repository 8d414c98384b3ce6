import shutil
import subprocess
import sys

import numpy as np
import opentimelineio as otio
import pytest

from codub.dubbing.record import TakeRecord
from codub.errors import UsageError
from codub.media.audio import write_wav
from codub_panel.notice import notes_notice
from codub_panel.project.opening import dubbed_path, open_session


@pytest.fixture
def project(root, tmp_path):
    """The sample project, to be written beside."""
    return shutil.copytree(root / "sample_projects" / "kitchen_table", tmp_path / "project")


@pytest.fixture
def opened(project):
    session, outlet = open_session(
        project / "timeline.otio", project / "lines.es.srt", source_lines=project / "source.en.srt"
    )
    yield session, outlet
    session.store.close()


def test_the_sample_project_opens_with_its_lines(opened):
    session, _ = opened
    assert [line.cue.number for line in session.lines] == [1, 2, 3, 4, 5]
    assert [line.voice for line in session.lines] == ["TOM", "ANA", "TOM", "ANA", "TOM"]
    assert all(line.cue.source_text for line in session.lines)
    assert len(session.lines[3].parts) == 2  # a cut inside the line
    assert session.lines[4].misfit > 1  # far too long for its window
    assert session.missing_consent([1, 2, 3, 4, 5]) == ()  # it ships what its people agreed to


def test_a_line_without_a_speaker_has_the_voice_of_its_clip(project):
    lines = project / "lines.es.srt"
    lines.write_text(lines.read_text(encoding="utf-8").replace("TOM: ", "").replace("[TOM] ", ""), encoding="utf-8")
    session, _ = open_session(project / "timeline.otio", lines)
    assert session.lines[0].voice == "clip kt_sh010"
    assert session.lines[1].voice == "ANA"
    session.store.close()


def test_what_is_wrong_with_the_files_is_said(project):
    lines = project / "lines.es.srt"
    lines.write_text(lines.read_text(encoding="utf-8") + "\n99\nno time at all\nlost\n", encoding="utf-8")
    session, _ = open_session(project / "timeline.otio", lines)
    assert len(session.lines) == 5
    assert "lines.es.srt, " in session.notes[0]
    notice = notes_notice(session.notes)
    assert "remarks" in notice.message
    assert session.notes[0] in notice.cause
    session.store.close()


def test_many_remarks_are_counted():
    assert notes_notice(()) is None
    assert notes_notice([f"n{i}" for i in range(9)]).cause.splitlines() == ["n0", "n1", "n2", "n3", "And 5 more."]


def test_writing_back_puts_the_chosen_take_onto_the_timeline(opened, project):
    session, outlet = opened
    line = session.lines[0]
    with session.store.workspace() as folder:
        samples = int(line.cue.window * 48000)
        write_wav(folder / "a.wav", np.zeros(samples, np.float32))
        record = TakeRecord(
            1, "es", line.cue.text, "TOM", 0, "embedded", start=line.cue.start, duration=line.cue.window
        )
        session.store.add(record, {"audio": folder / "a.wav"})
    session.choose(1, session.store.get(1, 1))
    outlet.send()
    output = dubbed_path(project / "timeline.otio", "es")
    dubbed = otio.adapters.read_from_file(str(output))
    names = [key for clip in dubbed.find_clips() for key in clip.media_references()]
    assert "dub_es_t01" in names
    assert (project / "timeline.otio").read_bytes() != output.read_bytes()


def test_lines_of_no_known_language_are_refused_before_anything_is_made(project):
    (project / "lines.es.srt").rename(project / "lines.srt")
    with pytest.raises(UsageError, match="language"):
        open_session(project / "timeline.otio", project / "lines.srt")
    assert not list(project.glob("*.codub"))


def test_opening_loads_neither_torch_nor_qt(project):
    code = (
        "import sys; from pathlib import Path; from codub_panel.project.opening import open_session\n"
        "session, write = open_session(Path(sys.argv[1]), Path(sys.argv[2])); write.send()\n"
        "print([name for name in ('torch', 'transformers', 'cv2', 'PySide6') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(project / "timeline.otio"), str(project / "lines.es.srt")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"
