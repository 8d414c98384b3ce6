"""`codub train` and `codub evaluate`: the weights that ship, made and measured again."""

from pathlib import Path
from typing import Annotated

import typer

from codub import imported
from codub.cli.progress import reporting

app = typer.Typer(help="Train the weights that ship with codub, and the paper's speech stack.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure voice and face on people that nothing was trained on.", no_args_is_help=True)

Corpora = Annotated[Path, typer.Option(help="Folder with grid, portraits, speech and teacher.")]
Out = Annotated[Path, typer.Option(help="Folder of the run; training goes on there after an interruption.")]
_LAYOUTS = "a folder like LibriSpeech's, LibriTTS's or VCTK's, or a .tsv of speaker, file, text."
Transcribed = Annotated[Path, typer.Argument(metavar="DATA", help=f"Transcribed speech: {_LAYOUTS}")]
Speech = Annotated[Path, typer.Argument(metavar="DATA", help=f"Speech, texts not needed: {_LAYOUTS}")]
Start = Annotated[Path | None, typer.Option(help="Weights to begin with: published ones, or of another run.")]
Cache = Annotated[Path, typer.Option(help="Folder for what is heard of each line, made once; lists unusable lines.")]
W2v = Annotated[Path | None, typer.Option(help="wav2vec 2.0 weights (default: the imported mms-300m).")]
Json = Annotated[bool, typer.Option(help="Progress as JSON lines on stderr.")]


@app.command("face")
def face(
    corpora: Annotated[Path | None, typer.Option(help="Folder with GRID in grid/ and portraits/.")] = None,
    lrs2: Annotated[
        list[Path] | None, typer.Option(help="Folder laid out as LRS2: main/, train.txt, test.txt.")
    ] = None,
    films: Annotated[list[Path] | None, typer.Option(help="Folder of talking clips; a sub-folder is a person.")] = None,
    portraits: Annotated[Path | None, typer.Option(help="Folder with portraits/ (default: that of --corpora).")] = None,
    language: Annotated[str, typer.Option(help="Of the texts beside the films.")] = "en",
    out: Out = Path("runs/face"),
    cache: Annotated[Path, typer.Option(help="Folder for crops and latents; lists what is left out, and why.")] = Path(
        "runs/face-cache"
    ),
    stage: Annotated[list[str] | None, typer.Option(help="Settings of a stage, in order; a name or a .yaml.")] = None,
    profile: Annotated[str, typer.Option(help="Whose latent space: embedded or hierspeechpp.")] = "embedded",
    start: Annotated[Path | None, typer.Option(help="Weights the first stage begins with.")] = None,
    sync: Annotated[str, typer.Option(help="Settings of the sync expert; a name or a .yaml.")] = "train-sync",
    progress_json: Json = False,
) -> None:
    """The talking-face generator: stage one on real sound, stage two on the TTV's features.

    Films come from --corpora, --lrs2 and --films, each as often as wanted, together. They may be of any length, picture
    rate and container; beside a film, NAME.srt, NAME.vtt or NAME.txt says what is said.

    Several GPUs: torchrun --nproc-per-node 4 --no-python codub train face --corpora FOLDER
    """
    from codub import config as settings
    from codub.training.face import load_stages, stages_of, train_face
    from codub.training.face_material import material_of
    from codub.training.processes import joined
    from codub.training.sync import SyncStage

    material = material_of(corpora, lrs2 or (), films or (), portraits=portraits, language=language)
    stages = load_stages(stage or stages_of(profile))
    expert = settings.load(SyncStage, sync)
    with joined(stages[0].device) as processes, reporting(as_json=progress_json, quiet=not processes.first) as report:
        made = train_face(stages, material, cache, out, report, start=start, sync=expert, processes=processes)
    if not processes.first:
        return
    typer.echo(f"Face weights: {made}")
    if stages[0].generator.space in imported.profiles():
        typer.echo(f"Use them: codub weights import {made}")


