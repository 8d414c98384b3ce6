"""Text latents of clips whose words have no times: each line is laid onto the film's own sound, if it fits there."""

from collections.abc import Callable

import numpy as np

from codub.errors import CueError
from codub.latent import FloatArray
from codub.speech.alignment import FITS, RATE, Aligned, fit_of
from codub.training.spoken_clip import Line, SpokenClip

MARGIN = 0.3  # seconds of sound that a line is looked for before and after its stated time
LONGEST_LINE = 30.0  # seconds: alignment needs room that grows with the square


class MisfitError(CueError):
    """A transcript that is not what is said."""


def features_of_lines(
    clip: SpokenClip,
    *,
    posteriors: Callable[[FloatArray], FloatArray],
    lay: Callable[[Line, FloatArray], Aligned],
    features: Callable[[Aligned], FloatArray],
    silence: FloatArray,
) -> FloatArray:
    """Features `(C, T)` of what is said in a clip, silence between the lines.

    `posteriors` hears 16 kHz sound `(P, T)`, `lay` lays a line onto such scores, `features` are `(C, T)` of a line that
    was laid, `silence` `(C,)` is what stands where nothing is said.

    Raises:
        CueError: a line cannot be read, is too long, or is not what is heard (`MisfitError`).
    """
    count = -(-len(clip.sound()) * RATE // 16_000)
    whole = np.repeat(silence[:, None].astype(np.float32), count, 1)
    for line in clip.lines():
        begin = round((line.start - MARGIN) * RATE)
        length = round((line.end + MARGIN) * RATE) - begin
        if length > LONGEST_LINE * RATE:
            raise CueError(
                f"The line '{line.text[:40]}' lasts {line.end - line.start:.0f} s.", fix="Give shorter ones."
            )
        heard = posteriors(clip.around(begin / RATE, (begin + length) / RATE))
        aligned = lay(line, heard)
        fit = fit_of(aligned, heard)
        if fit < FITS:
            raise MisfitError(f"'{line.text[:40]}' is not what is heard ({fit:.1f}, {FITS} is needed).")
        _put(whole, features(aligned), begin)
    return whole


def _put(whole: FloatArray, part: FloatArray, begin: int) -> None:
    """Write a line's features to where it lies, as far as that is inside the clip."""
    first, last = max(0, begin), min(whole.shape[1], begin + part.shape[1])
    if first < last:
        whole[:, first:last] = part[:, first - begin : last - begin]
