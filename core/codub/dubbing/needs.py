"""The weights that a profile needs: which are here, and where the missing ones come from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codub import imported, in_use, weights
from codub.errors import WeightsError

if TYPE_CHECKING:
    from codub.dubbing.profile import Profile


@dataclass(frozen=True)
class Need:
    """One model's weights: whether they lie where they should, and what to do where they do not."""

    name: str
    purpose: str
    here: bool
    advice: str
    by_hand: bool


def needs(profile: "Profile", *, recording: bool = False) -> tuple[Need, ...]:
    """What a dub with this profile needs beside what ships; `recording`: of a human performance, not from text."""
    fetched = [_fetched(name) for name in profile.needs]
    by_hand = [*profile.imports, *(profile.imports_for_recordings if recording else ())]
    return (
        *fetched,
        *(
            Need(name, asset.purpose, imported.present(asset), asset.advice, by_hand=True)
            for name, asset in ((name, imported.IMPORTED[name]) for name in by_hand)
        ),
    )


def _fetched(name: str) -> Need:
    asset, instead = weights.ASSETS[name], in_use.stand_in(name)
    if instead is not None:
        return Need(instead.name, instead.purpose, True, instead.advice, by_hand=True)
    return Need(name, asset.purpose, weights.present(asset), f"codub weights fetch {name}", by_hand=False)


def require_weights(profile: "Profile", *, recording: bool = False) -> None:
    """Stop before any work is done if weights are missing.

    Raises:
        WeightsError: names all that are missing, and the command that fetches them or says where they are.
    """
    missing = [need for need in needs(profile, recording=recording) if not need.here]
    if not missing:
        return
    by_hand = [need.name for need in missing if need.by_hand]
    fixes, causes = [], []
    if len(by_hand) < len(missing):
        causes.append("They are other people's work and do not ship with codub.")
        fixes.append("Fetch them once: codub weights fetch")
    if by_hand:
        causes.append(f"{', '.join(by_hand)}: published by hand only, or made by your own training.")
        fixes.append(f"codub weights fetch {profile.name} says where each is; then: codub weights import FILE")
    raise WeightsError(
        f"The profile '{profile.name}' lacks the weights {', '.join(need.name for need in missing)}.",
        cause=" ".join(causes),
        fix="; ".join(fixes),
    )


def weights_lines(profile: "Profile", *, recording: bool = False) -> list[str]:
    """For a person: one line of what is here, and one for each that is missing with where it comes from."""
    asked = needs(profile, recording=recording)
    here = [need.name for need in asked if need.here]
    lines = [f"  weights of '{profile.name}': {', '.join(here) or 'none'} here"]
    return lines + [f"  ! missing: {need.name} ({need.purpose}): {need.advice}" for need in asked if not need.here]
