"""`codub train face`: the talking face in the paper's two stages, real sound first, then what the TTV predicts."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from codub import config as settings
from codub.errors import CodubError, UsageError
from codub.face.generator import Generator
from codub.face.loading import load_face_generator, save_face
from codub.latent import EMBEDDED, SPACES, LatentSpace
from codub.training import loop
from codub.training.face_cache import FaceCache, FaceData
from codub.training.face_clips import SIZE
from codub.training.face_data import FaceSampler, some_of, statistics, to_be_shut, whole_clip
from codub.training.face_latents import require_speech_models
from codub.training.face_material import Material, prepare, read_data
from codub.training.face_mels import fill_mels, load_mels
from codub.training.face_stage import Check, FaceStage, needs_expert
from codub.training.face_task import FaceTask
from codub.training.processes import ALONE, Processes
from codub.training.sync import SyncExpert, SyncStage
from codub.training.sync_training import sync_folder, train_expert

Progress = Callable[[float, str], None]
FloatArray = NDArray[np.float32]

STAGES = ("train-face-stage1", "train-face-stage1-sync", "train-face-stage2")
STAGES_OF = {
    "embedded": STAGES,
    "hierspeechpp": tuple(name.replace("face-", "face-hierspeechpp-") for name in STAGES),
}
SILENT = "train-face-silent"  # the silent face, trained first where a stage wants its references


def stages_of(profile: str) -> tuple[str, ...]:
    """Names of the stages that train the face of a profile's latent space.

    Raises:
        UsageError: there are none for it.
    """
    if profile not in STAGES_OF:
        raise UsageError(f"There are no stages for the profile '{profile}'.", fix=f"There are: {', '.join(STAGES_OF)}.")
    return STAGES_OF[profile]


def load_stages(sources: Sequence[str | Path] = STAGES) -> tuple[FaceStage, ...]:
    """Stages from YAML files or names of shipped ones."""
    return tuple(settings.load(FaceStage, source) for source in sources)


def train_face(
    stages: Sequence[FaceStage],
    material: Material,
    cache: Path,
    out: Path,
    progress: Progress = lambda fraction, what: None,
    *,
    start: Path | None = None,
    sync: SyncStage | None = None,
    silent: FaceStage | None = None,
    processes: Processes = ALONE,
) -> Path:
    """Weights of the last stage, `out/<stage>/face.safetensors`; each stage begins with the weights of the one before.

    What the stages need is put into `cache` first. Run again, it goes on where it was stopped. `start` holds weights
    for the first stage to begin with; `sync` and `silent` are settings of the sync expert and of the silent face, which
    are trained first where a stage wants them.

    Of several `processes` all train, and the first writes.

    Raises:
        UsageError: the corpora are not there, or have no texts for a stage that is driven by them.
        WeightsError: third-party weights were not fetched.
    """
    space = _space_of(stages)
    require_speech_models(space)
    folder = FaceCache(cache, space, max(SIZE, *(stage.generator.size for stage in stages)))
    parts = prepare(material, folder, lambda fraction, what: progress(0.2 * fraction, what), processes)
    data = read_data(parts, folder, material.credit)
    _require_texts(stages, data)
    sync = sync or SyncStage()
    weights, expert = start, None
    if any(needs_expert(stage) for stage in stages):
        if sync.hears == "mel":
            films = (*parts.training, *parts.held_out)
            if processes.first:
                fill_mels(films, folder, lambda fraction, what: progress(0.2, what))
            processes.wait()
            data = replace(data, mels=load_mels(data.sources, folder))
        expert = train_expert(
            sync,
            data,
            out / sync_folder(sync, space),
            lambda fraction, what: progress(0.2, f"sync: {what}"),
            space.name,
            stages[0].generator.window,
            processes,
        )
    quiet = None
    if any(stage.silent_references for stage in stages):
        chosen = silent_stage(silent or settings.load(FaceStage, SILENT), stages[0])
        trained = train_stage(
            chosen,
            data,
            out / chosen.name,
            None,
            lambda fraction, what: progress(0.2, f"silent face: {what}"),
            processes=processes,
        )
        quiet = load_face_generator(trained).network
    first: Path | None = None
    for number, stage in enumerate(stages):
        begin = 0.2 + 0.8 * number / len(stages)

        def tell(fraction: float, what: str, begin: float = begin, name: str = stage.name) -> None:
            progress(begin + 0.8 * fraction / len(stages), f"{name}: {what}")

        made = out / stage.name
        weights = train_stage(stage, data, made, weights, tell, expert, quiet, first=first, processes=processes)
        first = first or weights
    assert weights is not None
    return weights


def silent_stage(stage: FaceStage, of: FaceStage) -> FaceStage:
    """The silent face's settings for the latent space of another stage."""
    own = of.generator
    generator = replace(stage.generator, space=own.space, channels=own.channels, window=own.window, size=own.size)
    name = stage.name if own.space == EMBEDDED.name else f"{own.space}-{stage.name}"
    return replace(stage, name=name, generator=generator)


