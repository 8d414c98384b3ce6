"""Pictures to look at what was measured: true above made faces, and the mouth's opening over the time of a clip."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from codub.evaluation.lip_shapes import SHUT, joined
from codub.evaluation.lips import RemadeClip
from codub.files import replacing

COLUMNS = 15  # frames in a strip
SIDE = 96  # pixels of a face
TRUE, MADE, REFERENCE = (40, 90, 200), (220, 90, 20), (150, 150, 150)
PLOT = (1200, 320)  # pixels
MARGIN = 40
# The picture's font has no phonetic letters: these stand for them, as in X-SAMPA.
LETTERS = str.maketrans("ɪɛæʌɐəʊɔɑɒɜɹɡːðθʃʒŋ", "IE{V6@UOAQ3rg:DTSZN")


def write_sheet(path: Path, remade: RemadeClip, columns: int = COLUMNS) -> None:
    """Every frame as a pair, true above made, as a PNG; reference frames are underlined in grey."""
    true, made = (remade.crops(frames, SIDE) for frames in (remade.clip.frames, remade.frames))
    rows = []
    for start in range(0, len(true), columns):
        pairs = [_pair(true[i], made[i], i in remade.chosen) for i in range(start, min(start + columns, len(true)))]
        pairs += [np.full_like(pairs[0], 255)] * (columns - len(pairs))
        rows.append(np.concatenate(pairs, 1))
    _save(path, np.concatenate(rows))


def write_plot(path: Path, remade: RemadeClip) -> None:
    """The opening over the distance of the eyes in the film (blue) and made (orange), with the phonemes, as a PNG."""
    width, height = PLOT
    image = Image.new("RGB", PLOT, "white")
    draw = ImageDraw.Draw(image)
    true, made = remade.clip.mouth.opening, remade.mouth.opening
    top = max(0.1, float(max(true.max(), made.max()))) * 1.1
    seconds = len(true) / float(remade.clip.rate)

    def place(time: float, opening: float) -> tuple[float, float]:
        x = MARGIN + (width - 2 * MARGIN) * time / seconds
        return x, height - MARGIN - (height - 2 * MARGIN) * opening / top

    for span in joined(remade.clip.latent.spans):
        if span.phoneme.strip() and span.start < seconds:
            draw.line([place(span.start, 0), place(span.start, top)], fill=(235, 235, 235))
            draw.text((place(span.start, 0)[0] + 2, height - MARGIN + 4), span.phoneme.translate(LETTERS), fill="black")
    for level in np.arange(0, top, 0.05):
        draw.text((4, place(0, float(level))[1] - 6), f"{level:.2f}", fill="black")
    draw.line([place(0, SHUT), place(seconds, SHUT)], fill=REFERENCE)
    for values, colour in ((true, TRUE), (made, MADE)):
        times = (np.arange(len(values)) + 0.5) / float(remade.clip.rate)
        draw.line([place(float(t), float(v)) for t, v in zip(times, values, strict=True)], fill=colour, width=2)
    title = (
        f"{remade.clip.name}: opening over the distance of the eyes, film blue, made orange; below the grey line: shut"
    )
    draw.text((MARGIN, 8), title, fill="black")
    _save(path, np.asarray(image))


def _pair(true: NDArray[np.uint8], made: NDArray[np.uint8], reference: bool) -> NDArray[np.uint8]:
    rule = np.empty((4, SIDE, 3), np.uint8)
    rule[:] = REFERENCE if reference else (255, 255, 255)
    return np.concatenate([true, made, rule])


def _save(path: Path, picture: NDArray[np.uint8]) -> None:
    with replacing(path) as temporary:
        Image.fromarray(picture).save(temporary, "PNG")
