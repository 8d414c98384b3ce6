"""Made-up identities: a portrait's skin on the moving mesh of a real clip, so that few films show many people.

The portrait is warped triangle by triangle onto each frame's mesh points; the inner mouth stays the film's (portraits
smile), the rest of the frame is recoloured to the portrait's skin, and a soft oval joins the two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, UnidentifiedImageError
from scipy.ndimage import gaussian_filter, grey_erosion, map_coordinates

from codub.errors import UsageError
from codub.training.face_clips import WIDE, FaceClip

PORTRAIT_SIDE = 320  # pixels; mesh points m in -1..1 lie at 160 + 160 m
KEPT_OUT_PORTRAITS = 90  # the last ones of the list, for tests

# Contours of the 468-point mesh (MediaPipe's topology), in order.
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
    150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
CHEEKS = (50, 101, 205, 280, 330, 425)

Picture = NDArray[np.uint8]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Portrait:
    """A still face: `picture` (320, 320, 3) RGB, mesh `points` (468, 2) in its pixels."""

    name: str
    picture: Picture
    points: FloatArray


def read_portraits(corpora: Path) -> tuple[tuple[str, Path, FloatArray], ...]:
    """Name, file and mesh points of every portrait, in the order of the mesh file.

    Raises:
        UsageError: the portraits are not in that folder.
    """
    folder = corpora / "portraits"
    meshes = folder / "mesh468.npz"
    if not meshes.is_file():
        raise UsageError(f"There are no portraits in '{corpora}'.", fix="Give their folder with --corpora.")
    with np.load(meshes, allow_pickle=False) as held:
        points = (1 + held["mesh"][..., :2].astype(np.float32)) * (PORTRAIT_SIDE / 2)
        files = [str(name) for name in held["files"]]
    return tuple((Path(name).stem, _portrait_file(folder, name), p) for name, p in zip(files, points, strict=True))


def load_portrait(name: str, file: Path, points: FloatArray) -> Portrait:
    """The portrait with its pixels."""
    try:
        with Image.open(file) as stored:
            return Portrait(name, np.asarray(stored.convert("RGB"), np.uint8), points)
    except (OSError, UnidentifiedImageError) as error:
        raise UsageError(f"The portrait '{file}' cannot be read.", cause=str(error)) from error


def made_up(clip: FaceClip, portrait: Portrait, first: int, count: int, *, name: str) -> FaceClip:
    """`count` frames of the clip from frame `first` on, as the portrait's person would look saying the same."""
    frames = slice(first, first + count)
    points = clip.points[frames]
    size = clip.crops.shape[1]
    # Lower-face window to pixels of the kept crop.
    places = ((points - 0.5) / WIDE + 0.5) * size
    skin = _Skin(portrait, scale=_shrinking(portrait, places[0]))
    gain = _cheek_gain(clip.crops[first], places[0], skin)
    crops = np.stack([_dress(crop, where, skin, gain) for crop, where in zip(clip.crops[frames], places, strict=True)])
    stamps = None if clip.stamps is None else clip.stamps[frames]
    return FaceClip(name, portrait.name, clip.source, clip.first + first, crops, points, clip.opening[frames], stamps)


class _Skin:
    """A portrait brought to the film's scale, with its triangles."""

    def __init__(self, portrait: Portrait, scale: float) -> None:
        side = max(8, round(PORTRAIT_SIDE * scale))
        small = Image.fromarray(portrait.picture).resize((side, side), Image.Resampling.LANCZOS)
        self.picture: Picture = np.asarray(small, np.uint8)
        self.points = (portrait.points * (side / PORTRAIT_SIDE)).astype(np.float32)
        self.triangles = _triangles(self.points)


def _dress(crop: Picture, places: FloatArray, skin: _Skin, gain: FloatArray) -> Picture:
    size = crop.shape[0]
    base = np.clip(crop * gain, 0, 255).astype(np.float32)
    x, y = _source_map(places, skin, size)
    dressed = np.stack(
        [map_coordinates(skin.picture[..., c].astype(np.float32), [y, x], order=1, mode="nearest") for c in range(3)],
        axis=-1,
    )
    face = _filled(places[list(FACE_OVAL)], size)
    # Eroded first, so that the soft rim lies inside the face and no hair or background comes along.
    cover = gaussian_filter(grey_erosion(face, 5), size / 40) * face
    cover *= 1 - gaussian_filter(_filled(places[list(INNER_LIPS)], size), 0.6)
    mixed = base + cover[..., None] * (dressed - base)
    return np.asarray(mixed.round().clip(0, 255), np.uint8)


