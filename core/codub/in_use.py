"""Which weights a voice runs on where there are two: those that were imported, or those that were fetched.

HOME/weights/in-use.json    {"kokoro-82m": "kokoro-82m"} is back to the fetched ones; without it imported ones count
"""

import json

from codub import imported, weights
from codub.errors import UsageError, WeightsError
from codub.files import replacing
from codub.imported import IMPORTED, ImportedAsset

FILE_NAME = "in-use.json"


def stand_in(fetched: str) -> ImportedAsset | None:
    """The imported weights that are used instead of a fetched asset; None where the fetched ones are used themselves.

    Raises:
        WeightsError: the file that keeps the choice cannot be read.
    """
    if _chosen().get(fetched) == fetched:
        return None
    return next((asset for asset in IMPORTED.values() if asset.instead_of == fetched and imported.present(asset)), None)


def use(name: str) -> str:
    """From now on the weights of that name, imported or fetched; the name of the asset whose place is decided.

    Raises:
        UsageError: there is no choice with that name.
        WeightsError: they are not on this machine.
    """
    places = {asset.instead_of for asset in IMPORTED.values() if asset.instead_of}
    names = [*places, *(asset.name for asset in IMPORTED.values() if asset.instead_of)]
    if name not in names:
        raise UsageError(f"There is no choice of weights named '{name}'.", fix=f"There are: {', '.join(names)}.")
    if name in places:
        if not weights.present(weights.ASSETS[name]):
            raise WeightsError(f"The weights '{name}' are not on this machine.", fix=f"codub weights fetch {name}")
        _choose(name, name)
        return name
    imported.find(name)
    _choose(IMPORTED[name].instead_of, name)
    return IMPORTED[name].instead_of


def _choose(place: str, name: str) -> None:
    chosen = _chosen() | {place: name}
    with replacing(weights.home() / "weights" / FILE_NAME) as temporary:
        temporary.write_text(json.dumps(chosen) + "\n", encoding="utf-8")


def _chosen() -> dict[str, str]:
    path = weights.home() / "weights" / FILE_NAME
    if not path.is_file():
        return {}
    try:
        chosen = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(chosen, dict):
            raise ValueError("it holds no choices")
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"'{path}', which says what weights are in use, cannot be read.",
            cause=f"{error}.",
            fix="Remove the file: imported weights then count where there are any.",
        ) from error
    return chosen
