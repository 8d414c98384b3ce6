"""One small picture a line, made away from the interface and kept beside the takes."""

import hashlib
from collections import OrderedDict
from pathlib import Path
from threading import Condition

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage, QPixmap

from codub.errors import CodubError
from codub.files import replacing
from codub.media.probe import probe
from codub.media.video import read_frames
from codub_panel.project.session import Line

WIDTH, HEIGHT = 96, 54
_SCALE = 2  # pixels a point: sharp on fine screens too
_WAITING = 64  # requests kept: what was scrolled past is not made
_KEPT = 1500  # pictures in memory, 80 kB each

Key = tuple[Path, int]
"""A media file and the number of a frame in it."""


class Thumbnails(QObject):
    """Pictures of lines. Asking never waits: what is not there yet is announced by `ready` once it is."""

    ready = Signal(object)  # Key

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: OrderedDict[Key, QPixmap | None] = OrderedDict()
        self._maker = _Maker(folder, self)
        self._maker.made.connect(self._made)

    def of(self, line: Line) -> QPixmap | None:
        """The picture of a line; None while it is not there, or where there is none."""
        key = key_of(line)
        if key is None:
            return None
        if key in self._pictures:
            return self._pictures[key]
        self._maker.want(key)
        return None

    def close(self) -> None:
        """Make no more."""
        self._maker.end()

    def _made(self, key: Key, image: QImage) -> None:
        self._pictures[key] = None if image.isNull() else QPixmap.fromImage(image)
        while len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        self.ready.emit(key)


def key_of(line: Line) -> Key | None:
    """The middle frame of the line's first picture; None for a line off screen."""
    if not line.parts:
        return None
    part = line.parts[0]
    return part.media, part.first_frame + part.frame_count // 2


def kept_path(folder: Path, key: Key) -> Path:
    """Where the picture is kept; other media under the same name has another."""
    media, frame = key
    try:
        state = media.stat()
        stamp = f"{state.st_mtime_ns} {state.st_size}"
    except OSError:
        stamp = ""
    name = hashlib.sha256(f"{media} {stamp} {frame}".encode()).hexdigest()[:24]
    return folder / "thumbnails" / f"{name}.jpg"


class _Maker(QThread):
    """Makes what was asked for last first: that is what is on the screen."""

    made = Signal(object, QImage)

    def __init__(self, folder: Path, owner: QObject) -> None:
        super().__init__(owner)
        self._folder = folder
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._news = Condition()
        self._ends = False

    def want(self, key: Key) -> None:
        """Make this one next."""
        with self._news:
            self._wanted[key] = None
            self._wanted.move_to_end(key)
            while len(self._wanted) > _WAITING:
                self._wanted.popitem(last=False)
            self._news.notify()
        if not self.isRunning() and not self._ends:
            self.start(QThread.Priority.LowPriority)

    def end(self) -> None:
        """Stop, and wait until it has."""
        with self._news:
            self._ends = True
            self._news.notify()
        self.wait()

    def run(self) -> None:
        """Make pictures until the end."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._ends or self._wanted)
                if self._ends:
                    return
                key, _ = self._wanted.popitem(last=True)
            self.made.emit(key, _image(self._folder, key))


def _image(folder: Path, key: Key) -> QImage:
    path = kept_path(folder, key)
    image = QImage(str(path)) if path.is_file() else QImage()
    if image.isNull():
        try:
            _make(path, *key)
        except (CodubError, OSError):  # the line's media is told of elsewhere; here is only no picture
            return QImage()
        image = QImage(str(path))
    image.setDevicePixelRatio(_SCALE)
    return image


def _make(path: Path, media: Path, frame: int) -> None:
    info = probe(media).require_video()
    aspect = info.width * float(info.sample_aspect) / info.height
    width, height = WIDTH * _SCALE, HEIGHT * _SCALE
    size = (min(width, round(height * aspect)), min(height, round(width / aspect)))
    for picture in read_frames(media, frame, 1):
        small = Image.fromarray(np.asarray(picture)).resize(size, Image.Resampling.BILINEAR)
        with replacing(path) as temporary:
            small.save(temporary, quality=85)
