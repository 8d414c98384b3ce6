"""What a person reads before and after a dub."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codub.cli.main import main
from codub.dubbing import estimate
from codub.dubbing.record import TakeFile, TakeRecord
from codub.dubbing.report import outcome_report, plan_report, take_line
from codub.dubbing.request import DubOutcome, DubRequest, Failure
from codub.dubbing.takes import TakesStore
from codub.errors import CueError
from codub.speech.model import Fit

RECORD = TakeRecord(3, "es", "¿Qué?", "ANA", 1, "embedded", take=2, fit=Fit(2.4, 2.0, 2.0, 0.8), scores={"secs": 0.71})


def test_a_take_in_one_line() -> None:
    assert take_line(RECORD) == "  cue 3 take 2 ANA: 2.00 s for 2.00 s, pace 0.80; voice only; secs 0.71  '¿Qué?'"
    seen = replace(RECORD, files=(TakeFile("audio", "a", "", 1), TakeFile("video0-1", "v", "", 1)))
    assert "; 1 picture; " in take_line(seen)


def test_a_line_that_is_too_long_says_how_many_syllables_should_go() -> None:
    long = replace(RECORD, fit=Fit(3.0, 2.0, 2.4, 0.8, excess=0.4, syllables_over=2))
    assert "0.40 s too long: lose 2 syllables" in take_line(long)


def test_failures_and_notes_are_not_hidden() -> None:
    failure = Failure(4, CueError("It cannot be spoken.", cause="It is empty.", fix="Write it."))
    said = outcome_report(DubOutcome(Path("D.otio"), (RECORD,), (failure,), ("The clip was cut.",), 61.4))
    assert "  ! cue 4: It cannot be spoken. It is empty. Write it." in said
    assert "  ! The clip was cut." in said
    assert said.endswith("1 takes in 61 s -> D.otio")


def test_the_plan_names_every_line_and_makes_nothing(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "relative_speed", lambda: 1.0)
    said = plan_report(DubRequest(film / "PROJECT.otio", film / "LINES.es.srt", film / "DUBBED.otio", cues=(3,)))
    assert "PROJECT.otio: 1 of 3 cues to es" in said
    assert "cue 3 00:00:01:23-00:00:03:00" in said
    assert "[two (28 frames)] 'Tres.'" in said
    assert "nothing was made" in said
    assert not (film / "DUBBED.otio").exists()
    assert not (film / "DUBBED.codub").exists()


def test_takes_are_listed_and_verified_on_the_command_line(
    film: Path, kept: TakesStore, add: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    add(3)
    record = add(3)
    kept.select(3, 1)
    with pytest.raises(SystemExit, match="0"):
        main(["takes", str(film / "DUBBED.otio")])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("* [es review]  cue 3 take 1")
    assert second.startswith("  [es review]  cue 3 take 2")
    (kept.folder / record.files[0].path).write_bytes(b"?")
    with pytest.raises(SystemExit, match="1"):
        main(["takes", str(film / "DUBBED.otio"), "--verify"])
    assert "was altered or cut off" in capsys.readouterr().err
