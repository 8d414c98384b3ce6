"""`codub`: one sentence of what, why and what to do for every failure, and an exit code that says so."""

import sys

import typer

from codub import __version__
from codub.cli import adapt, cast, doctor, dub, lexicon, panel, takes, train, weights
from codub.errors import CodubError

_INTERRUPTED = 130

app = typer.Typer(
    name="codub",
    help="Dubbing that changes voice and face together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("dub")(dub.dub)
app.command("adapt")(adapt.adapt)
app.command("demo")(dub.demo)
app.command("preview")(dub.preview)
app.command("master")(dub.master)
app.command("consent")(takes.consent)
app.command("takes")(takes.takes)
app.command("select")(takes.select)
app.command("panel")(panel.panel)
app.command("doctor")(doctor.doctor)
app.add_typer(cast.app, name="cast")
app.add_typer(lexicon.app, name="lexicon")
app.add_typer(weights.app, name="weights")
app.add_typer(train.app, name="train")
app.add_typer(train.evaluate_app, name="evaluate")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; a traceback is shown only with `--debug`."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    if debug:
        arguments.remove("--debug")
    if arguments == ["--version"]:
        typer.echo(f"codub {__version__}")
        return
    try:
        code = app(args=arguments, prog_name="codub", standalone_mode=False)
    except CodubError as error:
        if debug:
            raise
        typer.echo(f"codub: {error.message}", err=True)
        for label, part in (("why", error.cause), ("do", error.fix)):
            if part:
                typer.echo(f"  {label}: {part}", err=True)
        sys.exit(error.exit_code)
    except typer.Abort:
        code = _INTERRUPTED
    except typer.TyperException as error:
        if said := error.format_message():  # nothing where the help was shown already
            typer.echo(f"codub: {said}\n  do: codub --help, or codub COMMAND --help", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        if debug:
            raise
        typer.echo(f"codub: something unforeseen failed ({type(error).__name__}: {error}).", err=True)
        typer.echo("  do: run the same command with --debug and report what it prints.", err=True)
        sys.exit(70)
    if code == _INTERRUPTED:  # what typer makes of Ctrl+C
        typer.echo("codub: stopped; finished takes are kept.", err=True)
    sys.exit(code if isinstance(code, int) else 0)
