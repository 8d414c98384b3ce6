"""`codub adapt`: the face fitted to one speaker on the project's own footage."""

from typing import Annotated

import typer

from codub.cli.cast import Json, Language, Lines, Output, SourceLines, Timeline, open_timeline
from codub.cli.progress import reporting


def adapt(
    timeline: Timeline,
    speaker: Annotated[str | None, typer.Option(help="Whose footage the face is fitted to.")] = None,
    minutes: Annotated[float, typer.Option(min=1, max=60, help="Limit for the steps; a GPU needs one or two.")] = 20,
    forget: Annotated[str | None, typer.Option(help="Use the shipped face again for this speaker.")] = None,
    consent_by: Annotated[str | None, typer.Option(help="Who declares that the speaker agreed.")] = None,
    source_language: Annotated[
        str | None, typer.Option(help="Of the original lines; default: from the name, LINES.en.srt.")
    ] = None,
    lines: Lines = None,
    output: Output = None,
    source_lines: SourceLines = None,
    language: Language = None,
    progress_json: Json = False,
) -> None:
    """Fit the face to a speaker; it is used for that speaker from then on, if held-out lines are better with it.

    Stopped, it goes on where it was when it is run again. Without --speaker it says who has a face of their own.
    """
    from codub.dubbing.adapted import forget_adapted

    project = open_timeline(timeline, lines, output, source_lines, language)
    if forget is not None:
        name = project.speaker(forget)
        gone = forget_adapted(project.folder, name)
        typer.echo(f"{name}: {'the shipped face is used again' if gone else 'no face was fitted'}")
    if speaker is not None:
        from codub.jobs.adapt import adapt_speaker, original_language

        if consent_by:
            project.ledger.declare([project.speaker(speaker)], consent_by)
        spoken = source_language or original_language(project.request)
        with reporting(as_json=progress_json) as report:
            adapted = adapt_speaker(project, speaker, report, minutes=minutes, language=spoken)
        typer.echo(adapted.report())
    if speaker is None and forget is None:
        for entry in project.entries():
            typer.echo(f"{entry.member.shown}: {entry.adapted or 'not adapted'}")
