"""How well a sync expert judges: told apart from other times of the clip, and the clip's offset found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from codub.latent import SpeechLatent
from codub.timing import frame_times
from codub.training.face_clips import PICTURE_RATE, FaceClip
from codub.training.face_placing import window_of

FRAMES = 5  # 0.2 s at 25 frames/s, as SyncNet and its followers have it
FURTHEST = 15  # frames either way among which an offset is looked for, as SyncNet's evaluation does
PIECE = 25  # frames over which scores are averaged, as a second's
BESIDE = 1  # frames that nobody sees: 40 ms

Encoder = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class SyncCheck:
    """A whole clip of a person who is never trained on.

    mouths uint8 `(F, 3, h, w)` RGB, windows float32 `(F, C, W)` of what is heard round each frame.
    """

    name: str
    mouths: Tensor
    windows: Tensor


def sync_check(clip: FaceClip, heard: SpeechLatent, window: int, size: int = 80) -> SyncCheck:
    """The clip undisturbed, with what is heard at its own times."""
    crops = torch.from_numpy(np.stack([window_of(crop, size) for crop in clip.crops])).permute(0, 3, 1, 2)
    times = np.array(frame_times(clip.first, len(clip), Fraction(PICTURE_RATE)))
    return SyncCheck(clip.name, mouths_of(crops).contiguous(), torch.from_numpy(heard.windows(times, window)))


def sync_figures(look: Encoder, listen: Encoder, checks: Sequence[SyncCheck]) -> dict[str, float]:
    """What the expert makes of the checks.

    in_sync       share of pairs in which a mouth fits its own time better than another time of its clip, 2 to 15
                  frames off, mean over the clips; 0.5 by chance
    offset_found  share of pieces of a second whose likest offset, of 31 tried, is within one frame of the truth; 0.1
                  by chance
    """
    told: list[float] = []
    offsets: list[int] = []
    for check in checks:
        mouths = check.mouths.float().div(255).unfold(0, FRAMES, 1).movedim(-1, 1)
        middles = check.windows[FRAMES // 2 : len(check.windows) - FRAMES // 2]
        scores = look(mouths) @ listen(middles).T
        told.append(_told_apart(scores))
        offsets += likest_offsets(scores)
    found = [abs(offset) <= BESIDE for offset in offsets]
    return {"in_sync": float(np.mean(told)), "offset_found": float(np.mean(found)) if found else float("nan")}


def likest_offsets(scores: Tensor) -> list[int]:
    """Frames by which speech lies after the mouths, for each piece of a second that has all offsets.

    scores `(N, N)`: of N mouths and the speech at their times.
    """
    reach = torch.arange(-FURTHEST, FURTHEST + 1)
    found = []
    for first in range(FURTHEST, len(scores) - FURTHEST - PIECE + 1, FRAMES):
        mouths = first + torch.arange(PIECE)
        means = scores[mouths[:, None], mouths[:, None] + reach].mean(0)
        found.append(int(means.argmax()) - FURTHEST)
    return found


def _told_apart(scores: Tensor) -> float:
    places = torch.arange(len(scores))
    apart = (places - places[:, None]).abs()
    others = (apart > BESIDE) & (apart <= FURTHEST)
    own = scores.diagonal()[:, None].expand_as(scores)[others]
    rest = scores[others]
    return float(((own > rest).float() + 0.5 * (own == rest).float()).mean())


def mouths_of(pictures: Tensor) -> Tensor:
    """The part of lower-face crops `(..., S, S)` that judges look at: mouth and chin, a multiple of 8 pixels."""
    size = pictures.shape[-1]
    low = round(0.12 * size)
    high = low + 8 * round(0.76 * size / 8)
    return pictures[..., low:high, low:high]
