"""Explanations as data: a phase as formula and as numbers, the mistakes behind ``why``, practice, contours."""
