"""Prints what Keras prints, and its start weight on standard error; the logs here were made with it:

python print_log.py keras BATCH_SIZE SHUFFLE VERBOSE EPOCHS SEED > NAME.log    (tf_keras for those called old)
"""

import importlib
import sys

import numpy as np

name, *numbers = sys.argv[1:]
batch_size, shuffle, verbose, epochs, seed = map(int, numbers)
keras = importlib.import_module(name)
x, y = np.loadtxt("samples/mlcc.csv", delimiter=",", skiprows=1).T
keras.utils.set_random_seed(seed)
model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
optimizer, metrics = keras.optimizers.RMSprop(0.05), [keras.metrics.RootMeanSquaredError()]
model.compile(optimizer, loss="mse", metrics=metrics)
print(float(model.get_weights()[0][0, 0]), file=sys.stderr)
model.fit(x, y, batch_size=batch_size, epochs=epochs, shuffle=bool(shuffle), verbose=verbose)
