"""What happens to a panel's session in tests: takes arrive, projects are opened anew."""

from dataclasses import replace
from fractions import Fraction

from codub.dubbing.record import TakeRecord, delivery_settings
from codub.dubbing.takes import TakesStore
from codub.speech.model import Fit
from codub_panel.project.session import Ground, PanelSession


def keep(session: PanelSession, number: int, *, store: TakesStore | None = None, **changes: object) -> TakeRecord:
    """What the worker does: a take of the line as it is now, chosen."""
    line, store = session.line(number), store or session.store
    fit = Fit(0.8, float(line.cue.window), 0.8, 1.0)
    settings = {"spoken_from": str(line.cue.start), **delivery_settings(line.delivery)}
    record = TakeRecord(number, "es", line.cue.text, "ANA", 0, "embedded", fit=fit, settings=settings)
    kept = store.add(replace(record, **changes), {})
    return store.select(number, kept.take, "es")


def dub(session: PanelSession, *numbers: int) -> None:
    """Let every one of the lines get a take."""
    session.enqueue(numbers)
    for _ in numbers:
        request = session.next_request()
        assert request is not None
        keep(session, request["cues"][0], seed=request["seed"])
        session.finished()


def again(session: PanelSession) -> PanelSession:
    """The same project opened anew, with nothing handed over but the disk."""
    lines = [replace(line, cue=session.original(line.cue.number), takes=(), chosen=None) for line in session.lines]
    plain = [type(line)(line.cue, line.voice, line.parts, line.sounds) for line in lines]
    return PanelSession(plain, TakesStore.open(session.store.folder), session.job, Ground(Fraction(25)))


def states(session: PanelSession) -> list[str]:
    return [line.state.value for line in session.lines]
