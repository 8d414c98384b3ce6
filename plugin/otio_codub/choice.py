"""What a host asks to be shown."""

import os
from collections.abc import Mapping
from typing import Any

ARGUMENT = "codub_show"
VARIABLE = "CODUB_SHOW"
ORIGINAL = "original"


def wanted(arguments: Mapping[str, Any] | None) -> str:
    """ "original", a language, or "" where nothing is asked for."""
    stated = (arguments or {}).get(ARGUMENT) or os.environ.get(VARIABLE, "")
    return str(stated).strip()
