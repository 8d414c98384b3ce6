"""The machine-readable mark that every generated file carries (EU AI Act, article 50; IPTC digital source types)."""

from collections.abc import Mapping
from pathlib import Path

from codub import __version__
from codub.media.probe import probe

COMMENT = "AI-generated dub"
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOUND_SOURCE = f"{_IPTC}trainedAlgorithmicMedia"  # wholly generated
PICTURE_SOURCE = f"{_IPTC}compositeWithTrainedAlgorithmicMedia"  # a recording with a generated part


def picture_tags(**facts: str) -> dict[str, str]:
    """Container metadata of a film with a generated mouth or voice; `facts` (cue, take ...) are added as they are."""
    return _tags(PICTURE_SOURCE, facts)


def sound_comment(**facts: str) -> str:
    """Comment of a WAV file with a generated voice: `COMMENT`, then `name=value` pairs."""
    pairs = "; ".join(f"{name}={value}" for name, value in _tags(SOUND_SOURCE, facts).items() if name != "comment")
    return f"{COMMENT}; {pairs}"


def is_marked(path: Path | str) -> bool:
    """Whether the file says that it was generated.

    Raises:
        MediaError: the file cannot be read.
    """
    return any(COMMENT in value for value in probe(path).tags.values())


def _tags(source: str, facts: Mapping[str, str]) -> dict[str, str]:
    return {"comment": COMMENT, "codub": __version__, "digital_source_type": source, **facts}