@app.command("speech-encoder")
def speech_encoder(
    corpora: Corpora,
    out: Out = Path("runs/speech-encoder"),
    config: Annotated[str, typer.Option(help="Settings; a name or a .yaml.")] = "train-speech-encoder",
    progress_json: Json = False,
) -> None:
    """The adapter that brings real sound into the voice's space."""
    from codub import config as settings
    from codub.training.processes import require_alone
    from codub.training.speech_encoder import SpeechEncoderTraining, train_speech_encoder

    require_alone("The speech encoder")
    with reporting(as_json=progress_json) as report:
        made = train_speech_encoder(settings.load(SpeechEncoderTraining, config), corpora, out, report)
    typer.echo(f"Speech encoder: {made}")


@app.command("light-speech-encoder")
def light_speech_encoder(
    corpora: Corpora,
    out: Out = Path("runs/speech-encoder"),
    config: Annotated[str, typer.Option(help="Settings; a name or a .yaml.")] = "train-light-speech-encoder",
    progress_json: Json = False,
) -> None:
    """The small wav2vec 2.0 that hears like the speech encoder, distilled from it; no Whisper is needed to use it."""
    from codub import config as settings
    from codub.training.light_encoder import LightEncoderTraining, train_light_encoder
    from codub.training.processes import require_alone

    require_alone("The light speech encoder")
    with reporting(as_json=progress_json) as report:
        made = train_light_encoder(settings.load(LightEncoderTraining, config), corpora, out, report)
    typer.echo(f"Light speech encoder: {made}")


@app.command("ttv")
def ttv(
    data: Transcribed,
    out: Out = Path("runs/ttv"),
    cache: Cache = Path("runs/ttv-cache"),
    config: Annotated[str, typer.Option(help="Settings; a name or a .yaml.")] = "train-ttv",
    w2v: W2v = None,
    start: Start = None,
    synthesizer: Annotated[Path | None, typer.Option(help="Lets samples be heard (default: the imported one).")] = None,
    progress_json: Json = False,
) -> None:
    """The Text-to-Vec of the profile hierspeechpp: from text to wav2vec 2.0 features and F0.

    At every checkpoint OUT holds ttv.safetensors, ready for `codub weights import`, and a held-out line's alignment,
    features, F0 and sound.

    Several GPUs: torchrun --nproc-per-node 4 --no-python codub train ttv DATA
    """
    from codub import config as settings
    from codub.training.processes import joined
    from codub.training.speech_stack.front_end import load_front_end, load_voice
    from codub.training.speech_stack.runs import train_ttv
    from codub.training.speech_stack.ttv_task import TtvTraining

    wanted = settings.load(TtvTraining, config)
    with joined(wanted.device) as processes, reporting(as_json=progress_json, quiet=not processes.first) as report:
        front_end = load_front_end(w2v, wanted.data.w2v, processes.device)
        voice = load_voice(synthesizer, processes.device, wanted.network.features) if processes.first else None
        made = train_ttv(
            wanted, data, cache, out, front_end, report, processes=processes, synthesize=voice, start=start
        )
    _say_made(made, processes.first)


@app.command("synthesizer")
def synthesizer(
    data: Speech,
    out: Out = Path("runs/synthesizer"),
    cache: Cache = Path("runs/synthesizer-cache"),
    config: Annotated[str, typer.Option(help="Settings; a name or a .yaml.")] = "train-synthesizer",
    w2v: W2v = None,
    start: Start = None,
    start_discriminators: Start = None,
    progress_json: Json = False,
) -> None:
    """The synthesizer of the profile hierspeechpp: from features, F0 and a voice to sound.

    At every checkpoint OUT holds synthesizer.safetensors, ready for `codub weights import`, and a held-out piece as
    recorded, copied and spoken.

    Several GPUs: torchrun --nproc-per-node 4 --no-python codub train synthesizer DATA
    """
    from codub import config as settings
    from codub.training.processes import joined
    from codub.training.speech_stack.front_end import load_front_end
    from codub.training.speech_stack.runs import train_synthesizer
    from codub.training.speech_stack.synthesizer_task import SynthesizerTraining

    wanted = settings.load(SynthesizerTraining, config)
    with joined(wanted.device) as processes, reporting(as_json=progress_json, quiet=not processes.first) as report:
        front_end = load_front_end(w2v, wanted.data.w2v, processes.device)
        made = train_synthesizer(
            wanted,
            data,
            cache,
            out,
            front_end,
            report,
            processes=processes,
            start=start,
            start_discriminators=start_discriminators,
        )
    _say_made(made, processes.first)


