"""Slips about what is done in a step: its rate, settings, gradient, and what the optimizer keeps."""

import math

import numpy as np

from tests.why.learners import Learner
from tests.why.slip_parts import (
    PARAMETER,
    RMSPROP,
    Slip,
    adam,
    added_up,
    all_samples,
    bias_after,
    changed,
    delayed,
    exchanged,
    first_square,
    forget,
    gradient_of,
    mean_of_squares,
    numeric,
    one_by_one,
    one_feature,
    optimizer,
    rate,
    rms,
    shared,
    short_batch,
    under_root,
)

STEPS: tuple[Slip, ...] = (
    # the learning rate
    Slip("a rate of 0.02", ("learning rate 0.02",), {"lr": 0.02}, where=lambda base: base.name != "anscombe adam"),
    Slip("a rate of 0.2", ("learning rate 0.2",), {"lr": 0.2}, where=optimizer("rmsprop", "adam", "adagrad")),
    Slip("a rate of 0.0001", ("learning rate 0.0001", "learning rate 1e-4", "learning rate 1e-04"), {"lr": 1e-4}),
    Slip("decay 0.01 a step", ("decay",), rate(lambda self, t: self.lr / (1 + 0.01 * (t - 1)))),
    Slip("decay lr/epochs", ("decay",), rate(lambda self, t: self.lr / (1 + self.lr / self.epochs * (t - 1)))),
    Slip("decay 0.1 an epoch", ("decay",), rate(lambda self, t: self.lr / (1 + 0.1 * (self.epoch - 1)))),
    Slip("times 0.9 an epoch", (("0.9", "epoch"),), rate(lambda self, t: self.lr * 0.9 ** (self.epoch - 1))),
    Slip("times 0.96 a step", ("0.96",), rate(lambda self, t: self.lr * 0.96 ** (t - 1))),
    Slip("halved each epoch", (("0.5", "epoch"), ("halv", "epoch")), rate(lambda self, t: self.lr * 0.5 **
         (self.epoch - 1))),
    Slip("over the root of t", ("√t", "root of t"), rate(lambda self, t: self.lr / math.sqrt(t))),
    Slip("over t", ("/t", "by t", "1/t", "over t"), rate(lambda self, t: self.lr / t)),
    Slip("linear to 0", ("linear",), rate(lambda self, t: self.lr * (1 - (t - 1) / (self.epochs * -(-len(self.y) //
         self.size))))),
    Slip("cosine", ("cosine",), rate(lambda self, t: self.lr * (1 + math.cos(math.pi * (t - 1) / (self.epochs *
         -(-len(self.y) // self.size)))) / 2)),
    Slip("warm-up of 10", ("warm",), rate(lambda self, t: self.lr * min(t / 10, 1))),
    Slip("bias at twice the rate", (("bias", "twice"), ("bias", "learning rate")), changed(lambda g, theta:
         np.append(g[:-1], 2 * g[-1])), where=optimizer("sgd"), about=PARAMETER),
    # other settings
    Slip("rho 0.8", ("rho 0.8",), {"rho": 0.8}, where=RMSPROP),
    Slip("rho 0.999", ("rho 0.999",), {"rho": 0.999}, where=optimizer("rmsprop", "rmsprop-pytorch")),
    Slip("beta_1 0.95", (("beta", "0.95"),), {"b1": 0.95}, where=optimizer("adam")),
    Slip("beta_2 0.99", (("beta", "0.99"),), {"b2": 0.99}, where=optimizer("adam")),
    Slip("beta_2 0.9", (("beta", "0.9"),), {"b2": 0.9}, where=optimizer("adam")),
    Slip("betas exchanged", (("beta_1 0.999", "beta_2 0.9"), ("β", "exchanged")), {"b1": 0.999, "b2": 0.9},
         where=optimizer("adam")),
    Slip("momentum 0.8", ("momentum 0.8",), {"mu": 0.8}, where=lambda base: not base.settings.get("momentum") and
         RMSPROP(base)),
    Slip("no momentum", ("momentum 0", "without the momentum", "plain gradient"), {"mu": 0.0}, where=lambda base:
         bool(base.settings.get("momentum"))),
    Slip("epsilon 0.001", ("epsilon 0.001", "epsilon 1e-3", "epsilon 1e-03"), {"eps": 1e-3}, where=RMSPROP,
         about=("weight", "bias", "full_loss", "step_bias")),
    Slip("batch size 8", ("batch size 8",), {"size": 8}, where=lambda base: base.settings.get("batch_size") != 8),
    Slip("batch size 7", ("batch size 7",), {"size": 7, "epochs": 12}, where=lambda base:
         base.settings.get("batch_size") != 7),
    Slip("batch size 32", ("batch size 32", "batch size 37", "batch size 12", "batch size 11", "batch size 22",
         "all samples"), {"size": 32, "epochs": 12}),
    Slip("weights of one", ("initial weight 1",), {"weight": 1.0}),
    Slip("weights of 0", ("initial weight 0", "initial weights 0"), {"weight": 0.0}),
    Slip("weights of 0.1", ("initial weight 0.1",), {"weight": 0.1}),
    Slip("a bias of 0.1", ("initial bias 0.1",), {"bias": 0.1}),
    Slip("a bias of 1", ("initial bias 1",), {"bias": 1.0}),
    Slip("randn with seed 42", (("42", "start"), ("42", "weight"), "initial weight 0.4967"), {"weight":
         float(np.random.RandomState(42).randn())}),
    Slip("randn with seed 0", (("0", "randn"), "initial weight 1.764"), {"weight":
         float(np.random.RandomState(0).randn())}),
    Slip("rand with seed 42", ("rand", "initial weight 0.3745"), {"weight": float(np.random.RandomState(42).rand())}),
    Slip("a sign of the start", ("initial weight",), {"start": lambda self, k: (np.full(k, -self.weight),
         self.bias)}),
    Slip("start exchanged", ("exchanged",), {"start": lambda self, k: (np.full(k, self.bias), self.weight)}),
    # the gradient
    Slip("of the absolute error", ("absolute",), gradient_of(np.sign)),
    Slip("of Huber's loss", ("Huber",), gradient_of(lambda e: np.clip(e, -1, 1))),
    Slip("of log cosh", ("cosh",), gradient_of(np.tanh)),
    Slip("of half the loss", ("without the 2", "½"), gradient_of(lambda e: e), where=optimizer("sgd")),
    Slip("of half the loss, shown", ("without the 2", "½", "Σ error·x"), gradient_of(lambda e: e),
         about=("gradient_weight", "gradient_bias")),
    Slip("summed", ("sum",), gradient_of(lambda e: 2 * e * len(e)), about=("gradient_weight", "gradient_bias",
         "accumulator_weight")),
    Slip("summed by sgd", ("sum",), gradient_of(lambda e: 2 * e * len(e)), where=optimizer("sgd")),
    Slip("over all samples' number", ("number of all", "all samples", "2/n"), {"changed": lambda self, g, theta: g *
         min(self.size, len(self.y)) / len(self.y)}, about=("gradient_weight", "gradient_bias"), where=lambda base:
         not short_batch(base)),
    Slip("of all samples", ("all samples", "batch size 12", "full batch", "batch size 37", "batch size 11",
         "batch size 22"), {"gradient": all_samples}),
    Slip("of the absolute value", ("|error|", "absolute", "opposite sign"), gradient_of(lambda e: 2 * np.abs(e))),
    Slip("of the cube", ("cube", "³"), gradient_of(lambda e: 2 * e**3), about=("gradient_weight", "gradient_bias")),
    Slip("of means", ("mean",), {"gradient": lambda self, x, y, w, b: (2 * np.mean(self.errors(x, y, w, b)) *
         x.mean(axis=0), 2 * float(np.mean(self.errors(x, y, w, b))))}),
    Slip("clipped at 1", ("clip",), changed(lambda g, theta: np.clip(g, -1, 1))),
    Slip("clipped at 5", ("clip",), changed(lambda g, theta: np.clip(g, -5, 5))),
    Slip("clipped at 0.5", ("clip",), changed(lambda g, theta: np.clip(g, -0.5, 0.5))),
    Slip("clipped to norm 1", ("norm",), changed(lambda g, theta: g / max(1.0, float(np.linalg.norm(g))))),
    Slip("with L2 0.01", ("L2", "weight_decay"), changed(lambda g, theta: g + np.append(0.02 * theta[:-1], 0))),
    Slip("with L1 0.01", ("L1",), changed(lambda g, theta: g + np.append(0.01 * np.sign(theta[:-1]), 0))),
    Slip("weight decay 0.01", ("decay",), {"move": lambda self, theta, x, y, t: (Learner.move(self, theta, x, y, t) -
         np.append(self.lr * 0.01 * theta[:-1], 0))}),
    Slip("exchanged", ("exchanged", "swapped"), changed(lambda g, theta: g[::-1]), where=one_feature),
    Slip("the bias after the weight", (("bias", "new weight"), ("bias", "after")), {"move": bias_after}),
    Slip("one step late", ("step before", "iteration before", "old weights", "late"), {"move": delayed}),
    Slip("added up", ("added up",), added_up(False)),
    Slip("added up in an epoch", (("added up", "epoch"),), added_up(True)),
    Slip("sample by sample", ("batch size 1", "each sample"), {"move": one_by_one}, where=optimizer("sgd",
         "rmsprop")),
    Slip("of the first sample", ("first sample",), {"gradient": lambda self, x, y, w, b: Learner.gradient(self, x[:1],
         y[:1], w, b)}),
    Slip("of the last sample", ("last sample",), {"gradient": lambda self, x, y, w, b: Learner.gradient(self, x[-1:],
         y[-1:], w, b)}),
    Slip("no bias in the prediction", ("without the bias",), {"errors": lambda self, x, y, w, b: x @ w - y},
         where=optimizer("rmsprop", "sgd")),
    Slip("the bias never moved", ("bias left", "bias"), changed(lambda g, theta: np.append(g[:-1], 0.0)),
         about=("weight", "loss", "rmse", "full_loss")),
    Slip("uphill", ("opposite sign",), changed(lambda g, theta: -g)),
    Slip("x left out", ("without x",), {"gradient": lambda self, x, y, w, b: (np.full(x.shape[1], 2 *
         np.mean(self.errors(x, y, w, b))), 2 * float(np.mean(self.errors(x, y, w, b))))}),
    Slip("x squared in it", ("x²",), {"gradient": lambda self, x, y, w, b: (2 * (x**2).T @ self.errors(x, y, w, b) /
         len(y), 2 * float(np.mean(self.errors(x, y, w, b))))}),
    Slip("y for x in it", ("y",), {"gradient": lambda self, x, y, w, b: (np.full(x.shape[1], 2 * np.mean(y *
         self.errors(x, y, w, b))), 2 * float(np.mean(self.errors(x, y, w, b))))}, where=one_feature),
    Slip("by differences of 0.01", ("difference",), numeric(0.01)),
    Slip("by differences of 0.1", ("difference",), numeric(0.1)),
    Slip("of the RMSE", ("RMSE",), {"gradient": lambda self, x, y, w, b: tuple(part / (2 *
         np.sqrt(np.mean(self.errors(x, y, w, b) ** 2))) for part in Learner.gradient(self, x, y, w, b))}),
    Slip("shapes that broadcast", ("broadcast",), {"gradient": lambda self, x, y, w, b: (2 * np.mean(((x @ w + b)[:,
         None] - y) * x[:, :1], keepdims=True)[0], 2 * float(np.mean(x @ w + b - np.mean(y))))}, where=one_feature),
    # what the optimizer keeps
    Slip("forgotten each epoch", ("reset", "epoch"), {"epoch_begins": forget}, where=optimizer("rmsprop", "adam",
         "rmsprop-pytorch")),
    Slip("forgotten each step", ("without the accumulator of the iteration before", "sign", "not carried"),
         rms(lambda self, old, g: (1 - self.rho) * g**2, under_root), where=RMSPROP),
    Slip("began at the first square", ("first",), {"step": first_square}, where=RMSPROP),
    Slip("began at 1", ("start", "TensorFlow 1", "initial accumulator"), {"v0": 1.0}, where=RMSPROP),
    Slip("adagrad from 0", ("initial_accumulator 0", "initial accumulator 0"), {"v0": 0.0},
         where=optimizer("adagrad")),
    Slip("one for all parameters", ("one accumulator", "shared", "all parameters"), {"step": shared}, where=RMSPROP),
    Slip("exchanged accumulators", ("exchanged", "other"), {"step": exchanged}, where=lambda base: RMSPROP(base) and
         one_feature(base)),
    Slip("without 1 - rho", ("without the factor 1 − ρ", "1 − ρ"), rms(lambda self, old, g: self.rho * old + g**2,
         under_root), where=RMSPROP),
    Slip("the sum of squares", ("Adagrad", "ρ"), rms(lambda self, old, g: old + g**2, under_root), where=RMSPROP),
    Slip("rho exchanged", (("ρ", "exchanged"), "rho 0.1"), rms(lambda self, old, g: (1 - self.rho) * old + self.rho *
         g**2, under_root), where=RMSPROP),
    Slip("absolute g in v", ("|g|", "g instead of g²"), rms(lambda self, old, g: self.rho * old + (1 - self.rho) *
         np.abs(g), under_root), where=RMSPROP),
    Slip("the old v", ("old", "before the step"), rms(mean_of_squares, lambda vs, eps: np.sqrt(vs[0] + eps)),
         where=RMSPROP,
         about=("bias", "step_weight", "full_rmse")),
    Slip("no root", ("without the root",), rms(mean_of_squares, lambda vs, eps: vs[1] + eps), where=RMSPROP),
    Slip("epsilon outside, 0.01", ("ε", "epsilon"), {"eps": 0.01} | rms(
         mean_of_squares, lambda vs, eps: np.sqrt(vs[1]) + eps),
         where=RMSPROP),
    Slip("v and m not corrected", ("correction",), adam(first=False, second=False), where=optimizer("adam")),
    Slip("only v corrected", ("correction", "rate ="), adam(first=False), where=optimizer("adam")),
    Slip("only m corrected", ("correction", "rate ="), adam(second=False), where=optimizer("adam")),
    Slip("t is the epoch", ("epoch", "t "), adam(lambda self, t: self.epoch), where=optimizer("adam")),
    Slip("t one too large", ("t + 1", "t one"), adam(lambda self, t: t + 1), where=optimizer("adam")),
    Slip("momentum of means", ("running mean",), {"step": lambda self, g, t: (self.slots.update(M=self.mu *
         self.slots["M"] - (1 - self.mu) * self.lr * g) or -self.slots["M"])}, where=lambda base:
         bool(base.settings.get("momentum"))),
    Slip("nesterov", ("esterov",), {"step": lambda self, g, t: (self.slots.update(M=self.mu * self.slots["M"] -
         self.lr * g) or self.lr * g - self.mu * self.slots["M"])}, where=lambda base:
         bool(base.settings.get("momentum"))),
    Slip("adam instead", ("Adam",), {"kind": "adam", "v0": 0.0}, where=optimizer("rmsprop", "sgd", "adagrad")),
    Slip("sgd instead", ("SGD", "plain gradient"), {"kind": "sgd"}, where=optimizer("rmsprop")),
    Slip("adagrad instead", ("Adagrad",), {"kind": "adagrad", "v0": 0.1}, where=optimizer("rmsprop", "adam")),
    Slip("rmsprop instead", ("RMSprop",), {"kind": "rmsprop", "v0": 0.0}, where=optimizer("sgd", "adam", "adagrad")),
    Slip("rmsprop 0.001 instead", (("RMSprop", "0.001"),), {"kind": "rmsprop", "lr": 0.001}, where=optimizer("sgd",
         "adam")),
    Slip("adam 0.001 instead", (("Adam", "0.001"),), {"kind": "adam", "lr": 0.001}, where=optimizer("rmsprop",
         "sgd")),
)  # fmt: skip
