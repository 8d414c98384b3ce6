"""Which matrix and range turn a stream's YUV into RGB and back, in swscale's and ffmpeg's words."""

from dataclasses import replace

from codub.media.probe import UNSPECIFIED, ColourTags

# H.273 matrix code -> (swscale by way of PyAV, ffmpeg's scale filter)
_MATRICES = {
    1: ("itu709", "bt709"),
    4: ("fcc", "fcc"),
    5: ("itu601", "bt601"),
    6: ("itu601", "bt601"),
    7: ("smpte240m", "smpte240m"),
    9: ("bt2020", "bt2020"),
    10: ("bt2020", "bt2020"),
}

# swscale's name -> weights of red and blue in luma: ITU-T H.273, table 4
_WEIGHTS = {
    "itu709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "itu601": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}


def matrix_names(tags: ColourTags, height: int) -> tuple[str, str]:
    """Names of the matrix for PyAV and for ffmpeg; untagged pictures are BT.601 up to 576 lines, else BT.709."""
    guess = 5 if height <= 576 else 1
    return _MATRICES.get(tags.matrix, _MATRICES[guess])


def luma_weights(tags: ColourTags, height: int) -> tuple[float, float]:
    """Weights of red and blue in luma, by the same matrix as `matrix_names`."""
    return _WEIGHTS[matrix_names(tags, height)[0]]


def is_full_range(tags: ColourTags) -> bool:
    """Whether luma uses 0..255; untagged YUV is limited."""
    return tags.range == "full"


def coded_tags(tags: ColourTags, height: int, *, limited: bool, matrix: int | None) -> ColourTags:
    """The tags of a YUV file made from pictures tagged `tags`.

    `limited` and `matrix` are what the codec insists on. RGB's matrix code 0 becomes the one encoded with.
    """
    if tags.matrix == 0:
        tags = replace(tags, range="limited", matrix=6 if height <= 576 else 1)
    if limited and is_full_range(tags):
        tags = replace(tags, range="limited")
    return tags if matrix is None else replace(tags, matrix=matrix)


def ffmpeg_params(tags: ColourTags) -> dict[str, str | int]:
    """Arguments of ffmpeg's `setparams` filter that write the tags, untagged ones included."""
    return {
        "range": {"limited": "limited", "full": "full"}.get(tags.range, "unspecified"),
        "color_primaries": tags.primaries or UNSPECIFIED,
        "color_trc": tags.transfer or UNSPECIFIED,
        "colorspace": tags.matrix or UNSPECIFIED,
    }
