"""`codub cast`: who speaks, with which voice and whose face; what the panel's cast shows, without a window."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codub.cli.progress import reporting

if TYPE_CHECKING:
    from codub.dubbing.cast.project import CastProject

app = typer.Typer(help="Who speaks, with which voice and whose face.", no_args_is_help=True)

Timeline = Annotated[Path, typer.Argument(help="A dubbed timeline; or the project's, with --lines and -o.")]
Lines = Annotated[Path | None, typer.Option(help="Translated lines, where nothing was dubbed yet.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="The dubbed timeline that will be written.")]
SourceLines = Annotated[Path | None, typer.Option(help="Subtitles in the original language.")]
Language = Annotated[str | None, typer.Option(help="Of the lines; default: from the name, LINES.es.srt.")]
Speaker = Annotated[str, typer.Option(help="Who, as the list names them.")]
Speakers = Annotated[list[str] | None, typer.Option("--speaker", help="Only this one; several times for several.")]
Json = Annotated[bool, typer.Option(help="Progress as JSON lines on stderr.")]
_PICK = "MEDIA@FRAME or MEDIA@FRAME@X,Y, shares of width and height; a still picture is MEDIA alone"


def open_timeline(
    timeline: Path,
    lines: Path | None = None,
    output: Path | None = None,
    source_lines: Path | None = None,
    language: str | None = None,
) -> "CastProject":
    """The project of a dubbed timeline, or of one that is not dubbed yet, with its cast.

    Raises:
        CodubError: it cannot be opened, or it is not said which dub it is of.
    """
    from codub.dubbing.cast.project import open_cast
    from codub.dubbing.origin import request_of
    from codub.dubbing.request import DubRequest
    from codub.errors import UsageError

    if lines is None:
        return open_cast(request_of(timeline))
    if output is None:
        raise UsageError("It is not said which dub the cast is of.", fix="Add -o DUBBED.otio.")
    return open_cast(DubRequest(timeline, lines, output, language=language, source_lines=source_lines))


@app.command("list")
def list_cast(
    timeline: Timeline,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
) -> None:
    """Every speaker: lines, consent, the voice's reference and fit, the mouth's frames; faces chosen by hand."""
    typer.echo(open_timeline(timeline, lines, output, source_lines, language).report())


@app.command("voice")
def choose_voice(
    timeline: Timeline,
    speaker: Speaker,
    cue: Annotated[list[int] | None, typer.Option(help="This line is the reference; several times for more.")] = None,
    recording: Annotated[Path | None, typer.Option(help="A sound file is the reference instead.")] = None,
    fit_seconds: Annotated[float | None, typer.Option(help="Limit for fitting the voice; 0: no fit.")] = None,
    voice: Annotated[
        str | None, typer.Option(help="A named voice instead: af_heart, or af_heart+am_adam@0.35.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name to show.")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="All lines are the reference, the profile's limit.")] = False,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
) -> None:
    """Decide what a voice is taken from; takes made before keep theirs."""
    work = open_timeline(timeline, lines, output, source_lines, language)
    work.set_voice(speaker, cues=cue, recording=recording, fit_seconds=fit_seconds, voice=voice, shown=name, auto=auto)
    typer.echo(work.report(speaker))


@app.command("frames")
def frames(
    timeline: Timeline,
    speaker: Speaker,
    closed: Annotated[str | None, typer.Option(help=f"Mouth shut: {_PICK}.")] = None,
    wide: Annotated[str | None, typer.Option("--open", help="Wide open, with teeth.")] = None,
    between: Annotated[str | None, typer.Option(help="Half open.")] = None,
    rounded: Annotated[str | None, typer.Option(help="Half open and narrow: o, u; for faces of five mouths.")] = None,
    spread: Annotated[str | None, typer.Option(help="Half open and wide: e, i; for faces of five mouths.")] = None,
    still: Annotated[list[str] | None, typer.Option(help="A picture of the person; one alone is enough.")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="From each clip's own frames.")] = False,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
) -> None:
    """Decide which frames a mouth is made of."""
    from codub.dubbing.cast.work import CastWork

    work = open_timeline(timeline, lines, output, source_lines, language)
    kinds = {"closed": closed, "open": wide, "between": between, "rounded": rounded, "spread": spread}
    CastWork(work).set_frames(speaker, kinds, still or (), auto=auto)
    typer.echo(work.report(speaker))


@app.command("face")
def face(
    timeline: Timeline,
    cue: Annotated[int, typer.Option(help="Number of the line.")],
    at: Annotated[str | None, typer.Option(help="X,Y of the speaker's face, shares of width and height.")] = None,
    clip: Annotated[str | None, typer.Option(help="Only in this clip, where the line lies on several.")] = None,
    frame: Annotated[int | None, typer.Option(help="Frame of the clip's media; default: the line's middle.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="The speaker is not in the picture.")] = False,
    auto: Annotated[bool, typer.Option("--auto", help="The speaker is found.")] = False,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
) -> None:
    """Decide which of several faces says a line; without a decision, list the faces that are found."""
    from codub.dubbing.cast.project import place
    from codub.dubbing.cast.work import CastWork

    work = open_timeline(timeline, lines, output, source_lines, language)
    if at is not None or nobody or auto:
        work.set_face(cue, None if at is None else place(at), clip=clip, frame=frame, auto=auto)
    with reporting(as_json=False) as report:
        typer.echo(CastWork(work).faces_report(cue, report))


@app.command("listen")
def listen(
    timeline: Timeline,
    speaker: Speakers = None,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
    progress_json: Json = False,
) -> None:
    """Listen to the references: how many seconds of which lines, and what is doubtful."""
    from codub.dubbing.cast.work import CastWork

    work = open_timeline(timeline, lines, output, source_lines, language)
    with reporting(as_json=progress_json) as report:
        CastWork(work).listen(speaker or (), report)
    typer.echo(work.report(*(speaker or ())))


@app.command("refit")
def refit(
    timeline: Timeline,
    speaker: Speakers = None,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
    progress_json: Json = False,
) -> None:
    """Fit the voices as they are decided now, speak a sample in each, and measure how like the speaker it is."""
    from codub.dubbing.cast.work import CastWork

    work = open_timeline(timeline, lines, output, source_lines, language)
    with reporting(as_json=progress_json) as report:
        CastWork(work).refit(speaker or (), report)
    typer.echo(work.report(*(speaker or ())))


@app.command("look")
def look(
    timeline: Timeline,
    cue: Annotated[list[int] | None, typer.Option(help="Only the clips of this line.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Picture of all references to write (.png).")] = None,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
    progress_json: Json = False,
) -> None:
    """Look for the faces of the clips, and show which frames each speaker's mouth is made of."""
    from codub.dubbing.cast.work import CastWork

    work = open_timeline(timeline, lines, output, source_lines, language)
    with reporting(as_json=progress_json) as report:
        rows = CastWork(work).look(cue or (), report)
    for number, row in enumerate(rows, 1):
        kinds = ", ".join(f"{kind} {where}" for kind, where in row.named())
        typer.echo(f"{number}. {row.speaker} in {row.clip}: {kinds}")
        if row.doubt:
            typer.echo(f"  ! {row.doubt}")
    if sheet is not None:
        from codub.dubbing.cast.look import write_sheet

        write_sheet(rows, sheet)
        typer.echo(f"Sheet: {sheet}")
