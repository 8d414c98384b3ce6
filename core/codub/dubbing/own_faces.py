"""Which face a speaker has in a dub: the profile's, or the speaker's own where one was fitted and still holds."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from codub import weights
from codub.dubbing.adapted import FOLDER, Adapted, read_adapted, speaker_folder
from codub.dubbing.memory import media_key
from codub.dubbing.profile import Profile
from codub.errors import CodubError, WeightsError

if TYPE_CHECKING:
    from codub.dubbing.profile import Models
    from codub.face.model import FaceGenerator


def outdated(adapted: Adapted, folder: Path, profile: Profile) -> str:
    """Why the weights are not used with a profile as it is now, in words; "" where they are.

    Raises:
        WeightsError: the profile's own face is not on this machine.
    """
    if adapted.space != profile.space:
        return f"it is of the latent space '{adapted.space}', the profile speaks in '{profile.space}'"
    if adapted.base != _sha256(profile.face_file):
        return "the face that it was fitted from has been replaced since"
    path = speaker_folder(folder, adapted.speaker) / adapted.file
    if not path.is_file() or _sha256(path) != adapted.weights:
        return "its weights are missing or damaged"
    return ""


def adapted_text(folder: Path, speaker: str, profile: Profile) -> str:
    """What a list says of a speaker's own face; "" where none was fitted."""
    try:
        adapted = read_adapted(folder, speaker)
        if adapted is None:
            return ""
        if not adapted.better:
            return f"not adapted: after {adapted.steps} steps no better"
        why = outdated(adapted, folder, profile)
    except WeightsError as error:
        return f"not adapted: {error.message}"
    if why:
        return f"adaptation outdated: {why}"
    gain = sum(f.psnr_after - f.psnr_before for f in adapted.figures) / len(adapted.figures)
    return f"adapted ({gain:+.1f} dB on lines held out)"


class AdaptedFaces:
    """The speakers' own faces in one dub; `notes` say which of them are not used, and why."""

    def __init__(self, folder: Path, models: "Models") -> None:
        self._folder = folder
        self._models = models
        self._known: dict[str, Adapted | None] = {}
        self.notes: list[str] = []

    def face(self, speaker: str) -> "FaceGenerator | None":
        """The generator for a speaker; None where the profile's own is used."""
        from codub.face.loading import load_face_generator

        adapted = self._usable(speaker)
        if adapted is None:
            return None
        path = speaker_folder(self._folder, speaker) / adapted.file
        return self._models.memory.recall(
            ("adapted face", str(path), adapted.weights),
            lambda: load_face_generator(path, device=self._models.device),
        )

    def used(self, speaker: str) -> dict[str, str]:
        """sha256 of the speaker's own weights by name, for a take's record; empty where the profile's are used."""
        adapted = self._usable(speaker)
        if adapted is None:
            return {}
        return {f"{FOLDER}/{speaker_folder(self._folder, speaker).name}/{adapted.file}": adapted.weights}

    def _usable(self, speaker: str) -> Adapted | None:
        if speaker not in self._known:
            self._known[speaker] = self._look_up(speaker)
        return self._known[speaker]

    def _look_up(self, speaker: str) -> Adapted | None:
        try:
            adapted = read_adapted(self._folder, speaker)
            if adapted is None or not adapted.better:
                return None
            why = outdated(adapted, self._folder, self._models.profile)
        except CodubError as error:
            self.notes.append(f"{error.message} The profile's own face is used.")
            return None
        if why:
            again = f"codub adapt ... --speaker '{speaker}'"
            self.notes.append(f"The face fitted to '{speaker}' is not used: {why}. Fit it again: {again}")
            return None
        return adapted


def _sha256(path: Path) -> str:
    """sha256 of a weights file; worked out again only when the file is another."""
    return _sha256_of(media_key(path))


@lru_cache(maxsize=32)
def _sha256_of(key: tuple[str, int, int]) -> str:
    return weights.sha256_of(Path(key[0]))
