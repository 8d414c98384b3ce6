"""How well made lips move: against the film's own, on the frames that the generator was asked to make again.

Pictures are compared in the mouth window (48 x 40 of the 80 x 80 crop), lips by the mesh on made and on true frames.
The base line copies the reference with the closed mouth onto every frame.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.evaluation.lip_figures import SHAPES, FaceReport, LipFigures, ShapeFigures
from codub.evaluation.mouths import mesh_points, steady_transforms
from codub.face.crop import Box, CropTransform, extract, mouth_window, project
from codub.face.detect import FaceDetector
from codub.face.mesh import FaceMesh, mouth_opening, region_of_mesh
from codub.face.model import FaceGenerator, MouthMotion
from codub.face.warp import apply, enlarge_mask
from codub.latent import PhonemeSpan, SpeechLatent
from codub.timing import frame_times

Picture = NDArray[np.uint8]
Values = NDArray[np.float64]

LANDMARK_SIDE = 96  # pixels of the crop that landmark distances are stated for, as in the literature
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
)  # fmt: skip
SHUT = 0.035  # opening over the distance of the eyes below which a mouth counts as closed


@dataclass(frozen=True)
class LipClip:
    """A film with the latent of what is said in it; `frames` are RGB (H, W, 3)."""

    name: str
    person: str
    frames: Sequence[Picture]
    rate: Fraction
    latent: SpeechLatent


def evaluate_face(
    generator: FaceGenerator,
    clips: Sequence[LipClip],
    detector: FaceDetector,
    mesh: FaceMesh,
    progress: Callable[[float, str], None] = lambda fraction, what: None,
) -> FaceReport:
    """Figures of every clip, whose own frames lend the references; those are left out of the count.

    Raises:
        LatentSpaceError: a clip's latent is of another space than the generator.
    """
    figures = []
    for number, clip in enumerate(clips):
        progress(number / len(clips), clip.name)
        figures.append(evaluate_clip(generator, clip, detector, mesh))
    return FaceReport(tuple(figures))


def evaluate_clip(generator: FaceGenerator, clip: LipClip, detector: FaceDetector, mesh: FaceMesh) -> LipFigures:
    """Figures of one clip."""
    clip.latent.require(generator.space)
    points = mesh_points(clip.frames, detector, mesh, clip.name)
    transforms = steady_transforms(points)
    opening = np.array([mouth_opening(p) for p in points])
    chosen = pick_references(opening)
    made = remake(generator, clip, transforms, chosen)
    made_points = np.stack(
        [mesh.landmarks(frame, region_of_mesh(p)).points for frame, p in zip(made, points, strict=True)]
    )
    made_opening = np.array([mouth_opening(p) for p in made_points])
    counted = [i for i in range(len(clip.frames)) if i not in chosen]
    small = [extract(f, t, generator.size) for f, t in zip(clip.frames, transforms, strict=True)]
    small_made = [extract(f, t, generator.size) for f, t in zip(made, transforms, strict=True)]
    copied = extract(clip.frames[chosen[0]], transforms[chosen[0]], generator.size)
    lips = _lips(points, transforms)
    return LipFigures(
        clip.name,
        clip.person,
        len(counted),
        mouth_psnr=_psnr([mouth_window(small_made[i]) for i in counted], [mouth_window(small[i]) for i in counted]),
        mouth_ssim=float(np.mean([ssim(mouth_window(small_made[i]), mouth_window(small[i])) for i in counted])),
        crop_psnr=_psnr([small_made[i] for i in counted], [small[i] for i in counted]),
        copied_psnr=_psnr([mouth_window(copied)] * len(counted), [mouth_window(small[i]) for i in counted]),
        copied_ssim=float(np.mean([ssim(mouth_window(copied), mouth_window(small[i])) for i in counted])),
        distance=_distance(_lips(made_points, transforms)[counted], lips[counted]),
        copied_distance=_distance(lips[[chosen[0]] * len(counted)], lips[counted]),
        correlation=_correlation(made_opening[counted], opening[counted]),
        opening_ratio=float(made_opening[counted].std() / max(float(opening[counted].std()), 1e-6)),
        sharpness=_sharpness(made, clip.frames, transforms, counted),
        shapes=_shapes(clip, opening, made_opening),
    )


def remake(
    generator: FaceGenerator, clip: LipClip, transforms: Sequence[CropTransform], chosen: Sequence[int]
) -> list[Picture]:
    """The clip's frames with made mouths, at the plate's own resolution; `chosen` are the reference frames."""
    windows = clip.latent.windows(np.array(frame_times(0, len(clip.frames), clip.rate)), generator.window)
    pose = np.stack([extract(f, t, generator.size) for f, t in zip(clip.frames, transforms, strict=True)])
    motion = generator.generate(windows, pose, pose[list(chosen)])
    side = max(generator.size, round(float(np.median([t.side for t in transforms]))))
    references = np.stack([extract(clip.frames[i], transforms[i], side) for i in chosen])
    return [
        paste(frame, transform, motion.frame(i), references)
        for i, (frame, transform) in enumerate(zip(clip.frames, transforms, strict=True))
    ]


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


def pick_references(opening: NDArray[np.floating]) -> tuple[int, int, int]:
    """The most closed, the widest open and the middle frame."""
    order = np.argsort(opening, kind="stable")
    return int(order[0]), int(order[-1]), int(order[len(order) // 2])


def ssim(made: Picture, true: Picture) -> float:
    """Structural similarity of two RGB pictures (Wang et al. 2004: Gaussian window 11, 1.5; K 0.01, 0.03), grey."""
    from scipy.ndimage import gaussian_filter

    weights = np.array([0.299, 0.587, 0.114])
    x, y = (picture.astype(np.float64) @ weights for picture in (made, true))

    def blur(values: Values) -> Values:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.34))

    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = ((2 * mx * my + c1) * (2 * cov + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(score[5:-5, 5:-5].mean())


def _psnr(made: Sequence[Picture], true: Sequence[Picture]) -> float:
    error = np.mean([(a.astype(np.float64) - b) ** 2 for a, b in zip(made, true, strict=True)])
    return 10 * math.log10(255**2 / max(float(error), 1e-6))


def _lips(points: NDArray[np.float32], transforms: Sequence[CropTransform]) -> Values:
    """Lip points `(F, L, 2)` in pixels of a 96-pixel crop."""
    own = [t.apply(p[list(LIPS)]) * LANDMARK_SIDE for t, p in zip(transforms, points, strict=True)]
    return np.stack(own)


def _distance(made: Values, true: Values) -> float:
    return float(np.hypot(*np.moveaxis(made - true, -1, 0)).mean())


def _correlation(made: Values, true: Values) -> float:
    if made.std() < 1e-9 or true.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(made, true)[0, 1])


def _sharpness(
    made: Sequence[Picture], true: Sequence[Picture], transforms: Sequence[CropTransform], counted: Sequence[int]
) -> float:
    def energy(frames: Sequence[Picture]) -> float:
        total = 0.0
        for i in counted:
            crop = mouth_window(extract(frames[i], transforms[i], round(transforms[i].side))).astype(np.float64)
            total += float((np.diff(crop, axis=0) ** 2).mean() + (np.diff(crop, axis=1) ** 2).mean())
        return total

    return energy(made) / max(energy(true), 1e-6)


def _shapes(clip: LipClip, true: Values, made: Values) -> dict[str, ShapeFigures]:
    """Openings by class of phonemes: the widest frame of a vowel, the smallest of p, b, m (one frame either side)."""
    collected: dict[str, list[tuple[float, float]]] = {}
    for span in clip.latent.spans:
        name = _shape_of(span)
        frames = _frames_of(span, clip.rate, len(true))
        if name is None or not len(frames):
            continue
        pick = np.min if name == "pbm" else np.median if name == "silence" else np.max
        collected.setdefault(name, []).append((float(pick(true[frames])), float(pick(made[frames]))))
    found = {}
    for name, pairs in collected.items():
        values = np.array(pairs)
        closed = (values < SHUT).mean(0)
        found[name] = ShapeFigures(len(pairs), *values.mean(0).tolist(), *closed.tolist())
    return found


def _shape_of(span: PhonemeSpan) -> str | None:
    if not span.phoneme.strip():
        return "silence" if span.duration > 0.15 else None
    return next((name for name, symbols in SHAPES.items() if span.phoneme[0] in symbols), None)


def _frames_of(span: PhonemeSpan, rate: Fraction, count: int) -> NDArray[np.int64]:
    margin = 0 if not span.phoneme.strip() else 1
    first = math.floor(span.start * rate) - margin
    last = math.ceil(span.end * rate) + margin
    return np.arange(max(0, first), min(count, last))
