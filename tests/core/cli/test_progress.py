"""Progress for programs: one JSON object a line, on stderr."""

import json

import pytest

from codub.cli import progress
from codub.cli.progress import reporting


def test_each_report_is_a_json_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.0, 110.0, 140.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with reporting(as_json=True) as report:
        report(0.0, "cue 1: voice")
        report(0.25, "cliß: face")
        report(1.0, "takes are kept")
    said = capsys.readouterr()
    assert said.out == ""
    assert [json.loads(line) for line in said.err.splitlines()] == [
        {"fraction": 0.0, "what": "cue 1: voice", "eta_s": None},
        {"fraction": 0.25, "what": "cliß: face", "eta_s": 30},  # 10 s for a quarter
        {"fraction": 1.0, "what": "takes are kept", "eta_s": 0},
    ]


def test_the_bar_leaves_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(as_json=False) as report:
        report(0.5, "cue 1: [voice]")
    assert capsys.readouterr().out == ""


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(as_json=True, quiet=True) as report:
        report(0.5, "cue 1")
    assert capsys.readouterr() == ("", "")


def test_an_error_inside_comes_out() -> None:
    with pytest.raises(ValueError, match="mine"), reporting(as_json=False):
        raise ValueError("mine")
