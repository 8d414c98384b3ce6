"""How well made lips move: against the film's own, on the frames that the generator was asked to make again.

Pictures are compared in the lower-face crop (80 x 80) and in its mouth window (48 x 40), lips by the mesh on made and
on true frames. References are frames of the film itself, one of each kind of mouth, and are left out of the count.
The base line copies the reference with the closed mouth onto every frame.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.evaluation.lip_figures import FaceReport, LipFigures
from codub.evaluation.lip_shapes import mouth_shapes
from codub.evaluation.mouths import MouthTrack, track_again
from codub.evaluation.pictures import flicker, mean_ssim, psnr, sharpness
from codub.face.crop import Box, CropTransform, extract, mouth_window, project
from codub.face.mesh import FaceMesh
from codub.face.model import FaceGenerator, MouthMotion
from codub.face.mouth_kinds import pick_mouths
from codub.face.moved import apply
from codub.face.warp import enlarge_mask
from codub.latent import SpeechLatent
from codub.timing import frame_times

Picture = NDArray[np.uint8]
Values = NDArray[np.float64]

STILL = 0.25  # pixels of a 96-pixel crop that lip points move on average in a frame: about a quarter of GRID's frames


@dataclass(frozen=True)
class LipClip:
    """A film with its mouth and the latent of what is said in it; `frames` are RGB (H, W, 3)."""

    name: str
    person: str
    frames: Sequence[Picture]
    rate: Fraction
    latent: SpeechLatent
    mouth: MouthTrack


@dataclass(frozen=True)
class RemadeClip:
    """A clip's frames with made mouths, at the plate's own resolution, and where the mesh finds these mouths.

    `chosen` are the reference frames, `counted` all others, `size` the side of the generator's crops in pixels.
    """

    clip: LipClip
    frames: tuple[Picture, ...]
    mouth: MouthTrack
    chosen: tuple[int, ...]
    size: int

    @property
    def counted(self) -> list[int]:
        """Frames that are measured."""
        return [i for i in range(len(self.frames)) if i not in self.chosen]

    def crops(self, frames: Sequence[Picture], size: int | None = None) -> list[Picture]:
        """Lower-face crops of true or made frames, of the generator's size or as many pixels as the plate has."""
        return [extract(f, t, size or round(t.side)) for f, t in zip(frames, self.mouth.transforms, strict=True)]


def evaluate_face(
    generator: FaceGenerator,
    clips: Sequence[LipClip],
    mesh: FaceMesh,
    progress: Callable[[float, str], None] = lambda fraction, what: None,
    look: Callable[[RemadeClip], None] = lambda remade: None,
    figures_of: Callable[[RemadeClip], LipFigures] | None = None,
) -> FaceReport:
    """Figures of every clip, by `measure` unless told otherwise; `look` is shown each one as it was made.

    Raises:
        LatentSpaceError: a clip's latent is of another space than the generator.
    """
    figures = []
    for number, clip in enumerate(clips):
        progress(number / len(clips), clip.name)
        remade = remake(generator, clip, mesh)
        look(remade)
        figures.append((figures_of or measure)(remade))
    return FaceReport(tuple(figures))


def remake(generator: FaceGenerator, clip: LipClip, mesh: FaceMesh) -> RemadeClip:
    """The clip made again from its latent.

    Raises:
        LatentSpaceError: the latent is of another space than the generator.
    """
    clip.latent.require(generator.space)
    transforms = clip.mouth.transforms
    chosen = pick_mouths(clip.mouth.opening, clip.mouth.width, generator.references)
    windows = clip.latent.windows(np.array(frame_times(0, len(clip.frames), clip.rate)), generator.window)
    pose = np.stack([extract(f, t, generator.size) for f, t in zip(clip.frames, transforms, strict=True)])
    motion = generator.generate(windows, pose, pose[list(chosen)])
    side = max(generator.size, round(float(np.median([t.side for t in transforms]))))
    references = np.stack([extract(clip.frames[i], transforms[i], side) for i in chosen])
    made = tuple(
        paste(frame, transform, motion.frame(i), references)
        for i, (frame, transform) in enumerate(zip(clip.frames, transforms, strict=True))
    )
    return RemadeClip(clip, made, track_again(made, mesh, clip.mouth), chosen, generator.size)


def measure(remade: RemadeClip) -> LipFigures:
    """Figures of one clip."""
    clip, counted = remade.clip, remade.counted
    true, made = clip.mouth, remade.mouth
    small_true, small_made = remade.crops(clip.frames, remade.size), remade.crops(remade.frames, remade.size)
    mouths_true, mouths_made = ([mouth_window(crop) for crop in crops] for crops in (small_true, small_made))
    seen, shown = ([crops[i] for i in counted] for crops in (small_true, small_made))
    window, window_made = ([crops[i] for i in counted] for crops in (mouths_true, mouths_made))
    copied = [mouths_true[remade.chosen[0]]] * len(counted)
    plate_true, plate_made = (
        [mouth_window(crop) for i, crop in enumerate(remade.crops(frames)) if i in counted]
        for frames in (clip.frames, remade.frames)
    )
    return LipFigures(
        clip.name,
        clip.person,
        len(counted),
        mouth_psnr=psnr(window_made, window),
        mouth_ssim=mean_ssim(window_made, window),
        crop_psnr=psnr(shown, seen),
        crop_ssim=mean_ssim(shown, seen),
        copied_psnr=psnr(copied, window),
        copied_ssim=mean_ssim(copied, window),
        distance=_distance(made.lips[counted], true.lips[counted]),
        copied_distance=_distance(true.lips[[remade.chosen[0]] * len(counted)], true.lips[counted]),
        correlation=_correlation(made.opening[counted], true.opening[counted]),
        opening_ratio=float(made.opening[counted].std() / max(float(true.opening[counted].std()), 1e-6)),
        sharpness=sharpness(plate_made, plate_true),
        flicker=flicker(mouths_made, mouths_true, still_frames(true, remade.chosen)),
        shapes=mouth_shapes(clip.latent.spans, clip.rate, true, made),
    )


def still_frames(true: MouthTrack, chosen: Sequence[int]) -> list[int]:
    """Frames from which to the next the film's lips stand still; reference frames, which are copied, not among them."""
    moved = np.hypot(*np.moveaxis(np.diff(true.lips, axis=0), -1, 0)).mean(1)
    return [int(i) for i in np.flatnonzero(moved < STILL) if i not in chosen and i + 1 not in chosen]


def paste(frame: Picture, transform: CropTransform, motion: MouthMotion, references: Picture) -> Picture:
    """The frame with the made mouth; pixels outside the mask are the frame's own."""
    side = references.shape[1]
    made = apply(motion, references, extract(frame, transform, side))
    box: Box = transform.box(frame.shape)
    mask = project(enlarge_mask(motion.mask, side)[..., None], transform, box, outside="zeros")
    plate = frame[box.rows, box.columns].astype(np.float32)
    mixed = plate + mask * (project(made, transform, box) - plate)
    result = frame.copy()
    result[box.rows, box.columns] = mixed.round().clip(0, 255).astype(np.uint8)
    return result


def _distance(made: Values, true: Values) -> float:
    return float(np.hypot(*np.moveaxis(made - true, -1, 0)).mean())


def _correlation(made: Values, true: Values) -> float:
    if made.std() < 1e-9 or true.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(made, true)[0, 1])
