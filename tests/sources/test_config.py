"""The configuration: what it may say is taken, whatever else is refused with its file and line."""

import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.keys import _character_to_key

from lrstep.cli.options import configured
from lrstep.errors import LrstepError
from lrstep.session.commands import COMMANDS
from lrstep.sources.config import Config, config_path
from lrstep.sources.config_reader import CHOICES, FIXED, FLAGS, keys_as_toml, parse
from lrstep.sources.keynames import MODIFIERS, NAMED, NoKey, key_label, key_name, shown

ACTIONS = {command.id: command.keys for command in COMMANDS}
PATH = Path("config.toml")


def refused(text, actions=ACTIONS):
    """Message and hint of the refusal of a configuration."""
    with pytest.raises(LrstepError) as caught:
        parse(text, PATH, actions)
    return caught.value.message, caught.value.hint


# --- names of keys ---------------------------------------------------------------------------------


@given(st.characters())
@settings(deadline=None)
def test_a_character_has_the_name_that_the_terminal_library_gives_it(character):
    try:
        name = key_name(character)
    except NoKey:
        assert not character.isprintable() or "-" in unicodedata.name(character)
        return
    if name not in NAMED:
        assert name == _character_to_key(character)
    assert key_name(shown(name)) == name


@pytest.mark.parametrize("key", sorted({key for command in COMMANDS for key in command.keys}))
def test_every_key_of_the_stepper_can_be_written_as_it_is_shown(key):
    assert key_name(key) == key
    assert key_name(shown(key)) == key


@given(st.lists(st.sampled_from(MODIFIERS), unique=True), st.sampled_from([*NAMED, *string.ascii_letters]))
@settings(deadline=None)
def test_what_is_shown_is_read_as_the_same_key(modifiers, base):
    name = key_name("+".join([*modifiers, base]))
    assert key_name(shown(name)) == name
    assert key_name("+".join([*reversed(modifiers), base])) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("PgDn", "pagedown"), ("Esc", "escape"), ("Return", "enter"), ("→", "right"), ("Ctrl+N", "ctrl+n"),
        ("shift+n", "N"), ("SHIFT+Tab", "shift+tab"), ("F5", "f5"), ("ctrl+i", "tab"), ("ctrl+[", "escape"),
        ("Shift+Ctrl+Left", "ctrl+shift+left"), ("ctrl++", "ctrl+plus"), ("ö", "ö"), (" ", "space"),
    ],
)  # fmt: skip
def test_keys_may_be_written_in_the_usual_ways(written, name):
    assert key_name(written) == name


@pytest.mark.parametrize(
    "text", ["", "pagedwn", "ctrl+", "hyper+x", "f25", "f0", "xx", "shift+1", "shift+?", "\t", "\x1b", "a,b"]
)
def test_nonsense_is_no_key(text):
    with pytest.raises(NoKey):
        key_name(text)


# --- the file --------------------------------------------------------------------------------------


def test_all_of_it():
    text = """
theme = "light"
ascii = true
mouse = false
plain = true
precision = "float64"
[keys]
next = ["n", "space"]
failed_next = "ctrl+n"
"""
    assert parse(text, PATH, ACTIONS) == Config(
        "light", True, False, True, "float64", {"next": ("n", "space"), "failed_next": ("ctrl+n",)}
    )


def test_nothing_in_it_changes_nothing():
    assert parse("# nothing\n", PATH, ACTIONS) == Config()


@given(st.permutations(sorted(ACTIONS)))
@settings(deadline=None, max_examples=30)
def test_the_printed_table_is_a_configuration_that_changes_nothing(order):
    keys = {action: ACTIONS[action] for action in order}
    text = keys_as_toml(keys, dict.fromkeys(ACTIONS, "help"))
    assert parse(text, PATH, ACTIONS).keys == ACTIONS


@given(st.sampled_from(sorted(ACTIONS)), st.sampled_from(sorted(ACTIONS)), st.data())
@settings(deadline=None)
def test_one_key_for_two_actions_is_refused_in_the_line_that_makes_it_so(one, other, data):
    key = data.draw(st.sampled_from(ACTIONS[other]))
    text = f'\n[keys]\n{one} = "{key}"\n'
    if one == other:
        assert parse(text, PATH, ACTIONS).keys == {one: (key,)}
    elif key in FIXED:
        message, _ = refused(text)
        assert message.startswith("config.toml, line 3: ") and FIXED[key] in message
    else:
        message, hint = refused(text)
        assert message.startswith("config.toml, line 3: ")
        assert one in message and other in message and repr(shown(key)) in message
        assert f"{other} has it by default" in hint


