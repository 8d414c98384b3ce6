"""Lines that people of the films never said, for their faces to say: what a dub asks of lips.

A film's own words at its own timing can be learned from a corpus of few words; a dub has others. There is no true
picture of these, so it is the shapes that are measured: lips shut in p, b, m, mouths open and round by the vowel.
"""

import math
from collections.abc import Sequence

from codub.evaluation.lip_figures import LipFigures
from codub.evaluation.lip_shapes import mouth_shapes
from codub.evaluation.lips import LipClip, RemadeClip
from codub.latent import SpeechLatent

LINES = (
    "Bob met three old friends at noon.",
    "Please open the map and show me the moon.",
    "My father said he knows a good place.",
    "She put the red coat on top of the box.",
    "Who made these pots for your mother?",
    "Ten people came home from the farm.",
    "You need a bigger car for both of them.",
    "No, leave them with Mark in the pool.",
)


def said_by(clips: Sequence[LipClip], latents: Sequence[SpeechLatent]) -> tuple[LipClip, ...]:
    """Every person's first film with each of the lines in the place of its words."""
    first = {clip.person: clip for clip in reversed(clips)}
    return tuple(
        LipClip(f"{person}-line{number}", person, clip.frames, clip.rate, latent, clip.mouth)
        for person, clip in sorted(first.items())
        for number, latent in enumerate(latents, 1)
    )


def shapes_alone(remade: RemadeClip) -> LipFigures:
    """Figures of a clip that says what its film does not: shapes, and nothing that compares with the film (NaN)."""
    clip, unknown = remade.clip, math.nan
    return LipFigures(
        clip.name,
        clip.person,
        len(remade.frames),
        mouth_psnr=unknown,
        mouth_ssim=unknown,
        crop_psnr=unknown,
        crop_ssim=unknown,
        copied_psnr=unknown,
        copied_ssim=unknown,
        distance=unknown,
        copied_distance=unknown,
        correlation=unknown,
        opening_ratio=unknown,
        sharpness=unknown,
        flicker=unknown,
        shapes=mouth_shapes(clip.latent.spans, clip.rate, clip.mouth, remade.mouth),
    )
