"""What stays warm from one dub to the next in one process: models, voices, followed faces, the open project."""

from dataclasses import replace

from codub.dubbing.marking import MARK
from codub.dubbing.memory import Memory, media_key
from codub.dubbing.opening import DubProject, narrowed, open_project
from codub.dubbing.profile import Models, Profile
from codub.dubbing.request import DubRequest
from codub.dubbing.takes import TakesStore, takes_folder


class Studio:
    """Opened once for many dubs. A request finds here what an earlier one left, if the files are still the same.

    One thread. `close` lets go of the takes store; the studio can be used again after it.
    """

    def __init__(self) -> None:
        self.memory = Memory()
        self._models: dict[tuple[Profile, str], Models] = {}
        self._project: tuple[object, DubProject] | None = None
        self._store: TakesStore | None = None

    def models(self, profile: Profile) -> Models:
        """The models of a profile, with the studio's memory; each is loaded when it is first asked for."""
        key = profile, profile.mark  # which is another one once other weights were imported
        if key not in self._models:
            self._models[key] = Models(profile)
            self._models[key].memory = self.memory
        return self._models[key]

    def project(self, request: DubRequest) -> DubProject:
        """The open project with the plan of the cues asked for; read again only when one of its files changed.

        Raises:
            CodubError: as `open_project`.
        """
        if not request.cues:
            return self._whole(request)
        return narrowed(self._whole(request), request.cues)

    def store(self, request: DubRequest) -> TakesStore:
        """The takes store of the request's output, kept open.

        Raises:
            TakesError: it cannot be opened.
        """
        folder = takes_folder(request.output).absolute()
        if self._store is None or self._store.folder != folder or not (folder / "takes.sqlite").is_file():
            self.close()
            self._store = TakesStore.open(folder)
        return self._store

    def close(self) -> None:
        """Let go of the takes store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _whole(self, request: DubRequest) -> DubProject:
        files = [request.project, request.lines, request.output, takes_folder(request.output) / MARK]
        files += [request.source_lines] if request.source_lines is not None else []
        key = (*map(media_key, files), request.language, request.track, request.media_folders)
        if self._project is None or self._project[0] != key:
            self._project = key, open_project(replace(request, cues=()))
        return self._project[1]
