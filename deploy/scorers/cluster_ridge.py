"""A small cluster expansion by ridge regression, for scorers that learn what such an expansion leaves."""

import numpy as np


def cluster_counts(graph, parent, indicators):
    """[n, features], the points first: clusters. indicators [n, varied sites, species - 1]: 1 where a site holds the
    species, the first of its sublattice left out."""
    width = indicators.shape[2]
    columns = []
    for kind in range(max(parent.site_kinds.values()) + 1):
        columns.append(indicators[:, graph.site_kinds == kind].sum(axis=1))
    kinds, i, j, times = graph.pairs.T
    both = indicators[:, i, :, None] * indicators[:, j, None, :] * times[None, :, None, None]
    columns.append(_by_class(both, kinds, parent.pair_kinds))
    classes, i, j, k, times = graph.triplets.T
    for a in range(width):  # one species at a time: all at once would be large
        three = indicators[:, j, :, None] * indicators[:, k, None, :] * (indicators[:, i, a] * times)[:, :, None, None]
        columns.append(_by_class(three, classes, parent.triplet_classes))
    return np.concatenate(columns, axis=1)


def _by_class(values, classes, count):
    """[n, clusters, a, b], sorted by class, summed over the clusters of a class: [n, count a b]."""
    sums = np.zeros((len(values), count) + values.shape[2:])
    there, starts = np.unique(classes, return_index=True)
    if len(there):
        sums[:, there] = np.add.reduceat(values, starts, axis=1)
    return sums.reshape(len(values), -1)


class Ridge:
    """Weighted ridge regression, the penalty by the leave-one-out error in closed form: left_out [n], value less
    the prediction without it. Features that say the same on the labels count once."""

    def fit(self, features, values, weights):
        """features [n, f], values [n], weights [n]."""
        weights = weights / weights.mean()
        self.centre = weights @ features / len(features)
        scale = np.sqrt(weights @ (features - self.centre) ** 2 / len(features))
        self.columns = np.flatnonzero(scale > 1e-9)
        scaled = (features - self.centre)[:, self.columns] / scale[self.columns]
        _, first = np.unique(np.round(scaled, 6), axis=1, return_index=True)
        self.columns = self.columns[np.sort(first)]
        self.scale = scale[self.columns]
        scaled = (features[:, self.columns] - self.centre[self.columns]) / self.scale
        self.constant = weights @ values / len(values)
        root = np.sqrt(weights)
        u, s, vt = np.linalg.svd(scaled * root[:, None], full_matrices=False)
        target = (values - self.constant) * root
        projected = u.T @ target
        best = np.inf
        for penalty in np.logspace(-8, 3, 34) * len(values):
            shrink = s**2 / (s**2 + penalty)
            leverage = (u**2) @ shrink + weights / weights.sum()
            coefficients = vt.T @ (s / (s**2 + penalty) * projected)
            left_out = (values - self.constant - scaled @ coefficients) / np.maximum(1 - leverage, 1e-10)
            error = np.mean(weights * left_out**2)
            if error < best:
                best, self.left_out, self.coefficients = error, left_out, coefficients
        return self

    def __call__(self, features):
        scaled = np.ascontiguousarray((features[:, self.columns] - self.centre[self.columns]) / self.scale)
        # Not a matrix product, whose rounding would depend on the number of rows.
        return self.constant + (scaled * self.coefficients).sum(axis=1)

    _stored = ("constant", "centre", "columns", "scale", "coefficients")

    def arrays(self):
        return {name: np.asarray(getattr(self, name)) for name in self._stored}

    @staticmethod
    def of_arrays(arrays):
        ridge = Ridge()
        for name in Ridge._stored:
            setattr(ridge, name, arrays[name])
        return ridge
