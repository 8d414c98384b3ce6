"""`codub panel`: the editor's window."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from codub.errors import UsageError


def panel(
    project: Annotated[Path | None, typer.Argument(help="Timeline to open.")] = None,
    lines: Annotated[Path | None, typer.Argument(help="Translated lines.")] = None,
) -> None:
    """Open the panel on a project."""
    try:
        # By name: the panel stands above the command line, and only this command may load Qt.
        app = importlib.import_module("codub_panel.app")
    except ImportError as error:
        raise UsageError(
            "The panel cannot start.",
            cause=f"Qt does not load: {error}.",
            fix='Install it: python -m pip install "codub[panel]"',
        ) from error
    raise typer.Exit(app.main([str(p) for p in (project, lines) if p is not None]))
