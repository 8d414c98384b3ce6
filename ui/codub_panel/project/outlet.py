"""Where the dub goes: the timeline that is sent back to the editor, listed before it is written."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from codub.dubbing.opening import DubProject, open_project
from codub.dubbing.request import DubRequest
from codub.dubbing.sending import Sending, list_changes, send_back
from codub_panel.project.session import PanelSession


class Outlet(Protocol):
    """What the panel's send-back list needs."""

    @property
    def output(self) -> Path:
        """The timeline to be written."""

    def listed(self) -> Sending:
        """What would change now; nothing is written."""

    def send(self) -> Sending:
        """Write it; what that changed."""


class ProjectOutlet:
    """The outlet of an open project. The project is read anew each time: it may have been edited meanwhile."""

    def __init__(self, request: DubRequest, session: PanelSession) -> None:
        self._request, self._session = request, session

    @property
    def output(self) -> Path:
        """The timeline to be written."""
        return self._request.output

    def listed(self) -> Sending:
        """What would change now; nothing is written.

        Raises:
            CodubError: the project or the lines cannot be read any more.
        """
        return list_changes(self._project(), self._session.store, self.output)

    def send(self) -> Sending:
        """Write it; what that changed.

        Raises:
            CodubError: the project or the lines cannot be read any more, or the timeline cannot be written.
        """
        return send_back(self._project(), self._session.store, self.output)

    def _project(self) -> DubProject:
        return open_project(replace(self._request, lines=self._session.spoken_lines()))