def _say_made(made: Path, first: bool) -> None:
    if first:
        typer.echo(f"Weights: {made}")
        typer.echo(f"Use them: codub weights import {made}")


@app.command("voices")
def voices(
    out: Annotated[Path, typer.Option(help="The table to write.")] = Path("runs/kokoro-voice-table.safetensors"),
) -> None:
    """The table of stock voices and blends with how each sounds, for finding the nearest one."""
    from codub.speech.kokoro.voice_table import make_table

    with reporting(as_json=False) as report:
        make_table(out, report)
    typer.echo(f"Voice table: {out}")


@app.command("sounds")
def sounds(
    corpora: Corpora,
    out: Out = Path("runs/sounds"),
) -> None:
    """What is known of people's sounds, for a style to be given a speaker's own."""
    from codub.training.sound_axes import train_sound_axes

    with reporting(as_json=False) as report:
        told = train_sound_axes(corpora, out, report)
    typer.echo(f"Sound axes: {out / 'sound-axes.safetensors'} ({told})")


@evaluate_app.command("face")
def evaluate_face(
    corpora: Corpora,
    source: Annotated[str, typer.Option("--from", help="sound, text, lines or all.")] = "all",
    weights: Annotated[Path | None, typer.Option(help="Face weights (default: those that ship).")] = None,
    people: Annotated[
        str, typer.Option(help="held-out: never trained on; same: other films of people who were.")
    ] = "held-out",
    json: Annotated[Path | None, typer.Option(help="File for all figures.")] = None,
    pictures: Annotated[Path | None, typer.Option(help="Folder for faces, true above made, and openings.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder for what is found in the films, kept for later.")] = None,
    markdown: Annotated[bool, typer.Option(help="Tables as a model card has them.")] = False,
) -> None:
    """Lips on GRID's held-out people: every goal with mean over people, 95 % interval, and whether it is met."""
    from codub.jobs.lip_films import DRIVES, LipFilms
    from codub.jobs.measure_face import measure_face, save_json

    drives = DRIVES if source == "all" else (source,)
    with reporting(as_json=False) as report:
        measured = measure_face(LipFilms(corpora, people, cache), drives, weights, report, pictures=pictures)
    if json is not None:
        save_json(json, measured.plain())
    typer.echo(measured.text(markdown=markdown))


@evaluate_app.command("voice")
def evaluate_voice(
    corpora: Corpora,
    fit_seconds: Annotated[float, typer.Option(help="Limit of each speaker's fit; 0: the style as drawn.")] = 60.0,
    speakers: Annotated[int, typer.Option(min=1, help="How many of the people.")] = 5,
    lines: Annotated[int, typer.Option(min=0, help="How many English lines of each, as drawn and as fitted.")] = 6,
    further_lines: Annotated[int, typer.Option(min=1, help="How many lines of each further language, at most.")] = 48,
    language: Annotated[list[str] | None, typer.Option(help="Further language: es, pt, fr, it (default: all).")] = None,
    voices_a_line: Annotated[
        int, typer.Option(min=1, help="In how many of the people's voices each of these is said; more tell more.")
    ] = 1,
    recordings: Annotated[int, typer.Option(min=0, help="How many recordings of each are converted.")] = 2,
    styles: Annotated[Path | None, typer.Option(help="Folder that keeps the fitted styles for another time.")] = None,
    json: Annotated[Path | None, typer.Option(help="Also write every figure to this file, as it comes.")] = None,
    progress_json: Json = False,
) -> None:
    """Word errors, naturalness and likeness in the voices of LibriSpeech's test-other people, goal by goal."""
    from codub.jobs.measure_voice import VoiceTest, measure_voice

    further = ("es", "pt", "fr", "it") if language is None else tuple(name for name in language if name != "en")
    test = VoiceTest(corpora, fit_seconds, speakers, lines, further, further_lines, recordings, styles, voices_a_line)
    with reporting(as_json=progress_json) as report:
        table = measure_voice(test, report, json)
    typer.echo(table)
