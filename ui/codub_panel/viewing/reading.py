"""Reading away from the interface: one job at a time, and only the newest one's result counts."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, Signal

from codub.errors import CodubError


class Reader(QObject):
    """Runs jobs in a thread; `arrived` carries what the newest returned, or the `CodubError` that it raised."""

    arrived = Signal(object)
    _ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, "reader")
        self._newest = 0
        self._ended.connect(self._take)

    def read(self, job: Callable[[], object]) -> None:
        """Run this job; what earlier ones return is no longer wanted."""
        self._newest += 1
        number = self._newest
        self._pool.submit(job).add_done_callback(lambda future: self._done(number, future))

    def forget(self) -> None:
        """Nothing that was asked for is wanted any more."""
        self._newest += 1

    def close(self) -> None:
        """Wait for what runs, drop what waits."""
        self.forget()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, number: int, future: "Future[object]") -> None:
        if not future.cancelled():
            self._ended.emit(number, future.exception() or future.result())

    def _take(self, number: int, result: object) -> None:
        if isinstance(result, Exception) and not isinstance(result, CodubError):
            raise result  # a programmer's mistake is not to be hidden by a thread
        if number == self._newest:
            self.arrived.emit(result)
