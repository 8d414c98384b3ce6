"""Small pictures of what a network made beside what was recorded: mels, alignments, F0 curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from codub.files import replacing

Values = NDArray[np.float32]

HEIGHT, WIDEST = 160, 1200  # pixels of one panel
TITLE = 14  # pixels
PAPER, INK = (255, 255, 255), (40, 40, 40)
# Dark to bright, evenly in lightness: blue, teal, green, yellow.
COLOURS = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], np.float64)
LINES = ((31, 119, 180), (214, 39, 40), (44, 160, 44))


def write_heatmaps(path: Path, panels: Sequence[tuple[str, Values]]) -> None:
    """A PNG of titled panels `(rows, columns)`, one above the other, row 0 at the bottom, on one scale of colour."""
    low = min(float(values.min()) for _, values in panels)
    high = max(float(values.max()) for _, values in panels)
    width = min(WIDEST, max(3 * max(values.shape[1] for _, values in panels), 300))
    drawn = [_titled(title, _coloured(values, low, high), width) for title, values in panels]
    _write(path, drawn, width)


def write_curves(path: Path, curves: Sequence[tuple[str, Values]], unit: str) -> None:
    """A PNG of curves over one time axis; 0 is a gap. The longest has the width, the others their share of it."""
    longest = max(len(values) for _, values in curves)
    width = min(WIDEST, max(longest, 300))
    top = max(1.0, *(float(values.max()) for _, values in curves)) * 1.05
    picture = Image.new("RGB", (width, 2 * HEIGHT), PAPER)
    pen = ImageDraw.Draw(picture)
    for share in (0.25, 0.5, 0.75):
        y = round(2 * HEIGHT * (1 - share))
        pen.line([(0, y), (width, y)], fill=(225, 225, 225))
        pen.text((2, y + 1), f"{top * share:.0f} {unit}", fill=(120, 120, 120))
    for (_, values), colour in zip(curves, LINES, strict=False):
        for run in _runs(values):
            points = [(place * width / longest, 2 * HEIGHT * (1 - float(values[place]) / top)) for place in run]
            pen.line(points if len(points) > 1 else [*points, *points], fill=colour, width=2)
    x = 80
    for (title, _), colour in zip(curves, LINES, strict=False):
        pen.text((x, 3), title, fill=colour)
        x += int(pen.textlength(title)) + 16
    _write(path, [picture], width)


def _runs(values: Values) -> list[NDArray[np.int64]]:
    """Places of the voiced stretches, one array each."""
    voiced = np.flatnonzero(values > 0)
    return [run for run in np.split(voiced, np.flatnonzero(np.diff(voiced) > 1) + 1) if len(run)]


def _coloured(values: Values, low: float, high: float) -> Image.Image:
    place = (np.nan_to_num(values[::-1]) - low) / max(high - low, 1e-9) * (len(COLOURS) - 1)
    left = np.clip(place.astype(int), 0, len(COLOURS) - 2)
    share = np.clip(place - left, 0, 1)[..., None]
    return Image.fromarray((COLOURS[left] * (1 - share) + COLOURS[left + 1] * share).astype(np.uint8))


def _titled(title: str, picture: Image.Image, width: int) -> Image.Image:
    panel = Image.new("RGB", (width, HEIGHT + TITLE), PAPER)
    panel.paste(picture.resize((width, HEIGHT), Image.Resampling.NEAREST), (0, TITLE))
    ImageDraw.Draw(panel).text((3, 1), title, fill=INK)
    return panel


def _write(path: Path, panels: Sequence[Image.Image], width: int) -> None:
    sheet = Image.new("RGB", (width, sum(panel.height for panel in panels)), PAPER)
    y = 0
    for panel in panels:
        sheet.paste(panel, (0, y))
        y += panel.height
    with replacing(path) as temporary:
        sheet.save(temporary, "PNG")
