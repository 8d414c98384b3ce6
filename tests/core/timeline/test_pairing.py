"""Translated and original cues find each other by time; cues find the timeline's clock."""

from fractions import Fraction

from codub.timeline.cues import Cue, on_timeline_clock
from codub.timeline.pairing import pair_cues


def cue(number: int, start: float, end: float, text: str = "", speaker: str = "", language: str = "es") -> Cue:
    return Cue(number, text or f"line {number}", language, speaker, Fraction(start), Fraction(end))


def test_cues_pair_by_the_time_they_share_and_inherit_the_speaker() -> None:
    source = [cue(10, 1, 2, "One", "ANNA"), cue(11, 2.5, 4, "Two", "BEN"), cue(12, 9, 10, "Nobody's")]
    pairing = pair_cues([cue(1, 1.1, 2.1), cue(2, 2.5, 3.9), cue(3, 6, 7)], source)
    assert [(c.source_text, c.speaker) for c in pairing.cues] == [("One", "ANNA"), ("Two", "BEN"), ("", "")]
    assert [c.number for c in pairing.unpaired] == [3]
    assert [c.number for c in pairing.untranslated] == [12]


def test_one_translation_gathers_two_originals_and_one_original_serves_two() -> None:
    gathered = pair_cues([cue(1, 0, 4)], [cue(1, 0, 2, "A.", "X"), cue(2, 2, 4, "B.", "Y")]).cues[0]
    assert (gathered.source_text, gathered.speaker) == ("A. B.", "")
    served = pair_cues([cue(1, 0, 2), cue(2, 2, 4)], [cue(1, 0, 4, "Both.")]).cues
    assert [c.source_text for c in served] == ["Both.", "Both."]


def test_a_touch_is_no_pair() -> None:
    assert pair_cues([cue(1, 0, 2)], [cue(1, 1.8, 4)]).untranslated


def test_overlapping_cues_pair_by_speaker() -> None:
    source = [cue(1, 0, 2, "A.", "ANNA"), cue(2, 0.5, 2.5, "B.", "BEN")]
    pairing = pair_cues([cue(1, 0, 2, speaker="ANNA"), cue(2, 0.5, 2.5, speaker="BEN")], source)
    assert [c.source_text for c in pairing.cues] == ["A.", "B."]


def test_times_written_against_the_timecode_are_taken_back_to_the_start() -> None:
    hour, minute = Fraction(3600), Fraction(60)
    relative, absolute = (cue(1, 1, 2),), (cue(1, 3601, 3602),)
    assert on_timeline_clock(relative, minute, hour) == relative
    assert on_timeline_clock(absolute, minute, hour) == relative
    assert on_timeline_clock(absolute, minute, Fraction(0)) == absolute
    assert on_timeline_clock((cue(1, 100, 101),), minute, hour) == (cue(1, 100, 101),)