def test_two_actions_may_exchange_their_keys():
    text = '[keys]\nnext = ["left"]\nback = ["right"]\n'
    assert parse(text, PATH, ACTIONS).keys == {"next": ("left",), "back": ("right",)}


def test_a_clash_of_two_lines_names_the_second():
    message, _ = refused('[keys]\nplay = "f5"\n\nzoom = ["f6",\n  "F5"]\n')
    assert message == "config.toml, line 4: 'f5' is a key of play and zoom"


@pytest.mark.parametrize(
    ("text", "line", "named", "hinted"),
    [
        ('thema = "dark"', 1, "thema", "theme"),
        ('\ntheme = "blue"', 2, "blue", "light"),
        ("theme = true", 1, "theme", "light"),
        ('mouse = "no"', 1, "mouse", "true or false"),
        ("mouse = 1", 1, "mouse", "true or false"),
        ('precision = "float16"', 1, "float16", "float64"),
        ("precision = 64", 1, "64", "float64"),
        ("keys = 3", 1, "keys", "[keys]"),
        ('[keys]\nnexd = "x"', 2, "nexd", "next"),
        ('[keys]\n\nzoom = "ctrl+"', 3, "ctrl+", "pagedown"),
        ('keys.zoom = "pagedn"', 1, "pagedn", "pagedown"),
        ("[keys]\nzoom = []", 2, "zoom", "f2"),
        ("[keys]\nzoom = [1]", 2, "zoom", "f2"),
        ("[keys]\nzoom = true", 2, "zoom", "f2"),
        ('[keys]\nzoom = ["z", ""]', 2, "''", "pagedown"),
        ('[keys]\nzoom = "esc"', 2, "esc", "another"),
        ('[keys]\nplay = "ctrl+c"', 2, "ctrl+c", "another"),
        ("theme = dark", 1, "TOML", "stands in quotes"),
        ("ascii = true\nmouse =", 2, "TOML", "name = value"),
        ("ascii = true\nascii = true", 2, "TOML", "name = value"),
        ('theme = "dark', 1, "TOML", "ends with a quote"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, line, named, hinted):
    message, hint = refused(text)
    assert message.startswith("config.toml")
    assert f"line {line}" in message
    assert named in message
    assert hinted in hint


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_taken_or_refused(text):
    try:
        parse(text, PATH, ACTIONS)
    except LrstepError as error:
        assert str(PATH) in error.message


JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=8), max_size=3)


@given(st.sampled_from([*CHOICES, *FLAGS]), JUNK)
@settings(deadline=None)
def test_only_the_values_that_are_documented_are_taken(name, value):
    written = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    if written is None:
        written = "[]" if value is None or isinstance(value, list) else value if isinstance(value, int) else None
    if written is None:
        written = "'''" + value.replace("'", "").replace("\r", "") + "'''"
        if not value.isprintable():
            return
    valid = isinstance(value, bool) if name in FLAGS else value in CHOICES[name]
    try:
        config = parse(f"{name} = {written}", PATH, ACTIONS)
    except LrstepError:
        assert not valid
    else:
        assert valid and getattr(config, name) == value


# --- where it is -----------------------------------------------------------------------------------


def test_the_variable_names_the_file(tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    monkeypatch.setenv("LRSTEP_CONFIG", str(path))
    assert config_path() == path
    assert configured() == Config()
    path.write_text('theme = "light"')
    assert configured().theme == "light"


def test_without_the_variable_it_is_in_the_folder_for_configurations(tmp_path, monkeypatch):
    monkeypatch.delenv("LRSTEP_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_path().name == "config.toml"
    assert config_path().parent.name == "lrstep"


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("LRSTEP_CONFIG", str(tmp_path))
    with pytest.raises(LrstepError) as caught:
        configured()
    assert str(tmp_path) in caught.value.message
    (tmp_path / "c.toml").write_bytes(b'theme = "dark"\n\xff')
    monkeypatch.setenv("LRSTEP_CONFIG", str(tmp_path / "c.toml"))
    with pytest.raises(LrstepError) as caught:
        configured()
    assert "c.toml, line 2" in caught.value.message


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("pagedown", "PgDn"), ("shift+down", "Shift+↓"), ("question_mark", "?"), ("ctrl+p", "Ctrl+P"), ("n", "n"),
        ("ctrl+slash", "Ctrl+/"), ("ctrl+delete", "Ctrl+DELETE"), ("f1", "F1"), ("delete", "Delete"),
        ("alt+ctrl+equals_sign", "Alt+Ctrl+="),
    ],
)  # fmt: skip
def test_keys_are_labelled_as_they_look_on_the_keyboard(key, label):
    assert key_label(key) == label
