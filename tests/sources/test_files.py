"""Names that a person types: read as a shell reads them, and refused in words where they cannot be."""

import contextlib
import os
import stat
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrstep.errors import LrstepError
from lrstep.sources.files import exists, mode_of, typed_path
from lrstep.sources.temporary import remove_unfinished, temporary_path
from lrstep.visible import visible


def test_a_tilde_is_the_home_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path("~/a.csv") == tmp_path / "a.csv"
    assert typed_path("~nosuchuser-at-all/a.csv") == Path("~nosuchuser-at-all/a.csv")
    assert typed_path("a~b.csv") == Path("a~b.csv")


def test_what_is_there_and_what_is_not(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    there = {name: exists(tmp_path / name) for name in ("file", "link", ".", "none", "none/x", "file/x")}
    assert there == {"file": True, "link": True, ".": True, "none": False, "none/x": False, "file/x": False}


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: text * 20))
@example("x" * 300)
@example("x\0")
@example("x/" * 5000)
def test_any_name_is_there_or_not_or_refused_in_words(text):
    try:
        assert exists(typed_path(text)) is os.path.lexists(typed_path(text))
    except LrstepError as error:
        assert error.hint
        assert len(os.fsencode(text)) > 255 or "\0" in text


def test_a_name_that_is_too_long_is_told_in_part():
    with pytest.raises(LrstepError) as caught:
        exists(Path("x" * 300))
    assert caught.value.message.startswith("x" * 79 + "…: this is no usable name: ")
    assert caught.value.hint == "Give a shorter name."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter any folder")
def test_a_folder_that_may_not_be_entered_is_said(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    try:
        with pytest.raises(LrstepError, match="no permission"):
            exists(closed / "a.csv")
    finally:
        closed.chmod(0o700)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")) | st.text("\x00\x1b\x7f\x85\n\r\u2028\u202eäß −é名"))
def test_what_is_shown_stays_on_one_line_and_steers_nothing(text):
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in shown)
    assert not any(unicodedata.bidirectional(character) in ("RLO", "LRO", "RLE", "LRE", "PDF") for character in shown)
    if text.isprintable():
        assert shown == text
    if "\\" not in text:
        assert shown.encode("latin-1", "backslashreplace").decode("unicode_escape") == text


def test_what_is_half_written_is_removed_where_there_is_no_time(tmp_path):
    begun = (temporary_path(tmp_path / name) for name in ("a.xlsx", "frames", "b.csv"))
    with contextlib.ExitStack() as stack:
        file, folder, finished = map(stack.enter_context, begun)
        file.write_text("half")
        folder.mkdir()
        (folder / "0001.png").write_text("half")
        finished.write_text("whole")
        finished.replace(tmp_path / "b.csv")
        remove_unfinished()
        assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


def test_what_cannot_be_looked_at_is_of_no_kind(tmp_path, monkeypatch):
    assert stat.S_ISDIR(mode_of(tmp_path)) and mode_of(tmp_path / "none") == mode_of(Path("a\0b")) == 0
    (tmp_path / "loop").symlink_to("loop")
    assert mode_of(tmp_path / "loop") == 0

    def closed(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", closed)
    assert mode_of(tmp_path) == 0
