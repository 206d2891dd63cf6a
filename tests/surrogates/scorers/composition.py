"""A scorer for tests: energies linear in composition, from the beginning or learnt by least squares with --fit,
in several crystals at once with --several."""

import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "python"))
from hullscan.scorer import Scorer, serve


class Composition(Scorer):
    model = "linear in composition"

    def __init__(self):
        self.slopes = {"Al": -3.0, "Ni": -4.0}

    def energies(self, batch):
        rows = [batch.supercell.symbols(occupation) for occupation in batch.occupations]
        return [np.mean([self.slopes.get(symbol, 0.0) for symbol in row if symbol != "Va"]) for row in rows]


class Learns(Composition):
    def __init__(self):
        self.slopes = None

    def fit(self, labels):
        species = sorted({symbol for label in labels for symbol in label.supercell.symbols(label.occupation)} - {"Va"})
        shares = []
        for label in labels:
            symbols = [symbol for symbol in label.supercell.symbols(label.occupation) if symbol != "Va"]
            shares.append([symbols.count(one) / len(symbols) for one in species])
        energies = np.array([label.energy for label in labels])
        slopes = np.linalg.lstsq(np.array(shares), energies, rcond=None)[0]
        residuals = energies - np.array(shares) @ slopes
        rmse = float(np.sqrt(np.mean(residuals**2)))
        # Of a least-squares fit: the residual over 1 - leverage.
        leverage = np.diag(np.array(shares) @ np.linalg.pinv(np.array(shares)))
        left_out = residuals / np.maximum(1 - leverage, 1e-9)
        report = {"rmse_mev_per_atom": 1e3 * rmse, "loo_rmse_mev_per_atom": 1e3 * float(np.sqrt(np.mean(left_out**2))),
                  "loo_residuals_per_atom": list(left_out), "features": len(species),
                  "warnings": [f"{len(labels)} labels"]}  # fmt: skip
        return json.dumps(dict(zip(species, slopes))).encode(), report

    def load(self, data):
        self.slopes = json.loads(data)

    def deviations(self, batch):
        return np.full(len(batch), 0.025)


class LearnsSeveral(Learns):
    """Sees the volume per site too, so that crystals differ."""

    several_crystals = True

    def _row(self, supercell, occupation):
        symbols = [symbol for symbol in supercell.symbols(occupation) if symbol != "Va"]
        shares = [symbols.count(one) / len(symbols) for one in self.species]
        return shares + [abs(np.linalg.det(supercell.lattice)) / len(supercell.positions) / 100]

    def fit(self, labels):
        self.species = sorted({one for label in labels for one in label.supercell.symbols(label.occupation)} - {"Va"})
        rows = np.array([self._row(label.supercell, label.occupation) for label in labels])
        weights = np.linalg.lstsq(rows, np.array([label.energy for label in labels]), rcond=None)[0]
        crystals = len({label.supercell.crystal.number for label in labels})
        return json.dumps([self.species, list(weights)]).encode(), {
            "rmse_mev_per_atom": 0.0, "warnings": [f"{len(labels)} labels of {crystals} crystals"]}  # fmt: skip

    def load(self, data):
        self.species, self.weights = json.loads(data)

    def energies(self, batch):
        return [np.dot(self._row(batch.supercell, occupation), self.weights) for occupation in batch.occupations]


if "--several" in sys.argv:
    serve(LearnsSeveral())
serve(Learns() if "--fit" in sys.argv else Composition())
