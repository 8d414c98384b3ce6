"""`codub dub`, `codub demo` and `codub preview`: the main job and looking at what it made."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codub.cli.progress import reporting
from codub.errors import UsageError

if TYPE_CHECKING:
    from codub.speech.model import Delivery


def dub(
    project: Annotated[Path, typer.Argument(help="Timeline: .otio .otioz .otiod, or what installed adapters read.")],
    lines: Annotated[Path, typer.Argument(help="Translated lines: .srt, .vtt or .ass.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The dubbed timeline to write (.otio).")],
    language: Annotated[str | None, typer.Option(help="Of the lines; default: from the name, LINES.es.srt.")] = None,
    source_lines: Annotated[Path | None, typer.Option(help="Subtitles in the original language.")] = None,
    cue: Annotated[list[int] | None, typer.Option(help="Only this cue; may be given several times.")] = None,
    track: Annotated[str | None, typer.Option(help="Only clips of this video track.")] = None,
    profile: Annotated[str, typer.Option(help="Models: embedded, embedded-light or hierspeechpp.")] = "embedded",
    seed: Annotated[int, typer.Option(help="Another seed, another delivery; 0 is the model's own.")] = 0,
    takes: Annotated[int, typer.Option(min=1, max=20, help="How many takes of each cue to make.")] = 1,
    audio: Annotated[
        Path | None,
        typer.Option(help="A human recording of the cue instead of the TTV; or a folder of 1.wav, 2.wav ..."),
    ] = None,
    convert: Annotated[bool, typer.Option("--convert", help="Of --audio: in the original speaker's voice.")] = False,
    performer: Annotated[str, typer.Option(help="Of --audio: whose voice it is; that person's consent counts.")] = "",
    consent_by: Annotated[str | None, typer.Option(help="Who declares that the speakers agreed.")] = None,
    media_folder: Annotated[list[Path] | None, typer.Option(help="Further folder that media may lie in.")] = None,
    fit_seconds: Annotated[float | None, typer.Option(help="Limit for fitting one speaker's voice; 0: no fit.")] = None,
    pace: Annotated[float | None, typer.Option(help="Of the lines named by --cue: 1.1 is a tenth faster.")] = None,
    pitch: Annotated[float | None, typer.Option(help="Of the same: semitones up or down.")] = None,
    energy: Annotated[float | None, typer.Option(help="Of the same: dB over the original line.")] = None,
    variation: Annotated[float | None, typer.Option(help="Of the same: how far a seed strays; 1 is usual.")] = None,
    original_delivery: Annotated[
        float | None, typer.Option(help="Of the same: 0 to 1, how far melody, pauses and loudness follow the original.")
    ] = None,
    deliveries: Annotated[
        Path | None, typer.Option(help='The same for many, words too: {"4": {"pace": 1.1}}, a .json or .yaml.')
    ] = None,
    inspect: Annotated[bool, typer.Option(help="Also write side by side and difference pictures.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Print the plan, estimated time and memory; make nothing.")] = False,
    progress_json: Annotated[bool, typer.Option(help="Progress as JSON lines on stderr.")] = False,
) -> None:
    """Dub the lines onto the timeline: voice and lips from one latent, written back as takes."""
    from codub.dubbing.dub import dub_project
    from codub.dubbing.report import outcome_report, plan_report
    from codub.dubbing.request import DubRequest

    controls = {"pace": pace, "pitch": pitch, "energy": energy, "variation": variation}
    controls["original"] = original_delivery
    request = DubRequest(
        project=project,
        lines=lines,
        output=output,
        language=language,
        source_lines=source_lines,
        cues=tuple(cue or ()),
        track=track,
        profile=profile,
        seed=seed,
        takes=takes,
        recording=audio,
        convert=convert,
        performer=performer,
        consent_by=consent_by,
        media_folders=tuple(media_folder or ()),
        fit_seconds=fit_seconds,
        inspect=inspect,
        deliveries=_deliveries(deliveries, cue or [], {n: v for n, v in controls.items() if v is not None}),
    )
    if dry_run:
        typer.echo(plan_report(request))
        return
    with reporting(as_json=progress_json) as report:
        outcome = dub_project(request, report)
    typer.echo(outcome_report(outcome))
    if outcome.failures:
        raise typer.Exit(1 if outcome.takes else 4)


def _deliveries(file: Path | None, cues: list[int], controls: dict[str, Any]) -> "dict[int, Delivery]":
    from codub.dubbing.deliveries import read_deliveries
    from codub.speech.model import PLAIN

    found = {} if file is None else read_deliveries(file)
    if controls and not cues:
        name = min(controls).replace("original", "original-delivery")
        raise UsageError(f"--{name} is of single lines.", fix="Name them: --cue N, or use --deliveries FILE.")
    return found | {cue: replace(found.get(cue, PLAIN), **controls) for cue in cues if controls}


Dubbed = Annotated[Path, typer.Argument(help="A dubbed timeline, as `codub dub` wrote it.")]
Language = Annotated[str, typer.Option(help="Where the timeline has several dubs.")]
MediaFolder = Annotated[list[Path] | None, typer.Option(help="Further folder that media may lie in.")]


def preview(
    dubbed: Dubbed,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The film to write (.mp4).")] = None,
    language: Language = "",
    media_folder: MediaFolder = None,
    progress_json: Annotated[bool, typer.Option(help="Progress as JSON lines on stderr.")] = False,
) -> None:
    """Render the original (left) and the dub (right) side by side, with the dubbed sound."""
    from codub.jobs.preview import render

    target = output or dubbed.with_suffix(".preview.mp4")
    with reporting(as_json=progress_json) as report:
        missing = render(dubbed, target, report, language=language, media_folders=media_folder or ())
    for sentence in missing:
        typer.echo(f"  ! {sentence}")
    typer.echo(f"Preview: {target}")


def master(
    dubbed: Dubbed,
    output: Annotated[Path, typer.Option("-o", "--output", help=".mov for prores and dnxhr, .mp4 for h264.")],
    codec: Annotated[str, typer.Option(help="prores (422 HQ), dnxhr (HQX) or h264.")] = "prores",
    loudness: Annotated[
        float | None, typer.Option(help="Programme loudness in LUFS, e.g. -23; default: as mixed.")
    ] = None,
    language: Language = "",
    media_folder: MediaFolder = None,
    progress_json: Annotated[bool, typer.Option(help="Progress as JSON lines on stderr.")] = False,
) -> None:
    """Render the dubbed master: the picture with its takes, the mix at 48 kHz and 24 bit, exactly as long."""
    from codub.jobs.master import export_master

    with reporting(as_json=progress_json) as report:
        made = export_master(
            dubbed, output, report, codec=codec, loudness=loudness, language=language, media_folders=media_folder or ()
        )
    sound = made.sound.written
    typer.echo(f"Master: {made.path} ({made.frames} frames, {sound.integrated:.1f} LUFS, {sound.true_peak:.1f} dBTP)")


def demo(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the result.")] = None,
    language: Annotated[str, typer.Option(help="es or en.")] = "es",
) -> None:
    """Dub the sample project and say where to look."""
    from codub.jobs.demo import run_demo

    with reporting(as_json=False) as report:
        outcome = run_demo(output, language, report)
    typer.echo(outcome)
