"""`codub lexicon check`: how the project's own pronunciations and single lines are said."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The project's own pronunciations: lexicon.yaml.", no_args_is_help=True)


@app.callback()
def _lexicon() -> None:
    """The project's own pronunciations: lexicon.yaml."""


@app.command("check")
def check(
    project: Annotated[Path, typer.Argument(help="A lexicon.yaml, a timeline or a folder that one lies beside or in.")],
    text: Annotated[str | None, typer.Option(help="Also say how this line is read.")] = None,
    language: Annotated[str, typer.Option(help="Of the line.")] = "en",
    cue: Annotated[int | None, typer.Option(help="The line's cue number, for its own words.")] = None,
) -> None:
    """Read the lexicon whole and print every word with the sounds it is given; a mistake is named and exits with 2."""
    from codub.dubbing.lexicon_file import FILE_NAME, read_lexicon, read_lexicons
    from codub.dubbing.takes import takes_folder
    from codub.errors import UsageError
    from codub.speech.phonemes import phonemize

    if project.suffix.lower() in {".yaml", ".yml"}:
        found = read_lexicon(project)
    else:
        folder = project if project.is_dir() else project.absolute().parent
        beside = [folder] if project.is_dir() else [takes_folder(project.absolute()), folder]
        if not any((place / FILE_NAME).is_file() for place in beside):
            raise UsageError(
                f"There is no {FILE_NAME} beside '{project}'.", fix="Write one; the README has an example."
            )
        found = read_lexicons(*beside)
    for tag, words in sorted(found.words.items()):
        for word, said in sorted(words.items()):
            typer.echo(f"{tag}  {word}: {said}  ->  {''.join(phonemize(word, tag, words).symbols)}")
    for (tag, number), words in sorted(found.lines.items()):
        for word, said in sorted(words.items()):
            typer.echo(f"{tag}  line {number}  {word}: {said}  ->  {''.join(phonemize(word, tag, words).symbols)}")
    if text is not None:
        line = phonemize(text, language, found.of(language, cue))
        typer.echo("".join(line.symbols))
        for note in line.notes:
            typer.echo(f"  ! {note}")
