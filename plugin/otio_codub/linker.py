"""Media linker `codub_takes`: the original or the dubbed media of each clip."""

from collections.abc import Mapping
from typing import Any

import opentimelineio as otio

from codub.timeline.metadata import original_key
from codub.timeline.references import dub_keys
from otio_codub.choice import ORIGINAL, wanted


def link_media_reference(in_clip: otio.schema.Clip, media_linker_argument_map: Mapping[str, Any] | None = None) -> None:
    """Make the wanted reference of the clip its active one.

    Nothing is returned, because OTIO would write a returned reference over the active one. Of several takes the one
    that is active stays, else the first is taken; a clip without a dub in the language shows its original.
    """
    choice = wanted(media_linker_argument_map)
    if not choice:
        return
    keys = dub_keys(in_clip, choice) if choice != ORIGINAL else []
    if not keys:
        in_clip.active_media_reference_key = original_key(in_clip)
    elif in_clip.active_media_reference_key not in keys:
        in_clip.active_media_reference_key = keys[0]
