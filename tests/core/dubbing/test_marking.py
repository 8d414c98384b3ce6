"""A dubbed timeline that somebody edited is told from the one that codub wrote."""

from pathlib import Path

from codub.dubbing.marking import edited_since_written, mark_written


def test_only_an_edit_after_writing_counts(tmp_path: Path) -> None:
    output, folder = tmp_path / "DUBBED.otio", tmp_path / "DUBBED.codub"
    assert not edited_since_written(output, folder)  # nothing is there
    output.write_text("somebody's own")
    assert not edited_since_written(output, folder)  # codub never wrote it
    mark_written(output, folder)
    assert not edited_since_written(output, folder)
    output.write_text("edited in the editor")
    assert edited_since_written(output, folder)
    mark_written(output, folder)
    assert not edited_since_written(output, folder)
    output.unlink()
    assert not edited_since_written(output, folder)


def test_saving_the_same_content_again_is_no_edit(tmp_path: Path) -> None:
    output = tmp_path / "DUBBED.otio"
    output.write_text("as written")
    mark_written(output, tmp_path / "DUBBED.codub")
    output.write_text("as written")
    assert not edited_since_written(output, tmp_path / "DUBBED.codub")
