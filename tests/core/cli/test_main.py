"""Every failure says what, why and what to do, and leaves with an exit code that says so."""

from collections.abc import Callable
from typing import Any

import pytest
from made_dubs import write_lines

import codub
from codub.cli import main as module
from codub.errors import CodubError, UsageError

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line; exit code, stdout, stderr."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            module.main(list(arguments))
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes `codub weights verify` fail with an error."""

    def fail(error: BaseException) -> None:
        def verify(*_: Any) -> None:
            raise error

        monkeypatch.setattr("codub.weights.present", verify)

    return fail


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"codub {codub.__version__}\n", "")


def test_help_names_the_commands(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for command in ("dub", "takes", "select", "preview", "master", "doctor", "weights", "train", "evaluate", "panel"):
        assert command in out


def test_a_failure_says_what_why_and_what_to_do(run: Run, failing: Callable[[BaseException], None]) -> None:
    failing(CodubError("It broke.", cause="It was old.", fix="Buy a new one."))
    assert run("weights", "verify") == (1, "", "codub: It broke.\n  why: It was old.\n  do: Buy a new one.\n")


def test_parts_that_nobody_knows_are_left_out(run: Run, failing: Callable[[BaseException], None]) -> None:
    failing(UsageError("It broke."))
    assert run("weights", "verify") == (2, "", "codub: It broke.\n")


def test_what_nobody_foresaw_has_no_traceback(run: Run, failing: Callable[[BaseException], None]) -> None:
    failing(RuntimeError("strange"))
    code, out, err = run("weights", "verify")
    assert (code, out) == (70, "")
    assert "RuntimeError: strange" in err
    assert "--debug" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("error", [CodubError("It broke."), RuntimeError("strange")])
def test_debug_shows_the_error_itself(failing: Callable[[BaseException], None], error: Exception) -> None:
    failing(error)
    with pytest.raises(type(error)) as caught:
        module.main(["weights", "verify", "--debug"])
    assert caught.value is error


def test_an_interruption_says_that_takes_are_kept(run: Run, failing: Callable[[BaseException], None]) -> None:
    failing(KeyboardInterrupt())
    code, _, err = run("weights", "verify")
    assert code == 130
    assert "finished takes are kept" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dubb"], "dubb"),
        (["dub"], "project"),
        (["dub", "a.otio", "b.srt"], "--output"),
        (["dub", "a.otio", "b.srt", "-o", "c.otio", "--takes", "0"], "--takes"),
        (["dub", "a.otio", "b.srt", "-o", "c.otio", "--sped", "1"], "--sped"),
        (["weights", "fetchh"], "fetchh"),
    ],
)
def test_a_command_that_means_nothing_is_usage(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "do: codub --help" in err
    assert "Traceback" not in err


def test_no_command_at_all_shows_the_help(run: Run) -> None:
    code, out, err = run()
    assert code == 2
    assert "Usage: codub" in out + err
    assert "Traceback" not in err


def test_a_missing_project_is_told(run: Run, tmp_path: Any) -> None:
    lines = write_lines(tmp_path / "L.es.srt", "Hola.")
    code, out, err = run("dub", str(tmp_path / "P.otio"), str(lines), "-o", str(tmp_path / "D.otio"))
    assert (code, out) == (1, "")
    assert "P.otio' does not exist" in err


def test_a_contradiction_is_usage(run: Run, tmp_path: Any) -> None:
    code, _, err = run("dub", str(tmp_path / "P.otio"), "L.es.srt", "-o", str(tmp_path / "P.otio"))
    assert code == 2
    assert "do: Give another name with -o." in err


def test_takes_of_nothing_are_told(run: Run, tmp_path: Any) -> None:
    code, _, err = run("takes", str(tmp_path / "D.otio"))
    assert code == 1
    assert "do: Dub it first" in err


def test_choosing_nothing_is_usage(run: Run, tmp_path: Any) -> None:
    assert run("select", str(tmp_path / "D.otio"))[0] == 2
    assert run("select", str(tmp_path / "D.otio"), "--cue", "1")[0] == 2


def test_consent_wants_a_name_and_is_listed(run: Run, tmp_path: Any) -> None:
    project = str(tmp_path / "P.otio")
    code, _, err = run("consent", project, "--speaker", "Ana")
    assert code == 2
    assert "--by" in err
    code, out, _ = run("consent", project, "--speaker", "Ana", "--by", "Eva", "--evidence", "paper.pdf")
    assert code == 0
    assert "Ana: voice and face, declared by Eva" in out
    assert "paper.pdf" in out
