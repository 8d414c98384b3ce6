"""`codub cast` on a made project: what is decided on the command line is what the dub will do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_dubs import QuickModels, write_lines, write_project

from codub.cli import main as module
from codub.dubbing.cast.casting import read_cast

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path)
    write_lines(tmp_path / "LINES.es.srt", "Uno.", "Dos.", "Tres.")
    return tmp_path


@pytest.fixture
def cast(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `codub cast VERB` on the project; exit code, stdout, stderr."""
    monkeypatch.setattr("codub.dubbing.cast.work.Models", QuickModels().of)

    def run(verb: str, *arguments: str) -> tuple[int, str, str]:
        where = [str(project / "PROJECT.otio"), "--lines", str(project / "LINES.es.srt")]
        code = 0
        try:
            module.main(["cast", verb, *where, "-o", str(project / "DUBBED.otio"), *arguments])
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_list_names_everybody(cast: Run) -> None:
    code, out, _ = cast("list")
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines() if not line.startswith(" ")] == ["Ana", "Ben"]


def test_voice_frames_and_faces_are_decided(cast: Run, project: Path) -> None:
    assert "voice from cue 2" in cast("voice", "--speaker", "ana", "--cue", "2", "--fit-seconds", "12")[1]
    assert "mouth open two.mp4:7" in cast("frames", "--speaker", "ana", "--open", "two.mp4@7@0.5,0.4")[1]
    code, out, _ = cast("face", "--cue", "3", "--at", "0.5,0.4")
    assert "* face at 0.50,0.4" in out
    assert out.rstrip().endswith("chosen by hand")
    kept = read_cast(project / "DUBBED.codub")
    ana = kept.member("Ana")
    assert (code, ana.cues, ana.fit_seconds) == (0, (2,), 12.0)
    assert ana.open is not None
    assert [choice.at for choice in kept.faces] == [(0.5, 0.4)]
    cast("voice", "--speaker", "ana", "--auto")
    cast("frames", "--speaker", "ana", "--auto")
    cast("face", "--cue", "3", "--auto")
    kept = read_cast(project / "DUBBED.codub")
    assert kept.member("Ana").automatic
    assert kept.faces == ()


def test_the_sheet_is_written(cast: Run, project: Path) -> None:
    code, out, err = cast("look", "--sheet", str(project / "sheet.png"), "--progress-json")
    assert code == 0
    assert out.startswith("1. Ana in one: closed frame ")
    assert '"what": "two: following faces"' in err
    assert (project / "sheet.png").is_file()


def test_what_cannot_be_is_told(cast: Run, capsys: pytest.CaptureFixture[str], project: Path) -> None:
    code, _, err = cast("voice", "--speaker", "Eva", "--cue", "1")
    assert code == 2
    assert "Nobody called 'Eva' speaks." in err
    with pytest.raises(SystemExit):
        module.main(["cast", "list", str(project / "PROJECT.otio")])
    assert "--lines LINES.es.srt -o DUBBED.otio" in capsys.readouterr().err


def test_a_named_voice_is_chosen_instead_of_the_speakers_own(cast: Run, project: Path) -> None:
    assert (
        "voice from the voice af_heart+am_adam@0.35"
        in cast("voice", "--speaker", "ana", "--voice", "af_heart+am_adam@0.35")[1]
    )
    assert read_cast(project / "DUBBED.codub").member("Ana").voice == "af_heart+am_adam@0.35"
    code, _, said = cast("voice", "--speaker", "ana", "--voice", "af_nobody")
    assert code
    assert "There is no voice 'af_nobody'" in said
    assert "codub weights import voices/af_nobody.pt" in said
    cast("voice", "--speaker", "ana", "--cue", "2")
    assert read_cast(project / "DUBBED.codub").member("Ana").voice == ""
