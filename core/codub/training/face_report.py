"""What a face is worth on GRID: people never trained on, and other clips of trained people; by sound and from text."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from codub.evaluation.lips import FaceReport, LipClip, evaluate_face
from codub.face.detect import load_detector
from codub.face.mesh import load_mesh
from codub.face.model import FaceGenerator
from codub.training.face_clips import read_film
from codub.training.face_latents import AlignedReader
from codub.training.grid import PICTURE_RATE, GridClip, read_grid, split

Progress = Callable[[float, str], None]


def report_face(
    generator: FaceGenerator,
    corpora: Path,
    *,
    films: Sequence[GridClip] | None = None,
    kinds: Sequence[str] = ("sound", "text"),
    progress: Progress = lambda fraction, what: None,
) -> dict[str, FaceReport]:
    """Figures by kind of latent, "sound" and "text", over `films` (None: all of the people never trained on).

    Raises:
        UsageError: the corpora are not there.
        WeightsError: third-party weights were not fetched.
    """
    chosen = split(read_grid(corpora)).held_out if films is None else films
    reader, detector, mesh = AlignedReader(), load_detector(), load_mesh()
    reports = {}
    for number, kind in enumerate(kinds):
        clips = [_lip_clip(film, reader, kind) for film in chosen]

        def tell(fraction: float, what: str, number: int = number, kind: str = kind) -> None:
            progress((number + fraction) / len(kinds), f"{kind}: {what}")

        reports[kind] = evaluate_face(generator, clips, detector, mesh, tell)
    return reports


def _lip_clip(film: GridClip, reader: AlignedReader, kind: str) -> LipClip:
    latent = reader.hear(film) if kind == "sound" else reader.read(film)
    return LipClip(film.name, film.person, tuple(read_film(film.film)), Fraction(PICTURE_RATE), latent)
