"""The sample project: where it lies, and a copy of it to work on."""

import shutil
from importlib import resources
from pathlib import Path

from codub.errors import UsageError

SAMPLE = "kitchen_table"


def sample_folder() -> Path:
    """The sample project: inside an installed package, or in the checkout that codub runs from.

    Raises:
        UsageError: neither has it.
    """
    package = Path(str(resources.files("codub")))
    for folder in (package / "sample_projects" / SAMPLE, package.parents[1] / "sample_projects" / SAMPLE):
        if (folder / "timeline.otio").is_file():
            return folder
    raise UsageError("The sample project did not come with this installation.", fix="Install codub again, or clone it.")


def copy_sample(place: Path) -> Path:
    """Folder of a copy of the sample project below `place`; one that is there already is used as it is.

    Raises:
        UsageError: the sample did not come with this installation, or `place` cannot be written.
    """
    folder = place / SAMPLE
    if (folder / "timeline.otio").is_file():
        return folder
    source = sample_folder()
    try:
        return shutil.copytree(source, folder, dirs_exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The sample project cannot be copied to '{folder}'.", cause=f"{error.strerror or error}."
        ) from error
