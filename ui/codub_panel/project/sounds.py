"""How a line is said in sounds, told while it is being typed."""

from pathlib import Path

from codub.dubbing.lexicon_file import FILE_NAME, read_lexicons
from codub.dubbing.profile import load_profile
from codub.errors import CodubError
from codub.speech.lexicon import NO_LEXICON, Lexicon
from codub.timeline.cues import Cue
from codub_panel.project.board import Job


class Sounds:
    """Reads lines as the dub will: in the profile's notation, with the project's lexicons as they stand.

    `folder` is that of the takes. The first line takes 0.1 s.
    """

    def __init__(self, job: Job, folder: Path) -> None:
        self._profile = load_profile(job.profile)
        self._folders = (folder, job.project.absolute().parent)
        self._lexicon: Lexicon = NO_LEXICON
        self._read_at: tuple[int, ...] = ()

    def of(self, cue: Cue, text: str) -> tuple[str, tuple[str, ...]]:
        """The sounds that a text for the cue is read as, and what of it is not said as it is written."""
        if not text.strip():
            return "", ()
        try:
            line = self._profile.phonemize(text, cue.language, self._words().of(cue.language, cue.number))
        except CodubError as error:
            return "", (error.message,)
        return "".join(line.symbols), line.notes

    def _words(self) -> Lexicon:
        """The lexicons, read anew where a file changed; a person may be writing in one meanwhile."""
        written = tuple(_written(folder / FILE_NAME) for folder in self._folders)
        if written != self._read_at:
            self._lexicon = read_lexicons(*self._folders)
            self._read_at = written
        return self._lexicon


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
