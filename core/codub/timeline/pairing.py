"""Pairs translated cues with the original ones by the time they share."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from codub.timeline.cues import Cue


@dataclass(frozen=True)
class Pairing:
    """Translated cues with their source text; then those without a source, and sources without a translation."""

    cues: tuple[Cue, ...]
    unpaired: tuple[Cue, ...]
    untranslated: tuple[Cue, ...]


def pair_cues(translated: Sequence[Cue], source: Sequence[Cue]) -> Pairing:
    """Each translated cue with the text, and where it has none of its own the speaker, of what it translates.

    Two cues belong together when they share at least half of the shorter one. So one translated cue may gather several
    originals (their texts are joined), and one original may stand behind several translated cues (each gets it whole).
    Where two translated cues overlap, a named speaker takes only originals of the same name, if there are any.
    """
    paired, unpaired, used = [], [], set()
    for cue in translated:
        matches = [i for i, other in enumerate(source) if _belong(cue, other)]
        same = [i for i in matches if cue.speaker and source[i].speaker == cue.speaker]
        matches = same or matches
        if not matches:
            unpaired.append(cue)
            paired.append(cue)
            continue
        used.update(matches)
        originals = [source[i] for i in matches]
        names = {other.speaker for other in originals}
        paired.append(
            dataclasses.replace(
                cue,
                source_text=" ".join(other.text for other in originals),
                speaker=cue.speaker or (names.pop() if len(names) == 1 else ""),
                on_screen=cue.on_screen and any(other.on_screen for other in originals),
            )
        )
    untranslated = tuple(other for i, other in enumerate(source) if i not in used)
    return Pairing(tuple(paired), tuple(unpaired), untranslated)


def _belong(cue: Cue, other: Cue) -> bool:
    return 0 < min(cue.window, other.window) <= 2 * cue.overlap(other)