def train_stage(
    stage: FaceStage,
    data: FaceData,
    out: Path,
    start: Path | None,
    progress: Progress,
    expert: SyncExpert | None = None,
    silent: Generator | None = None,
    *,
    first: Path | None = None,
    processes: Processes = ALONE,
) -> Path:
    """Weights of one stage, `out/face.safetensors`; `start` are the weights it begins with, None for none.

    `first` are those of the first stage, None for `start`: a share of them is kept where the stage asks for it.
    """
    space = SPACES[stage.generator.space]
    torch.manual_seed(stage.seed)
    generator, checks = _first(stage, data, start), _checks(stage, data, space)
    task = FaceTask(stage, generator, _sampler(stage, data, space), checks, expert, silent, processes)
    loop.run(task, stage.loop, out, progress, processes)
    metrics = loop.read_metrics(out)
    kept = first or start
    if stage.first_share and kept is not None:
        task.keep(load_face_generator(kept).network, stage.first_share)
        metrics = [*metrics, {"step": stage.loop.steps, **task.report(stage.loop.steps, out)}]
    path = out / "face.safetensors"
    if processes.first:
        save_face(path, task.averaged, _metadata(stage, data, metrics) | task.teachers())
    processes.wait()
    return path


def _require_texts(stages: Sequence[FaceStage], data: FaceData) -> None:
    wanting = [stage.name for stage in stages if stage.sampling.text_share > 0]
    if wanting and not data.latents["text"]:
        raise UsageError(
            f"Stage '{wanting[0]}' is driven by what is said, and no film has a text that could be used.",
            fix="Lay .srt or .txt files beside the films, or train the first stages alone with --stage.",
        )


def _space_of(stages: Sequence[FaceStage]) -> LatentSpace:
    """The one space of all stages; each begins with the weights of the one before."""
    if not stages:
        raise UsageError("No stage was given, so there is nothing to train.", fix="Name one with --stage.")
    names = {stage.generator.space for stage in stages}
    if len(names) > 1 or not names <= set(SPACES):
        raise UsageError(
            f"The stages are of the spaces {', '.join(sorted(names))}.",
            cause="A face is trained for one latent space, with the weights of one stage going into the next.",
            fix=f"Give stages of one of them: {', '.join(SPACES)}.",
        )
    space = SPACES[names.pop()]
    wrong = [stage for stage in stages if stage.generator.channels != space.channels]
    if wrong:
        raise UsageError(
            f"Stage '{wrong[0].name}' takes {wrong[0].generator.channels} channels.",
            cause=f"The space '{space.name}' has {space.channels}.",
            fix=f"Set generator: channels: {space.channels}.",
        )
    return space


def _first(stage: FaceStage, data: FaceData, start: Path | None) -> Generator:
    if start is not None:
        # The weights' own sizes hold; a stage that asks for others would be another network.
        generator = load_face_generator(start).network.requires_grad_(True)
        if replace(stage.generator, dropout=generator.config.dropout) != generator.config:
            raise CodubError(f"The weights '{start}' are of another network than stage '{stage.name}' describes.")
        return generator
    generator = Generator(stage.generator)
    kind = "text" if stage.sampling.text_share > 0.5 else "sound"
    mean, deviation = statistics(some_of(data.latents[kind]))
    if _is_silent(stage):
        assert data.silence is not None
        mean = data.silence  # so that silence is nothing at all to it
    generator.mean.copy_(torch.from_numpy(mean))
    generator.deviation.copy_(torch.from_numpy(deviation))
    return generator


def _sampler(stage: FaceStage, data: FaceData, space: LatentSpace) -> FaceSampler:
    config = stage.generator
    return FaceSampler(
        data.clips,
        data.latents,
        space,
        size=config.size,
        window=config.window,
        references=config.references,
        config=stage.sampling,
        seed=stage.seed,
        silence=data.silence,
        mels=data.mels,
    )


def _is_silent(stage: FaceStage) -> bool:
    return stage.sampling.silent_share == 1


def _checks(stage: FaceStage, data: FaceData, space: LatentSpace) -> list[Check]:
    kind = "text" if stage.sampling.text_share > 0.5 else "sound"
    config = stage.generator
    if _is_silent(stage):
        return [Check(clip.name, to_be_shut(clip, data.silence, config)) for clip in data.held_out]
    return [
        Check(
            clip.name,
            whole_clip(clip, data.latents[kind][clip.source], space, config, every=3),
        )
        for clip in data.held_out
        if clip.source in data.latents.get(kind, {})
    ]


def _metadata(stage: FaceStage, data: FaceData, metrics: Sequence[Mapping[str, float]]) -> dict[str, str]:
    measured = [values for values in metrics if "mouth_psnr" in values]
    return {
        "stage": json.dumps(dataclasses.asdict(stage)),
        "data": data.credit,
        "clips": str(len(data.clips)),
        "figures": json.dumps(measured[-1] if measured else {}),
    }
