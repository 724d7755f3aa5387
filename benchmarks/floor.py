"""The floor: a Textual app of one Static that counts keys; nothing that draws can cost less."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Floor(App[None]):
    """Shows how often → was pressed."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        self.count = 0
        yield Static("iteration 0")

    def key_right(self) -> None:
        self.count += 1
        self.query_one(Static).update(f"iteration {self.count}")

    def key_left(self) -> None:
        self.count -= 1
        self.query_one(Static).update(f"iteration {self.count}")

    def key_q(self) -> None:
        self.exit()


if __name__ == "__main__":
    Floor().run()
