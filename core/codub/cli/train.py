"""`codub train` and `codub evaluate`: the weights that ship, made and measured again."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Train the weights that ship with codub.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure voice and face.", no_args_is_help=True)

Corpora = Annotated[Path, typer.Option(help="Folder with grid, portraits, speech and teacher.")]
Out = Annotated[Path, typer.Option(help="Folder of the run; training goes on there after an interruption.")]
