"""`codub takes`, `codub select` and `codub consent`: what was made, which of it plays, and who agreed."""

from pathlib import Path
from typing import Annotated

import typer

Dubbed = Annotated[Path, typer.Argument(help="A dubbed timeline, as `codub dub` wrote it.")]
Language = Annotated[str | None, typer.Option(help="Where a cue was dubbed into several.")]


def takes(
    dubbed: Dubbed,
    cue: Annotated[int | None, typer.Option(help="Only this cue.")] = None,
    verify: Annotated[bool, typer.Option(help="Read every file whole and compare it with its sha256.")] = False,
) -> None:
    """List every take; `*` marks the chosen one of each cue."""
    from codub.dubbing.report import take_line
    from codub.dubbing.takes import TakesStore, takes_folder
    from codub.dubbing.takes_database import TakesError

    with TakesStore.open(takes_folder(dubbed), read_only=True) as store:
        for record in store.list(cue):
            chosen = store.selected(record.cue, record.language)
            mark = "*" if chosen is not None and chosen.take == record.take else " "
            typer.echo(f"{mark} [{record.language} {record.state}]{take_line(record)}")
        if verify and (problems := store.problems()):
            raise TakesError(" ".join(problems))


def select(
    dubbed: Dubbed,
    cue: Annotated[int | None, typer.Option(help="Number of the cue.")] = None,
    take: Annotated[int | None, typer.Option(help="Number of the take to play.")] = None,
    language: Language = None,
    original: Annotated[bool, typer.Option(help="Play the original everywhere.")] = False,
) -> None:
    """Choose the take that a cue plays, or the version of all (--original, --language); nothing is lost."""
    from codub.dubbing.choosing import choose_take, choose_version
    from codub.errors import UsageError

    if cue is not None and take is not None:
        typer.echo(choose_take(dubbed, cue, take, language))
    elif original or (language and cue is None):
        typer.echo(choose_version(dubbed, None if original else language))
    else:
        raise UsageError("Nothing was chosen.", fix="Add --cue N --take K, or --original, or --language CODE.")


def consent(
    project: Annotated[Path, typer.Argument(help="The project's timeline, or a dubbed one.")],
    speaker: Annotated[str | None, typer.Option(help="Who agreed; without it, all statements are listed.")] = None,
    by: Annotated[str | None, typer.Option(help="Who declares it.")] = None,
    statement: Annotated[str, typer.Option()] = "The speaker agreed that this voice and face are dubbed with codub.",
    evidence: Annotated[str, typer.Option(help="Path or address of the signed paper or licence.")] = "",
) -> None:
    """Record or list who agreed to be dubbed."""
    from codub.dubbing.consent import Consent, ConsentLedger
    from codub.dubbing.takes import takes_folder
    from codub.errors import UsageError

    folder = project.absolute().parent
    ledger = ConsentLedger(folder)
    if speaker is not None:
        if by is None:
            raise UsageError("Nobody vouches for this consent.", fix='Add --by "YOUR NAME".')
        ledger.record(Consent(speaker, statement, by, evidence=evidence))
    takes_of = takes_folder(project.absolute())
    for one in ConsentLedger(takes_of, folder).consents():
        scope = " and ".join(one.scope) or "withdrawn"
        typer.echo(f"{one.date}  {one.speaker}: {scope}, declared by {one.given_by}: {one.statement} {one.evidence}")
