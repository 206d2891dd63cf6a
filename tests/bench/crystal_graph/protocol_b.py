"""Learning curves of deploy/scorers/crystal_graph.py on a set of labelled structures on their ideal lattice (parent.json,
ideal.extxyz, splits.json): protocol B, the first n of a permutation train, the others are predicted.

    /usr/bin/python3 tests/bench/crystal_graph/protocol_b.py ../shared/data/Cu-Ag-Au --labels 100 800 --seeds 3 -- --correction
"""

import argparse
import json
import pathlib
import sys
import time

import ase.io
import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(SOURCE / "python"), str(SOURCE / "deploy" / "scorers")]
from cluster_ridge import Ridge  # noqa: E402
from crystal_graph import CrystalGraph, options  # noqa: E402
from hullscan.scorer import Batch, Crystal, Label, Supercell  # noqa: E402


def read(folder):
    """Labels whose energy is that above the elements in proportion, eV per atom, and their ids."""
    parent = json.loads((folder / "parent.json").read_text())
    species = sorted({tuple(site["allowed"]) for site in parent["sites"] if len(site["allowed"]) > 1})
    sites = [{"position": site["frac"], **({"sublattice": species.index(tuple(site["allowed"]))}
              if len(site["allowed"]) > 1 else {"species": site["allowed"][0]})} for site in parent["sites"]]  # fmt: skip
    sublattices = [{"name": str(n), "species": ["Va" if one == "X" else one for one in allowed]}
                   for n, allowed in enumerate(species)]  # fmt: skip
    crystal = Crystal({"crystal": 0, "lattice": parent["lattice"], "sublattices": sublattices, "sites": sites})
    labels = []
    for atoms in ase.io.read(folder / "ideal.extxyz", ":"):
        symbols = [symbol.replace("X", "Va") for symbol in atoms.get_chemical_symbols()]
        message = {"lattice": atoms.cell.array, "matrix": np.zeros((3, 3)), "sites": []}
        occupation = []
        for symbol, position, site in zip(symbols, atoms.get_scaled_positions(), atoms.arrays["site"]):
            one = {"position": position, "parent_site": int(site)}
            if "sublattice" in sites[site]:
                one["varied"] = len(occupation)
                occupation.append(sublattices[sites[site]["sublattice"]]["species"].index(symbol))
            message["sites"].append(one)
        real = len([symbol for symbol in symbols if symbol != "Va"])
        head = {"id": atoms.info["id"], "formation_energy_per_atom": atoms.info["energy"] / real, "weight": 1.0,
                "e_above_hull": 0.0}  # fmt: skip
        labels.append(Label(head, Supercell(message, crystal), np.array(occupation, dtype=np.uint8)))
    return labels


def expansion_alone(scorer, known, asked):
    def features(labels):
        return np.concatenate([scorer.graphs.cell(one.supercell).features(one.occupation[None]) for one in labels])

    points = scorer.graphs.parent(known[0].supercell.crystal).points
    rows, energies, alike = features(known), np.array([one.energy for one in known]), np.ones(len(known))
    linear = Ridge().fit(rows[:, :points], energies, alike)
    ridge = Ridge().fit(rows, energies - linear(rows[:, :points]), alike)
    rows = features(asked)
    return linear(rows[:, :points]) + ridge(rows)


def main():
    own = sys.argv[1:]
    rest = own[own.index("--") + 1:] if "--" in own else []
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 800])
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args(own[:own.index("--")] if "--" in own else own)
    labels = read(asked.folder)
    splits = json.loads((asked.folder / "splits.json").read_text())
    by_id = {label.id: label for label in labels}
    ids = splits["ids"]
    energies = np.array([by_id[one].energy for one in ids])
    for count in asked.labels:
        rows = []
        for seed in range(asked.seeds):
            order = np.array([ids.index(one) for one in splits["permutations"][seed]])
            train, test = order[:count], order[count:]
            begin = time.process_time()
            scorer = CrystalGraph(options(rest))
            model, report = scorer.fit([by_id[ids[i]] for i in train])
            cpu = time.process_time() - begin
            begin = time.process_time()
            predicted, deviations = [], []
            for i in test:
                batch = Batch(by_id[ids[i]].supercell, by_id[ids[i]].occupation[None])
                predicted.append(scorer.energies(batch)[0])
                deviations.append(scorer.deviations(batch)[0])
            scoring = time.process_time() - begin
            errors = 1e3 * (np.array(predicted) - energies[test])
            ridge = 1e3 * (expansion_alone(scorer, [by_id[ids[i]] for i in train], [by_id[ids[i]] for i in test])
                           - energies[test])  # fmt: skip
            covered = np.mean(np.abs(errors) <= 2e3 * np.array(deviations))
            rows.append((rms(errors), np.mean(np.abs(errors)), rms(ridge), covered, cpu, report["loo_rmse_mev_per_atom"]))
            print(f"{count} labels, seed {seed}: RMSE {rows[-1][0]:.2f}, MAE {rows[-1][1]:.2f}, ridge {rows[-1][2]:.2f} "
                  f"meV/atom; within 2 deviations {covered:.2f}; says {rows[-1][5]:.2f}; fit {cpu:.0f} CPU s, "
                  f"scoring {scoring:.1f}", flush=True)  # fmt: skip
        mean = np.mean(rows, axis=0)
        print(f"{count} labels, mean: RMSE {mean[0]:.2f}, MAE {mean[1]:.2f}, ridge {mean[2]:.2f} meV/atom; within 2 "
              f"deviations {mean[3]:.2f}; fit {mean[4]:.0f} CPU s", flush=True)  # fmt: skip


def rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


if __name__ == "__main__":
    main()
