"""Lines that people of the films never said, for their faces to say: what a dub asks of lips.

A film's own words at its own timing can be learned from a corpus of few words; a dub has others. There is no true
picture of these, so it is the shapes that are measured: lips shut in p, b, m, mouths open and round by the vowel.
Connected speech gives a vowel two or three frames, and what stands beside it moves these: its middle is looked at.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from codub.evaluation.lip_figures import LipFigures
from codub.evaluation.lip_shapes import SHUT, MouthShapes, Sound, joined, shape_of
from codub.evaluation.lips import LipClip, RemadeClip
from codub.evaluation.mouths import MouthTrack
from codub.latent import PhonemeSpan, SpeechLatent

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
SHORTEST = 0.07  # seconds: a shorter vowel is on its way from one shape to the next


def said_by(clips: Sequence[LipClip], latents: Sequence[SpeechLatent]) -> tuple[LipClip, ...]:
    """Every person's first film with each of the lines in the place of its words."""
    first = {clip.person: clip for clip in reversed(clips)}
    return tuple(
        LipClip(f"{person}-line{number}", person, clip.frames, clip.rate, latent, clip.mouth)
        for person, clip in sorted(first.items())
        for number, latent in enumerate(latents, 1)
    )


def shapes_alone(remade: RemadeClip) -> LipFigures:
    """Figures of a clip that says what its film does not: shapes, and nothing that compares with the film (NaN).

    p, b, m count for people whose lips the film shows shut: the mesh sees others' lips apart even when they are shut.
    """
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
        shapes=said_shapes(clip.latent.spans, clip.rate, remade.mouth, shuts=bool(clip.mouth.opening.min() < SHUT)),
    )


def said_shapes(spans: Sequence[PhonemeSpan], rate: Fraction, made: MouthTrack, *, shuts: bool) -> MouthShapes:
    """Sounds of a line in frames that follow at `rate`: of a vowel its middle frame, of p, b, m (if the person `shuts`
    the lips) the most closed one of the three in the middle."""
    found: dict[str, list[Sound]] = {}
    for span in joined(spans):
        name, middle = shape_of(span), int((span.start + span.end) / 2 * float(rate))
        closes = name == "pbm"
        if name in (None, "silence") or middle >= len(made) or (not shuts if closes else span.duration < SHORTEST):
            continue
        near = made.opening[max(0, middle - 1) : middle + 2]
        opening = float(near.min() if closes else made.opening[middle])
        found.setdefault(str(name), []).append(Sound(math.nan, opening, math.nan, float(made.width[middle])))
    return MouthShapes({name: tuple(sounds) for name, sounds in found.items()})
