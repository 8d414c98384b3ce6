"""Hook script `codub_show`: switches a dubbed timeline to the original or to a dub as it is read."""

from collections.abc import Mapping
from typing import Any

import opentimelineio as otio

from codub.timeline.select import dubbed_languages, show_dub, show_original
from otio_codub.choice import ORIGINAL, wanted


def hook_function(in_timeline: Any, argument_map: Mapping[str, Any] | None = None) -> Any:
    """The timeline, switched if it has a dub and something was asked for; anything else as it came.

    A language that the timeline is not dubbed into changes nothing: hooks run on every file that a host opens.
    """
    choice = wanted(argument_map)
    if not choice or not isinstance(in_timeline, otio.schema.Timeline):
        return in_timeline
    languages = dubbed_languages(in_timeline)
    if choice == ORIGINAL and languages:
        show_original(in_timeline)
    elif choice in languages:
        show_dub(in_timeline, choice)
    return in_timeline
