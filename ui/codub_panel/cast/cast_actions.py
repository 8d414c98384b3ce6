"""What the cast's dock does: work given to the worker, faces and files chosen, statements recorded."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from codub.dubbing.cast.casting import FramePick
from codub.dubbing.consent import Consent
from codub.face.model import MOUTHS
from codub.timeline.placed import PlacedClip
from codub_panel.cast.cast_model import ADAPT, CastModel, LineInClip
from codub_panel.cast.cast_worker import CastJob, CastWorker
from codub_panel.cast.consent_form import ask_consent
from codub_panel.cast.face_picker import Chosen, FacePicker, Footage
from codub_panel.desk import Desk
from codub_panel.notice import Notice, Weight

_SOUNDS = "*.wav *.flac *.mp3 *.m4a *.aac *.ogg *.aif *.aiff *.mov *.mp4"


class CastActions(QObject):
    """Stands between the dock, the model and the worker; `owner` is the widget that dialogs belong to."""

    found = Signal()  # a worker's job has ended

    def __init__(self, model: CastModel, desk: Desk, owner: QWidget) -> None:
        super().__init__(owner)
        self._model, self._desk, self._owner = model, desk, owner
        self.worker = CastWorker(self)
        self.worker.ended.connect(self._ended)
        self._picker: FacePicker | None = None

    # Work

    def listen(self, speaker: str) -> None:
        """Listen to a speaker's reference."""
        self._do(self.tr("Listening to {name}").format(name=speaker), "listen", "--speaker", speaker)

    def refit(self, speaker: str) -> None:
        """Fit a speaker's voice and speak a sample, once somebody declared that the speaker agreed."""
        if self.agreed(speaker):
            self._do(self.tr("Fitting the voice of {name}").format(name=speaker), "refit", "--speaker", speaker)

    def adapt(self, speaker: str) -> None:
        """Fit the face to a speaker, once somebody declared that the speaker agreed."""
        if self.agreed(speaker):
            self._do(self.tr("Fitting the face to {name}").format(name=speaker), ADAPT, "--speaker", speaker)

    def look(self, *cues: int) -> None:
        """Look for the faces of these lines' clips, or of all."""
        numbers = [part for cue in cues for part in ("--cue", str(cue))]
        self._do(self.tr("Looking for faces"), "look", *numbers)

    def _do(self, name: str, verb: str, *arguments: str) -> None:
        self.worker.do(CastJob(name, tuple(self._model.command(verb, *arguments))))

    def _ended(self, name: str, problem: str) -> None:
        self._model.refresh()
        if self._picker is not None:
            self._picker.refresh()
        if problem:
            self._desk.tell(Notice(f"{name}: {problem.splitlines()[0]}", *_rest(problem), weight=Weight.TROUBLE))
        self.found.emit()

    # Consent

    def agreed(self, speaker: str) -> bool:
        """Whether a speaker agreed; asks, where nobody has declared it."""
        entry = self._model.entry(speaker)
        return (entry is not None and entry.agreed) or self.record_consent(speaker)

    def record_consent(self, speaker: str) -> bool:
        """Ask for a statement that a speaker agreed, and keep it; False when nobody gives one."""
        entry = self._model.entry(speaker)
        before = "" if entry is None or entry.consent is None else entry.consent.given_by
        consent = ask_consent(speaker, before, self._owner)
        if consent is not None:
            self._model.record_consent(consent)
        entry = self._model.entry(speaker)
        return entry is not None and entry.agreed

    def withdraw_consent(self, speaker: str) -> None:
        """Record that a speaker takes it back: nothing is generated any more."""
        question = self.tr("{name} no longer agrees to be dubbed.").format(name=speaker)
        name, said = QInputDialog.getText(
            self._owner, self.tr("Withdraw the consent"), f"{question}\n\n" + self.tr("Your name, to declare it:")
        )
        if said and name.strip():
            today = datetime.now(UTC).date().isoformat()
            statement = self.tr("The speaker no longer agrees.")
            self._model.record_consent(Consent(speaker, statement, name.strip(), today, scope=()))

    # Choosing

    def use_recording(self, speaker: str) -> None:
        """Ask for a sound file to take a voice from."""
        kinds = self.tr(
            "Sound and films (*.wav *.flac *.mp3 *.m4a *.aac *.ogg *.aif *.aiff *.mov *.mp4);;All files (*)"
        )
        path, _ = QFileDialog.getOpenFileName(self._owner, self.tr("A recording of {}").format(speaker), "", kinds)
        if path:
            self._model.set_recording(speaker, Path(path))
            self.listen(speaker)

    def use_pictures(self, speaker: str) -> None:
        """Ask for pictures of a person to make the whole mouth of; one is enough."""
        kinds = self.tr("Pictures (*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp)")
        paths, _ = QFileDialog.getOpenFileNames(self._owner, self.tr("Pictures of {}").format(speaker), "", kinds)
        if paths:
            self._model.set_identity(speaker, tuple(FramePick(str(Path(path).absolute())) for path in paths))
            self._look_for(speaker)

    def choose_mouth(self, speaker: str, kind: str) -> None:
        """Ask for the frame and the face that a kind of mouth is made of."""
        own = self._model.clips(speaker)
        footage = [
            Footage(job.clip, self._frame(job.clip, speaker, kind), partial(self._model.found, job)) for job in own
        ]
        question = self.tr("Go to a frame in which the mouth of {name} is {kind}, and choose the face.")
        words = {
            "closed": self.tr("closed"),
            "open": self.tr("open with teeth"),
            "between": self.tr("half open"),
            "rounded": self.tr("rounded, as in o and u"),
            "spread": self.tr("spread, as in e and i"),
        }
        chosen = self._pick(
            self.tr("A frame for the mouth"),
            question.format(name=speaker, kind=words[kind]),
            footage,
            self.tr("Use it"),
        )
        if chosen is not None:
            pick = FramePick(str(chosen.clip.media.absolute()), chosen.frame, chosen.box.middle)
            self._model.set_mouth(speaker, kind, pick)
            self._look_for(speaker)

    def choose_face(self, line: LineInClip) -> None:
        """Ask which face of a clip says a line."""
        number = line.shot.cue.number
        footage = Footage(
            line.job.clip,
            line.middle,
            partial(self._model.found, line.job),
            lambda found: found.speaking(number, line.told),
            lambda found, identity: found.reason(number, identity),
        )
        question = self.tr("Who says line {number}, “{text}”?")
        asked = question.format(number=number, text=line.shot.cue.source_text or line.shot.cue.text)
        chosen = self._pick(self.tr("The speaker's face"), asked, [footage], self.tr("This face speaks"))
        if chosen is not None:
            self._model.set_face(line, chosen.frame, chosen.box.middle)

    def _pick(self, title: str, question: str, footage: list[Footage], choose: str) -> Chosen | None:
        if not footage:
            self._desk.tell(Notice(self.tr("This speaker is seen in no clip.")))
            return None
        if any(one.found() is None for one in footage):
            self.look()
        self._picker = FacePicker(title, question, footage, choose, self._owner)
        self._picker.exec()
        picker, self._picker = self._picker, None
        picker.deleteLater()
        return picker.picked

    def _frame(self, clip: PlacedClip, speaker: str, kind: str) -> int:
        """The frame to begin with: the one that is used now."""
        for job in self._model.clips(speaker):
            found = self._model.found(job) if job.clip.address == clip.address else None
            for references in found.references if found is not None else ():
                frames = references.frames[MOUTHS.index(kind) : MOUTHS.index(kind) + 1]
                if references.speaker == speaker and frames and frames[0] >= 0:
                    return frames[0]
        return clip.first_frame

    def _look_for(self, speaker: str) -> None:
        self.look(*(shot.cue.number for shot in self._model.shots(speaker)))

    def close(self) -> None:
        """Stop the worker."""
        self.worker.close()


def _rest(problem: str) -> tuple[str, str]:
    lines = problem.splitlines()[1:]
    cause = next((line.removeprefix("why:").strip() for line in lines if line.startswith("why:")), "")
    fix = next((line.removeprefix("do:").strip() for line in lines if line.startswith("do:")), "")
    return cause, fix