def _source_map(places: FloatArray, skin: _Skin, size: int) -> FloatArray:
    """For each pixel of the crop, where it lies in the skin's picture: `(2, size, size)` (x, y)."""
    # Drawn at twice the size, since polygons of whole pixels would be coarse for small triangles.
    canvas = Image.new("I", (2 * size, 2 * size), -1)
    draw = ImageDraw.Draw(canvas)
    corners = places[skin.triangles]
    for index, corner in enumerate(2 * corners - 0.5):
        draw.polygon([(float(x), float(y)) for x, y in corner], fill=index)
    owner = np.asarray(canvas)[::2, ::2]
    affine = _affine(corners, skin.points[skin.triangles])
    ys, xs = np.mgrid[0:size, 0:size].astype(np.float32) + 0.5
    chosen = affine[np.maximum(owner, 0)]
    x = chosen[..., 0, 0] * xs + chosen[..., 0, 1] * ys + chosen[..., 0, 2] - 0.5
    y = chosen[..., 1, 0] * xs + chosen[..., 1, 1] * ys + chosen[..., 1, 2] - 0.5
    return np.stack([x, y]).astype(np.float32)


def _affine(source: FloatArray, target: FloatArray) -> FloatArray:
    """Affine maps `(N, 2, 3)` that take triangles `(N, 3, 2)` to triangles."""
    homogeneous = np.concatenate([source, np.ones_like(source[..., :1])], -1).astype(np.float64)
    flat = np.abs(np.linalg.det(homogeneous)) < 1e-3
    homogeneous[flat] = np.eye(3)
    solved = np.linalg.solve(homogeneous, target.astype(np.float64))
    return np.asarray(solved.transpose(0, 2, 1), np.float32)


def _triangles(points: FloatArray) -> NDArray[np.int64]:
    from scipy.spatial import Delaunay

    triangles = np.asarray(Delaunay(points).simplices, np.int64)
    inner = np.isin(triangles, INNER_LIPS).all(1)
    return triangles[~inner]


def _filled(outline: FloatArray, size: int) -> FloatArray:
    canvas = Image.new("L", (4 * size, 4 * size))
    ImageDraw.Draw(canvas).polygon([(float(x), float(y)) for x, y in 4 * outline - 0.5], fill=255)
    return np.asarray(np.asarray(canvas.reduce(4), np.float32) / 255, np.float32)


def _shrinking(portrait: Portrait, places: FloatArray) -> float:
    """Film pixels per portrait pixel, by the spread of the two meshes."""
    return float(places.std(0).mean() / portrait.points.std(0).mean())


def _cheek_gain(crop: Picture, places: FloatArray, skin: _Skin) -> FloatArray:
    """Factor per colour that brings the film's cheeks to the portrait's."""
    film, still = _cheeks(crop, places), _cheeks(skin.picture, skin.points)
    return np.asarray(np.clip(still / np.maximum(film, 1), 0.4, 2.5), np.float32)


def _cheeks(picture: Picture, points: FloatArray) -> FloatArray:
    places = np.clip(points[list(CHEEKS)].astype(int), 2, picture.shape[0] - 3)
    patches = [picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3) for x, y in places]
    return np.asarray(np.concatenate(patches).mean(0), np.float32)


def _portrait_file(folder: Path, name: str) -> Path:
    """The mesh file names pictures with or without their folder."""
    direct = folder / name
    return direct if direct.is_file() else folder / "img" / name


def make_identities(
    clips: Sequence[FaceClip], corpora: Path, count: int, *, frames: int = 40, seed: int = 0
) -> Iterator[FaceClip]:
    """`count` clips of made-up people, each portrait once before any comes again; `clips` are the moving faces.

    Real people take turns, so that one with many films lends no more motion than one with few.
    """
    portraits = read_portraits(corpora)[:-KEPT_OUT_PORTRAITS]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(portraits))
    people = sorted({clip.person for clip in clips})
    for number in range(count):
        person = people[number % len(people)]
        own = [clip for clip in clips if clip.person == person]
        clip = own[int(rng.integers(len(own)))]
        portrait = load_portrait(*portraits[order[number % len(order)]])
        first = int(rng.integers(max(1, len(clip) - frames + 1)))
        yield made_up(clip, portrait, first, frames, name=f"{number:04d}-{portrait.name}-{clip.name}")
