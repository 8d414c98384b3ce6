"""`codub train ttv` and `codub train synthesizer`: from a folder of speech to weights that the profile loads."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from codub.errors import UsageError
from codub.training import loop
from codub.training.processes import ALONE, Processes
from codub.training.speech_stack.checkpoint import load_network_from
from codub.training.speech_stack.features import (
    REJECTED,
    DataConfig,
    FrontEnd,
    Line,
    channels_of,
    frames_of,
    prepare,
    read_piece,
)
from codub.training.speech_stack.order import Order
from codub.training.speech_stack.synthesizer_batches import PieceConfig, SynthesizerBatch, SynthesizerBatches, pieces
from codub.training.speech_stack.synthesizer_task import WEIGHTS as SYNTHESIZER
from codub.training.speech_stack.synthesizer_task import SynthesizerTask, SynthesizerTraining
from codub.training.speech_stack.ttv_batches import TtvBatch, TtvBatches, whole_lines
from codub.training.speech_stack.ttv_samples import Synthesize
from codub.training.speech_stack.ttv_task import WEIGHTS as TTV
from codub.training.speech_stack.ttv_task import TtvTask, TtvTraining
from codub.training.speech_stack.utterances import Utterance, read_utterances, split

Progress = Callable[[float, str], None]

PREPARING = 0.1  # share of the progress


def train_ttv(
    settings: TtvTraining,
    data: Path,
    cache: Path,
    out: Path,
    front_end: FrontEnd,
    progress: Progress = lambda fraction, what: None,
    *,
    processes: Processes = ALONE,
    synthesize: Synthesize | None = None,
    start: Path | None = None,
) -> Path:
    """Weights `out/ttv.safetensors`; taken up where the run in `out` was stopped.

    `synthesize` lets the samples be heard, `start` holds weights to begin with.

    Raises:
        UsageError: there is no speech in `data`, or the cache is of other weights.
        WeightsError: the weights to begin with are of another network.
    """
    training, held_out = _lines(data, front_end, settings.data, cache, progress, processes)
    _require_width(training, settings.network.features)
    order = Order(len(training), settings.batch, settings.seed, rank=processes.rank, processes=processes.count)
    latent = settings.network.channels
    task = TtvTask(
        settings,
        TtvBatches(training, order, latent, settings.seed),
        order,
        [_whole(line, latent) for line in held_out[: settings.checked]],
        processes,
        synthesize,
    )
    if start is not None:
        load_network_from(start, task.network)
    loop.run(task, settings.loop, out, _later(progress), processes)
    return out / TTV


def train_synthesizer(
    settings: SynthesizerTraining,
    data: Path,
    cache: Path,
    out: Path,
    front_end: FrontEnd,
    progress: Progress = lambda fraction, what: None,
    *,
    processes: Processes = ALONE,
    start: Path | None = None,
    start_discriminators: Path | None = None,
) -> Path:
    """Weights `out/synthesizer.safetensors`; taken up where the run in `out` was stopped.

    `start` and `start_discriminators` hold weights to begin with.

    Raises:
        UsageError: there is no speech in `data`, or the cache is of other weights.
        WeightsError: the weights to begin with are of another network.
    """
    training, held_out = _lines(data, front_end, settings.data, cache, progress, processes)
    _require_width(training, settings.network.features)
    order = Order(len(training), settings.batch, settings.seed, rank=processes.rank, processes=processes.count)
    latent, copies = settings.network.latent, settings.data.perturbed
    task = SynthesizerTask(
        settings,
        SynthesizerBatches(training, order, latent, settings.pieces, settings.seed, copies),
        order,
        [_beginning(line, latent, settings.pieces, copies) for line in held_out[: settings.checked]],
        processes,
    )
    for file, network in ((start, task.network), (start_discriminators, task.discriminators)):
        if file is not None:
            load_network_from(file, network)
    loop.run(task, settings.loop, out, _later(progress), processes)
    return out / SYNTHESIZER


def _lines(
    data: Path, front_end: FrontEnd, config: DataConfig, cache: Path, progress: Progress, processes: Processes
) -> tuple[list[Line], list[Line]]:
    """Prepared lines to train on, and of other people to measure on."""

    def tell(fraction: float, what: str) -> None:
        if processes.first:
            progress(PREPARING * fraction, what)

    utterances = read_utterances(data, transcribed=config.transcribed)
    prepared = {line.name: line for line in prepare(utterances, front_end, config, cache, tell, processes)}
    left_out = len(utterances) - len(prepared)
    tell(1.0, f"{len(prepared)} lines; {left_out} cannot be trained on, see {cache / REJECTED}")
    usable = [one for one in utterances if one.name in prepared]
    training, held_out = split(usable, config.held_out)
    return _of(training, prepared), _of(held_out, prepared)


def _require_width(lines: Sequence[Line], wanted: int) -> None:
    there = channels_of(lines[0])
    if there != wanted:
        raise UsageError(
            f"The network is to take {wanted} features, but wav2vec 2.0 gives {there}.",
            fix="Give 'network: features' and 'data: w2v: width' the same number.",
        )


def _of(utterances: Sequence[Utterance], lines: dict[str, Line]) -> list[Line]:
    return [lines[one.name] for one in utterances]


def _whole(line: Line, latent: int) -> TtvBatch:
    return whole_lines([read_piece(line)], [(0,)], latent)


def _beginning(line: Line, latent: int, config: PieceConfig, copies: int) -> SynthesizerBatch:
    """The first frames of a line, all of which are decoded, in its speaker's style."""
    piece = read_piece(line, 0, min(config.frames, frames_of(line)), copy=min(1, copies))
    return pieces([piece], [np.random.default_rng(0)], latent, replace(config, nobody=0.0))


def _later(progress: Progress) -> Progress:
    return lambda fraction, what: progress(PREPARING + (1 - PREPARING) * fraction, what)
