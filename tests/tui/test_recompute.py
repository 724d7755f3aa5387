"""Whoever recomputes a shown number from the numbers shown gets it, to the digits shown: read off the screen."""

import math
import re

import pytest

from lrstep.core.iteration import Phase
from lrstep.core.settings import Settings
from lrstep.formulas.explain import quantities_of

NUMBER = r"-?(?:\d+\.?\d*(?:e[+-]\d+)?|inf|nan)"
VARIANTS = [
    ("mlcc", {}),
    ("mlcc", {"batch_size": 5, "epochs": 2}),
    ("line16-offset", {"batch_size": 3}),
    ("anscombe-4", {"batch_size": 1}),
]


def numbers(text):
    return [
        float(word) for word in re.findall(rf"(?<![\w.]){NUMBER}(?![\w.])", text.replace("(", " ").replace(")", " "))
    ]


def unit(text):
    """One unit of the last digit of a number as it is written."""
    mantissa, _, exponent = text.partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


class Panels:
    """The panels of a wide screen as text."""

    def __init__(self, lines):
        self.lines = [line.split("││")[0].strip("│ ") for line in lines]

    def line(self, start):
        return next(line for line in self.lines if line.startswith(start))

    def result(self, start, after=0):
        """The last number of a line, and one unit of its last digit."""
        line = self.lines[self.lines.index(self.line(start)) + after]
        word = re.findall(rf"(?<![\w.]){NUMBER}(?![\w.])", line)[-1]
        return float(word), unit(word)

    def table(self):
        rows = []
        for line in self.lines[self.lines.index(self.line("#")) + 1 :]:
            if line.startswith("├") or not line.strip("│ "):
                break
            rows.append(numbers(line.replace("│", " ")))
        return rows


def close(shown, computed, *inputs_relative):
    """Equal to the digits shown, granting the inputs the rounding of their own last digits."""
    value, last = shown
    room = last + sum(inputs_relative)
    assert abs(value - computed) <= room, (value, computed, room)


@pytest.mark.parametrize(("source", "settings"), VARIANTS, ids=lambda v: str(v))
async def test_each_panel_follows_from_what_is_shown(stepper, source, settings):
    async with stepper(source, size=(120, 40), **settings) as s:
        for _ in range(4):
            await s.press("right")
            run, number = s.session.run, s.place[0]
            panels = Panels(s.lines)
            table = panels.table()
            m = run.iteration(number).m
            assert len(table) == m
            w0, b0 = (numbers(panels.line(name).split("→")[0])[0] for name in ("w ", "b "))
            for _, x, y, prediction, error, square in table:
                scale = 1e-6 * (abs(w0 * x) + abs(b0) + abs(y) + 1e-4)
                close((prediction, 1e-6), w0 * x + b0, scale)
                close((error, 1e-6), prediction - y, scale)
                close((square, 1e-4), error**2, 2e-6 * abs(error) * (1 + abs(error)))
            sums = [sum(row[4] * row[1] for row in table), sum(row[4] for row in table)]
            size = sum(abs(row[4]) * (abs(row[1]) + 1) for row in table)
            for name, derivative, total in (("w", "∂L/∂w", sums[0]), ("b", "∂L/∂b", sums[1])):
                shown_total = numbers(panels.line(derivative))[-2]
                close((shown_total, 1e-5), total, 1e-6 * size)
                g, _ = panels.result(derivative)
                close(panels.result(derivative), 2 / m * shown_total, 1e-7 * abs(g))
                v = panels.result(f"v_{name}")
                kept, before, new, g_again = numbers(panels.line(f"v_{name} =").partition("=")[2].replace("²", " "))[:4]
                assert g_again == pytest.approx(g, rel=1e-7)
                close(v, kept * before + new * g**2, 3e-7 * abs(v[0]))
                lr, g_step, v_step, epsilon = numbers(panels.lines[panels.lines.index(panels.line(f"{name} ")) + 1])[:4]
                step = panels.result(f"{name} ", after=1)
                close(step, lr * g_step / math.sqrt(v_step + epsilon), 3e-7 * abs(step[0]))
                start = numbers(panels.line(f"{name} ").split("→")[0])[0]
                close(panels.result(f"{name} "), start - step[0], 2e-8 * abs(start) + 1e-8)
            mean = sum(row[5] for row in table) / m
            loss_line = numbers(panels.line("this batch, w before"))
            assert loss_line[1] == pytest.approx(mean, rel=1e-6)
            assert loss_line[0] == pytest.approx(math.sqrt(loss_line[1]), rel=1e-6)
            w1, b1 = panels.result("w ")[0], panels.result("b ")[0]
            full = sum((w1 * x + b1 - y) ** 2 for x, y in zip(run.dataset.x, run.dataset.y, strict=True))
            full_line = numbers(panels.line("all data, w after"))
            assert full_line[1] == pytest.approx(full / run.batches.n, rel=1e-5, abs=1e-6)
            assert full_line[0] == pytest.approx(math.sqrt(full_line[1]), rel=1e-6)


def evaluated(text):
    """The value of the right-hand side of "name = … = …" as it stands on the screen."""
    python = text.replace("·", "*").replace("²", "**2").replace("−", "-").replace("√", "math.sqrt")
    assert re.fullmatch(r"[\d\s.+*/()e-]|(?:[\d\s.+*/()e-]|math\.sqrt)+", python), text
    return eval(python, {"math": math, "__builtins__": {}})


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}, {"centered": True, "batch_size": 5}], ids=str)
async def test_each_explanation_follows_from_what_is_shown(stepper, settings):
    checked = 0
    async with stepper(size=(200, 60), **settings) as s:
        await s.press("right", "right", "right", "right", "right")
        run = s.session.run
        for phase in list(Phase)[1:]:
            s.session.go(5, phase)
            await s.pilot.pause()
            await s.press("x")
            for _ in quantities_of(phase, run):
                rows = ["".join(span.text for span in cells).strip() for cells in s.app.screen.query_one("Canvas").rows]
                for line in rows:
                    rest = line.partition(" = ")[2]
                    left, _, right = rest.rpartition(" = ")
                    if not left or not re.fullmatch(NUMBER, right.strip()) or re.search(r"[A-Za-zŷΣ_]", left):
                        continue
                    assert evaluated(left) == pytest.approx(float(right), rel=1e-12, abs=1e-13), line
                    checked += 1
                await s.press("right")
            await s.press("escape")
    assert checked > 15


def test_the_variants_take_their_settings():
    for _, settings in VARIANTS:
        Settings(**settings)
