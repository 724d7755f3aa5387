"""A recorded run told in lines."""

from pathlib import Path

RECORDING = str(Path(__file__).parents[1] / "recording" / "mlcc.toml")


def test_each_number_is_followed_by_what_keras_had(talk):
    t = talk(RECORDING)
    assert "as it ran: 9 recorded steps." in t.opening and "Keras is starting" not in t.opening
    said = t("")
    for line in (
        "Keras, as it ran: of this batch loss 387.08182, agrees to",
        "Keras, as it ran: printed RMSE 19.674395, agrees to",
        "Keras, as it ran: -216.72115, agrees to",
        "Keras, as it ran: 112.82333, agrees to",
        "Keras, as it ran: -0.11846226, agrees to",
    ):
        assert line in said
    assert "Iteration 1: confirmed by Keras" in said
    assert "Keras, as it ran: -216.7211456298828, which agrees to" in t("x gradient_weight")
    assert "Not done: Keras computed this run in float32" in t("c float64")
    assert "Keras confirms 9 of the run's 9 steps" in t("c all")
    t("g 1.batch")
    assert "Keras, as it ran" not in t("show")


def test_it_is_left_by_a_yes_alone_and_come_back_to(talk):
    t = talk(RECORDING, at="4")
    assert t("s lr 0.2").strip() == "Leave the recording and go on as a free run? yes or no; undo comes back."
    assert "The recording stays open." in t("no") and t.session.run.recorded
    t("s lr 0.2")
    assert t("next").startswith("Iteration 5") and t.session.run.recorded
    assert "Not done: 'yes' is no command" in t("yes")
    assert "A free run from the start of mlcc.toml." in t("s lr 0.2", "yes")
    assert not t.session.run.recorded and "Keras, as it ran" not in t("")
    assert "Iteration 5 of 9" in t("undo") and t.session.run.recorded
    assert "A free run" in t("undo") and "A free run" in t("s lr 0.3")
    assert "as it ran" in t("s lr 0.05") and t.session.run.recorded  # its own settings are the recording


def test_n_looks_for_a_step_that_differs(talk, tmp_path):
    text = Path(RECORDING).read_text()
    (tmp_path / "run.toml").write_text(text.replace("0.172098,", "0.172198,").replace(",760.07855,", ",760.17855,"))
    t = talk(str(tmp_path / "run.toml"))
    assert "Iteration 4: DIFFERS from Keras" in t("n")
    assert "Iteration 5: DIFFERS from Keras" in t("n")
    assert "Iteration 4: DIFFERS from Keras" in t("N")
    assert "No checked step differs in this direction" in t("N")
