"""Which moment stands where on the screen: zoom and pan of a view of time."""

from dataclasses import dataclass, replace

_FINEST = 0.0002  # s a pixel
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)  # s between the ruler's marks


@dataclass(frozen=True)
class TimeScale:
    """`width` pixels from second `left` on, `per_pixel` seconds each, within the span from `first` to `last`."""

    first: float
    last: float
    width: int
    left: float
    per_pixel: float

    @classmethod
    def of_all(cls, first: float, last: float, width: int) -> "TimeScale":
        """The whole span."""
        return cls(first, last, max(1, width), first, max(last - first, 0.01) / max(1, width))

    def x(self, seconds: float) -> float:
        """Pixel of a moment."""
        return (seconds - self.left) / self.per_pixel

    def seconds(self, x: float) -> float:
        """Moment at a pixel."""
        return self.left + x * self.per_pixel

    @property
    def right(self) -> float:
        """Second at the right edge."""
        return self.seconds(self.width)

    def zoomed(self, factor: float, x: float) -> "TimeScale":
        """`factor` times as near, the moment at pixel `x` staying there; never farther than the whole span."""
        widest = max(self.last - self.first, 0.01) / self.width
        per_pixel = min(widest, max(_FINEST, self.per_pixel / factor))
        return self._inside(self.seconds(x) - x * per_pixel, per_pixel)

    def panned(self, pixels: float) -> "TimeScale":
        """Moved on by so many pixels, as far as there is something."""
        return self._inside(self.left + pixels * self.per_pixel, self.per_pixel)

    def showing(self, seconds: float) -> "TimeScale":
        """Turned on, like a page, where that moment is not to be seen."""
        if self.left <= seconds <= self.right:
            return self
        return self._inside(seconds - 0.1 * self.width * self.per_pixel, self.per_pixel)

    def resized(self, width: int) -> "TimeScale":
        """The same stretch of time on another width."""
        width = max(1, width)
        return replace(self, width=width, per_pixel=self.per_pixel * self.width / width)

    def marks(self, apart: int = 90) -> tuple[float, list[float]]:
        """Seconds between the ruler's marks, at least `apart` pixels, and the seconds at which they stand."""
        step = next((step for step in _STEPS if step / self.per_pixel >= apart), _STEPS[-1])
        number = int(self.left / step)
        found = []
        while number * step <= self.right:
            if number * step >= self.left:
                found.append(number * step)
            number += 1
        return step, found

    def _inside(self, left: float, per_pixel: float) -> "TimeScale":
        latest = self.last - self.width * per_pixel
        return replace(self, left=max(self.first, min(left, latest)), per_pixel=per_pixel)
