"""Still pictures: a photograph or an exported frame, read as films' frames are."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from codub.errors import MediaError
from codub.media.container import require_local
from codub.media.video import Frame

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"})
_LARGEST = 100_000_000  # pixels


def is_still(path: Path) -> bool:
    """Whether a file is a still picture, by its name."""
    return path.suffix.lower() in SUFFIXES


def read_picture(path: Path) -> Frame:
    """The picture as it is shown, RGB uint8 `(height, width, 3)`; transparent places are black.

    Raises:
        MediaError: the file is missing, is no picture, or is larger than 100 million pixels.
    """
    location = require_local(path)
    try:
        with Image.open(location) as picture:
            if picture.width * picture.height > _LARGEST:
                raise MediaError(
                    f"The picture '{path}' is {picture.width} x {picture.height} pixels large.",
                    cause="That is more than 100 million pixels.",
                    fix="Make a smaller copy of it.",
                )
            return np.array(ImageOps.exif_transpose(picture).convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(
            f"The picture '{path}' cannot be read.", cause=f"{error}.", fix="Export it again, as PNG or JPEG."
        ) from error
