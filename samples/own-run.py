"""The script that the sample own-run was recorded from: lrstep record -o own-run.toml own-run.py."""

import keras
import numpy as np

x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0])
y = np.array([5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2])

# No seed is set, as in most scripts: each time Keras draws another start weight and other batches.
model = keras.Sequential([keras.Input(shape=(1,)), keras.layers.Dense(1)])
model.compile(
    optimizer=keras.optimizers.RMSprop(learning_rate=0.05),
    loss="mean_squared_error",
    metrics=[keras.metrics.RootMeanSquaredError()],
)
model.fit(x, y, batch_size=4, epochs=4, verbose=2)
