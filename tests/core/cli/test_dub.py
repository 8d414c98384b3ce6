"""`codub dub`: how lines are to be said reaches the dub as it was asked for."""

from pathlib import Path

import pytest

from codub.cli import main
from codub.dubbing.request import DubOutcome, DubRequest
from codub.speech.model import Delivery


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[DubRequest]:
    made: list[DubRequest] = []

    def dub(request: DubRequest, _report: object) -> DubOutcome:
        made.append(request)
        return DubOutcome(request.output, (), (), (), 0.0)

    monkeypatch.setattr("codub.dubbing.dub.dub_project", dub)
    monkeypatch.chdir(tmp_path)
    return made


def dub(*options: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main.main(["dub", "P.otio", "L.es.srt", "-o", "D.otio", *options])
    return int(stop.value.code or 0)


def test_controls_are_of_the_lines_named(asked: list[DubRequest]) -> None:
    dub("--cue", "4", "--cue", "6", "--pace", "1.1", "--pitch", "-2", "--energy", "3", "--variation", "0")
    wanted = Delivery(1.1, -2.0, 3.0, 0.0)
    assert asked[0].deliveries == {4: wanted, 6: wanted}
    assert asked[0].delivery(5) == Delivery()


def test_a_file_says_it_for_many_and_the_command_has_the_last_word(asked: list[DubRequest], tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"4": {"pace": 1.1, "pitch": 1}, "5": {"energy": 2}}', encoding="utf-8")
    dub("--deliveries", "d.json", "--cue", "4", "--pace", "0.9")
    assert asked[0].deliveries == {4: Delivery(pace=0.9, pitch=1.0), 5: Delivery(energy=2.0)}


def test_a_control_without_a_line_is_refused(asked: list[DubRequest], capsys: pytest.CaptureFixture[str]) -> None:
    assert dub("--pace", "1.1") == 2
    assert "--cue N" in capsys.readouterr().err
    assert asked == []


def test_a_control_out_of_bounds_is_refused(asked: list[DubRequest], capsys: pytest.CaptureFixture[str]) -> None:
    assert dub("--cue", "1", "--pace", "5") == 2
    assert "pace of 5 is out of bounds" in capsys.readouterr().err
