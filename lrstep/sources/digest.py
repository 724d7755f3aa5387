"""A fingerprint of data, to notice that it changed."""

import hashlib

import numpy as np

from lrstep.core.dataset import Dataset


def data_hash(dataset: Dataset) -> str:
    """SHA-256 of the values of features and label, in hexadecimal.

    The values and not the file: they decide the run. A remark added in another column changes nothing,
    while a new column that shifts the default choice of columns does.
    """
    digest = hashlib.sha256()
    for values in (*dataset.columns, dataset.y):
        digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()
