"""RMSprop of TensorFlow 1 (``tf.train.RMSPropOptimizer``): the accumulator starts at 1."""

from dataclasses import replace

from lrstep.core.optimizers import rmsprop
from lrstep.core.optimizers.base import VELOCITY

OPTIMIZER = replace(
    rmsprop.OPTIMIZER,
    name="rmsprop-tf1",
    title="RMSprop of TensorFlow 1",
    framework="TensorFlow 1",
    options=dict(rmsprop.OPTIMIZER.options) | {"epsilon": 1e-10},
    slots=(VELOCITY._replace(start=1.0), rmsprop.MOMENTUM, rmsprop.MEAN_GRADIENT),
    keras="",
)
