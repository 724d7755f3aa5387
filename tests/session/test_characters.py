"""What stands for a character where only ASCII can be shown."""

import sys

from lrstep.session.characters import in_a_cell, to_ascii


def test_in_a_cell_stands_one_character_or_none():
    found = {chr(code): in_a_cell(chr(code)) for code in range(128, 0x3000)}
    assert {len(text) for text in found.values() if text is not None} == {1}
    assert all(text.isascii() for text in found.values() if text is not None)
    assert "".join(found[sign] for sign in "─│╭┼━┃═║╎•●◆■✓✗→←↑↓≤≥…▸×−█▁▲▼") == "-|++-|=||oo##vX><^v<>~>x-#_^v"
    assert "".join(found[sign] for sign in "▉▊▋▌▍▎▏") == "###||||"  # the end of a bar that scrolls
    assert [found[sign] for sign in "√Σ²ŷρεμβθ½±½∞äé"] == [None] * 15


def test_in_a_line_a_character_may_be_a_word():
    assert to_ascii("√(v+ε) → ŷ ≤ w₁·x²") == "sqrt(v+eps) -> y^ <= w1*x^2"
    assert to_ascii("κ·d, ω, β₁ᵗ") == "kappa*d, omega, beta1^t"
    assert to_ascii("√L, m/(√v_w+ε), -√1.5, √3.") == "sqrt(L), m/(sqrt(v_w)+eps), -sqrt(1.5), sqrt(3)."
    assert to_ascii("plain, äé") == "plain, ??" and to_ascii("高") == "?"
    assert all(to_ascii(chr(code)).isascii() for code in range(128, sys.maxunicode, 97) if not 0xD7FF < code < 0xE000)
