"""A plain textbook loop, written without a look at the engine: lists and floats, one statement per formula."""

import math


def textbook(x, y, *, batch_size, epochs, lr, rho, epsilon, momentum, centered, weight, bias, orders=None):
    """Yield a dict per iteration; ``orders`` has the row numbers of each epoch, by default the data's order."""
    w, b = weight, bias
    vw = vb = mw = mb = aw = ab = 0.0
    for epoch in range(epochs):
        order = list(range(len(x))) if orders is None else list(orders[epoch])
        seen, squares = 0, 0.0
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            m = len(rows)
            errors = [w * x[i] + b - y[i] for i in rows]
            batch_squares = sum(e * e for e in errors)
            seen += m
            squares += batch_squares
            gw = 2.0 / m * sum(e * x[i] for e, i in zip(errors, rows, strict=True))
            gb = 2.0 / m * sum(errors)
            vw = rho * vw + (1 - rho) * gw**2
            vb = rho * vb + (1 - rho) * gb**2
            dw, db = vw + epsilon, vb + epsilon
            if centered:
                aw = rho * aw + (1 - rho) * gw
                ab = rho * ab + (1 - rho) * gb
                dw, db = vw - aw**2 + epsilon, vb - ab**2 + epsilon
            sw, sb = lr * gw / math.sqrt(dw), lr * gb / math.sqrt(db)
            if momentum:
                mw, mb = momentum * mw + sw, momentum * mb + sb
                sw, sb = mw, mb
            before = (w, b)
            w, b = w - sw, b - sb
            full = sum((w * xi + b - yi) ** 2 for xi, yi in zip(x, y, strict=True)) / len(x)
            yield {
                "epoch": epoch + 1,
                "rows": rows,
                "weight_before": before[0],
                "bias_before": before[1],
                "gradient_weight": gw,
                "gradient_bias": gb,
                "accumulator_weight": vw,
                "accumulator_bias": vb,
                "weight": w,
                "bias": b,
                "loss": batch_squares / m,
                "cumulative_loss": squares / seen,
                "full_loss": full,
            }
