"""A line heard before it is dubbed: its voice in pieces, each as soon as it is made; nothing of it is kept."""

from collections.abc import Callable

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.cast.casting import read_cast
from codub.dubbing.consent import ConsentLedger
from codub.dubbing.events import Progress
from codub.dubbing.lexicon_file import read_lexicons
from codub.dubbing.needs import require_weights
from codub.dubbing.profile import load_profile
from codub.dubbing.request import DubRequest
from codub.dubbing.speak import speak_in_pieces
from codub.dubbing.studio import Studio
from codub.dubbing.takes import takes_folder
from codub.dubbing.voices import Voices
from codub.errors import UsageError
from codub.timing import DELIVERY_RATE

Piece = NDArray[np.float32]
"""Mono at 48 kHz; it goes on where the one before ends."""


def rehearse(request: DubRequest, studio: Studio, progress: Progress, heard: Callable[[Piece], None]) -> None:
    """Say the one cue asked for as a dub would, and give each piece to `heard` when it is made.

    The first comes half a CPU-second after the speaker's style is known, which is worked out once. The level is the
    voice's own, not the original line's, and no word is louder than others. An error that `progress` raises stops it.

    Raises:
        CodubError: the line cannot be spoken, or nobody declared that its speaker agreed.
    """
    request.check()
    if len(request.cues) != 1:
        raise UsageError("One line can be heard at a time.", fix="Name one cue.")
    profile, project = load_profile(request.profile), studio.project(request)
    require_weights(profile, recording=False)
    profile.require_language(project.language)
    (shot,), folder, beside = project.plan.shots, takes_folder(request.output), request.project.absolute().parent
    ConsentLedger(folder, beside).require(shot.voice)
    models = studio.models(profile)
    voices = Voices(project.plan, models, studio.store(request).styles, request.fit_seconds, read_cast(folder))
    style = voices.speaking(shot.voice, shot.cue.language, progress)
    words = read_lexicons(folder, beside).of(shot.cue.language, shot.cue.number)
    raised = soxr.ResampleStream(models.voice.synthesizer.sample_rate, DELIVERY_RATE, 1)
    for piece in speak_in_pieces(shot, style, models, request.seed, request.delivery(shot.cue.number), words):
        progress(0.0, f"cue {shot.cue.number}: voice")
        heard(raised.resample_chunk(piece.samples))
    heard(raised.resample_chunk(np.zeros(0, np.float32), last=True))
