"""Pictures for looking at: the plate beside the result, what changed, and the mouths that it is made of."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from codub.face.crop import Picture
from codub.face.references import FaceReferences, mouth_name
from codub.face.track import FaceTrack

GAIN = 4  # of the differences, so that few levels can be seen
MOUTH_SIDE, CAPTION = 240, 30  # pixels of a reference in a sheet, and of the words below it


def side_by_side(before: Picture, after: Picture) -> Picture:
    """Plate, result, and their difference (grey is none, four times as strong), next to each other."""
    difference = (after.astype(np.int16) - before) * GAIN + 128
    return np.concatenate([before, after, np.clip(difference, 0, 255).astype(np.uint8)], axis=1)


def close_up(frame: Picture, track: FaceTrack, number: int, *, margin: float = 0.25) -> Picture:
    """The part of a frame round a track's crop in frame `number`, `margin` of its side more all round."""
    transform = track.transform(number)
    box = transform.box(frame.shape, margin=round(margin * transform.side))
    return frame[box.rows, box.columns]


def write_comparison(
    before: Iterable[Picture],
    after: Iterable[Picture],
    folder: Path,
    *,
    every: int = 5,
    track: FaceTrack | None = None,
) -> list[Path]:
    """PNGs `0000.png`, ... of every few frames of a shot, side by side; close-ups where a track is given."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, (plate, result) in islice(enumerate(zip(before, after, strict=True)), 0, None, every):
        pictures: tuple[Picture, Picture] = (plate, result)
        if track is not None:
            if not track.first <= number < track.end:
                continue
            pictures = (close_up(plate, track, number), close_up(result, track, number))
        written.append(folder / f"{number:04d}.png")
        Image.fromarray(side_by_side(*pictures)).save(written[-1])
    return written


def write_mouths(references: FaceReferences, path: Path) -> None:
    """The references next to each other, each with its kind and where it is from, as one PNG."""
    cells = []
    for place, crop in enumerate(references.at(MOUTH_SIDE)):
        cell = Image.new("RGB", (MOUTH_SIDE, MOUTH_SIDE + CAPTION))
        cell.paste(Image.fromarray(crop))
        origin = references.origins[place] if references.origins else ""
        ImageDraw.Draw(cell).multiline_text((4, MOUTH_SIDE + 2), f"{mouth_name(place)}\n{origin}")
        cells.append(np.asarray(cell))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(contact_sheet(cells, len(cells))).save(path)


def contact_sheet(pictures: Iterable[Picture], columns: int) -> NDArray[np.uint8]:
    """Pictures in rows, each in a cell of the largest one's size."""
    cells = list(pictures)
    height, width = (max(p.shape[axis] for p in cells) for axis in (0, 1))
    rows = -(-len(cells) // columns)
    sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
    for i, picture in enumerate(cells):
        y, x = (i // columns) * height, (i % columns) * width
        sheet[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return sheet
