"""The sync expert trained: on the training people's clips, measured on the held-out ones."""

from collections.abc import Callable
from pathlib import Path

import torch

from codub.errors import UsageError
from codub.latent import EMBEDDED, SPACES, LatentSpace
from codub.training import loop
from codub.training.face_cache import FaceData
from codub.training.face_data import FaceSampler, as_latent, some_of, statistics
from codub.training.face_mels import MEL, MEL_WINDOW
from codub.training.processes import ALONE, Processes
from codub.training.sync import SyncExpert, SyncStage, SyncTask
from codub.training.sync_figures import SyncCheck, sync_check

Progress = Callable[[float, str], None]


def sync_folder(stage: SyncStage, space: LatentSpace) -> str:
    """Name of the folder of an expert's run, among those of the stages that it teaches."""
    name = "sync" if stage.hears == "latent" else f"sync-{stage.hears}"
    return name if space == EMBEDDED else f"{space.name}-{name}"


def train_expert(
    stage: SyncStage,
    data: FaceData,
    out: Path,
    progress: Progress,
    space_name: str = "embedded",
    window: int = 11,
    processes: Processes = ALONE,
) -> SyncExpert:
    """The sync expert of a latent space, or of mels; on the training people only, measured on the held-out ones.

    Raises:
        UsageError: it is to hear mels, and the data have none.
    """
    hears_mel = stage.hears == "mel"
    if hears_mel and not data.mels:
        raise UsageError("The sync expert is to hear mels, and the data have none.")
    space, latents = SPACES[space_name], data.latents
    torch.manual_seed(stage.seed)
    expert = SyncExpert(MEL.channels, MEL_WINDOW, hears="mel") if hears_mel else SyncExpert(space.channels, window)
    heard = [data.mels] if hears_mel else list(latents.values())
    mean, deviation = statistics([features for held in heard for features in some_of(held)])
    expert.mean.copy_(torch.from_numpy(mean))
    expert.deviation.copy_(torch.from_numpy(deviation))
    sampler = FaceSampler(
        data.clips,
        latents,
        space,
        size=80,
        window=window,
        references=1,
        config=stage.sampling,
        seed=stage.seed,
        mels=data.mels if hears_mel else None,
    )
    task = SyncTask(stage, expert, sampler, _sync_checks(expert, data, space, window), processes)
    loop.run(task, stage.loop, out, progress, processes)
    measured = [values for values in loop.read_metrics(out) if "in_sync" in values]
    expert.figures = dict(measured[-1]) if measured else {}
    return expert.eval()


def _sync_checks(expert: SyncExpert, data: FaceData, space: LatentSpace, window: int) -> list[SyncCheck]:
    """Clips of held-out people with their real sound, as the expert hears it."""
    hears_mel = expert.hears == "mel"
    heard = data.mels if hears_mel else data.latents.get("sound", {})
    kind, length = (MEL, MEL_WINDOW) if hears_mel else (space, window)
    return [
        sync_check(clip, as_latent(kind, heard[clip.source]), length) for clip in data.held_out if clip.source in heard
    ]
