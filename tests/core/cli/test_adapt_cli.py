"""`codub adapt` on the command line: who has a face of their own, consent, and letting it go."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_dubs import write_lines, write_project

from codub.cli import main as module
from codub.dubbing.adapted import Adapted, DriveFigures, keep_adapted, read_adapted
from codub.dubbing.consent import ConsentLedger

Run = Callable[..., tuple[int, str, str]]
MADE = Adapted(
    "Ana", "embedded", "another", "f00d" * 16, 45, 61.0, (), (DriveFigures("sound", 29, 30, 0.9, 0.8, 1, 1),)
)


@pytest.fixture
def adapt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `codub adapt` on a made project; exit code, stdout, stderr."""
    write_project(tmp_path)
    write_lines(tmp_path / "LINES.es.srt", "Uno.", "Dos.", "Tres.")

    def run(*arguments: str) -> tuple[int, str, str]:
        where = [str(tmp_path / "PROJECT.otio"), "--lines", str(tmp_path / "LINES.es.srt")]
        code = 0
        try:
            module.main(["adapt", *where, "-o", str(tmp_path / "DUBBED.otio"), *arguments])
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_without_a_name_it_says_who_has_a_face_of_their_own(adapt: Run, tmp_path: Path) -> None:
    assert adapt()[:2] == (0, "Ana: not adapted\nBen: not adapted\n")
    (tmp_path / "weights").write_bytes(b"")
    keep_adapted(tmp_path / "DUBBED.codub", MADE, tmp_path / "weights")
    assert adapt()[1].startswith("Ana: adaptation outdated: the face that it was fitted from has been replaced since\n")


def test_forgetting_brings_the_shipped_face_back(adapt: Run, tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"")
    keep_adapted(tmp_path / "DUBBED.codub", MADE, tmp_path / "weights")
    assert adapt("--forget", "ana")[:2] == (0, "Ana: the shipped face is used again\n")
    assert read_adapted(tmp_path / "DUBBED.codub", "Ana") is None
    assert adapt("--forget", "Ana")[1] == "Ana: no face was fitted\n"


def test_consent_is_asked_for_and_declared(adapt: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = adapt("--speaker", "Ana")
    assert code != 0
    assert "No consent is recorded for 'Ana'" in err
    asked = []

    def fitted(project: object, name: str, report: object, *, minutes: float, language: str) -> Adapted:
        asked.append((name, minutes, language))
        return MADE

    monkeypatch.setattr("codub.jobs.adapt.adapt_speaker", fitted)
    code, out, _ = adapt("--speaker", "Ana", "--consent-by", "Eva", "--minutes", "5", "--source-language", "en")
    assert (code, asked) == (0, [("Ana", 5.0, "en")])
    assert "45 steps" in out
    assert ConsentLedger(tmp_path / "DUBBED.codub").missing(["Ana"]) == ()


def test_nobody_else_can_be_fitted(adapt: Run) -> None:
    code, _, err = adapt("--speaker", "Cid")
    assert code != 0
    assert "Nobody called 'Cid' speaks." in err
