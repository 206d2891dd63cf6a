"""deploy/scorers/crystal_graph.py on a small lattice: fcc cells of A and B with a known energy of neighbours."""

import itertools
import pathlib
import sys
import tempfile
import unittest

import numpy as np

try:
    import torch  # noqa: F401
except ImportError:
    raise unittest.SkipTest("python3-torch is not installed")

SCORERS = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "scorers"
sys.path.insert(0, str(SCORERS))
from cluster_ridge import Ridge  # noqa: E402
from crystal_graph import CrystalGraph, options  # noqa: E402
from hullscan.scorer import Batch, Crystal, Label, Supercell  # noqa: E402
from parent_graph import CellGraph, ParentGraph  # noqa: E402

FCC = {"crystal": 0, "lattice": [[0, 2, 2], [2, 0, 2], [2, 2, 0]], "sites": [{"position": [0, 0, 0], "sublattice": 0}],
       "sublattices": [{"name": "A", "species": ["Cu", "Au", "Va"]}]}  # fmt: skip
# O of a perovskite of 4 Å: pairs of O that are 4 Å apart either face each other across Ti, or do not.
PEROVSKITE = {"crystal": 0, "lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
              "sublattices": [{"name": "O", "species": ["O", "Va"]}],
              "sites": [{"position": [0, 0, 0], "species": "Sr"}, {"position": [0.5, 0.5, 0.5], "species": "Ti"},
                        {"position": [0.5, 0.5, 0], "sublattice": 0}, {"position": [0.5, 0, 0.5], "sublattice": 0},
                        {"position": [0, 0.5, 0.5], "sublattice": 0}]}  # fmt: skip


def cell_of(crystal, matrix):
    """All its sites of one parent cell after the other."""
    matrix = np.array(matrix)
    inverse = np.linalg.inv(matrix)
    sites, varied = [], 0
    for cell in itertools.product(range(-6, 7), repeat=3):
        place = np.array(cell) @ inverse
        if np.any(place < -1e-9) or np.any(place >= 1 - 1e-9):
            continue
        for number, site in enumerate(crystal.sites):
            one = {"position": (np.array(cell) + site["position"]) @ inverse, "parent_site": number}
            if "sublattice" in site:
                one["varied"], varied = varied, varied + 1
            sites.append(one)
    return Supercell({"matrix": matrix, "lattice": matrix @ crystal.lattice, "sites": sites}, crystal)


def label(cell, occupation, energy, weight=1.0):
    head = {"id": "", "formation_energy_per_atom": energy, "weight": weight, "e_above_hull": 0.0}
    return Label(head, cell, np.array(occupation, dtype=np.uint8))


def unlike_neighbours(graph, occupation):
    """Of the nearest pairs of a fcc cell, Cu beside Au, each counted once."""
    nearest = graph.pairs[graph.pairs[:, 0] == 1]
    unlike = {(0, 1), (1, 0)}
    return 0.5 * sum(times for _, i, j, times in nearest if (occupation[i], occupation[j]) in unlike)


class ParentGraphTest(unittest.TestCase):
    def test_a_site_of_fcc_has_12_6_and_24_neighbours_and_the_shells_are_kinds(self):
        parent = ParentGraph(Crystal(FCC), 1.8, 1.1)
        shells = np.bincount([kind for _, _, kind, _ in parent.pairs[0]])
        self.assertEqual(list(shells), [0, 12, 6, 24])
        # 24 triangles of nearest neighbours meet at a site, in both directions.
        self.assertEqual(len(parent.triplets[0]), 48)

    def test_pairs_of_one_length_are_told_apart_by_the_atoms_around_them(self):
        parent = ParentGraph(Crystal(PEROVSKITE), 1.45, 1.1)
        lengths = {}
        for near in parent.pairs.values():
            for _, _, kind, length in near:
                lengths.setdefault(round(length, 2), set()).add(kind)
        self.assertEqual(len(lengths[2.83]), 1)
        self.assertEqual(len(lengths[4.0]), 2)

    def test_a_supercell_has_the_neighbours_of_its_crystal_whatever_its_shape(self):
        crystal = Crystal(PEROVSKITE)
        parent = ParentGraph(crystal, 1.8, 1.5)
        for matrix in ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[1, 1, 0], [-1, 2, 0], [0, 1, 2]], [[0, 2, 1], [1, 0, 0], [0, 0, -3]]):
            cell = cell_of(crystal, matrix)
            graph = CellGraph(parent, cell)
            counts = np.bincount(graph.pairs[:, 1], weights=graph.pairs[:, 3])
            expected = [len(parent.pairs[p]) for p in cell.parent_sites[cell.varied]]
            self.assertEqual(list(counts), expected)


class RidgeTest(unittest.TestCase):
    def test_a_label_without_weight_changes_nothing_else(self):
        random = np.random.default_rng(1)
        features = random.normal(size=(40, 3))
        values = features @ [1.0, 2.0, 3.0] + 0.1 * random.normal(size=40)
        wrong = values.copy()
        wrong[0] += 100
        weights = np.ones(40)
        weights[0] = 0
        one, other = Ridge().fit(features, values, weights), Ridge().fit(features, wrong, weights)
        np.testing.assert_allclose(one(features), other(features), atol=1e-9)

    def test_the_errors_left_out_are_those_of_fits_without_the_label(self):
        random = np.random.default_rng(2)
        features = random.normal(size=(30, 2))
        values = features @ [1.0, -1.0] + 0.5 + 0.1 * random.normal(size=30)
        left_out = Ridge().fit(features, values, np.ones(30)).left_out
        for i in (0, 7):
            rest = np.arange(30) != i
            design = np.column_stack([np.ones(29), features[rest]])
            solution = np.linalg.lstsq(design, values[rest], rcond=None)[0]
            expected = values[i] - solution @ np.concatenate([[1], features[i]])
            self.assertAlmostEqual(left_out[i], expected, delta=0.02 * abs(expected) + 2e-3)


class CrystalGraphTest(unittest.TestCase):
    SHORT = ["--channels", "16", "--layers", "2", "--members", "2", "--epochs", "30", "--rate", "0.03",
             "--batch", "20", "--pair-radius", "1.8", "--triplet-radius", "1.1"]

    @classmethod
    def setUpClass(cls):
        crystal = Crystal(FCC)
        parent = ParentGraph(crystal, 1.8, 1.1)
        cls.cells = [cell_of(crystal, matrix) for matrix in ([[1, 1, 0], [-1, 2, 0], [0, 1, 2]], [[2, 0, 0], [0, 2, 0], [0, 0, 1]])]
        random = np.random.default_rng(3)
        cls.labels = []
        for cell in cls.cells:
            graph = CellGraph(parent, cell)
            for _ in range(40):
                occupation = random.integers(0, 2, len(cell.varied))
                share = unlike_neighbours(graph, occupation) / len(occupation)
                # Not linear in pairs: what an expansion in pairs and triangles cannot say exactly.
                cls.labels.append(label(cell, occupation, -0.05 * np.sqrt(1 + share) + 0.05))

    def fitted(self, *words, labels=None):
        scorer = CrystalGraph(options([*self.SHORT, *words]))
        model, report = scorer.fit(labels or self.labels)
        return scorer, model, report

    def batch(self, cell=0):
        occupations = [one.occupation for one in self.labels if one.supercell is self.cells[cell]]
        return Batch(self.cells[cell], np.array(occupations))

    def test_it_learns_what_the_labels_say(self):
        for words in ([], ["--correction"]):
            _, _, report = self.fitted(*words)
            scatter = 1e3 * np.std([one.energy for one in self.labels])
            self.assertLess(report["rmse_mev_per_atom"], 0.5 * scatter)
            self.assertLess(report["loo_rmse_mev_per_atom"], scatter)
            self.assertEqual(len(report["loo_residuals_per_atom"]), len(self.labels))

    def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_model(self):
        labels = self.labels[::3]
        models = [self.fitted("--seed", seed, "--epochs", "3", labels=labels)[1] for seed in ("0", "0", "1")]
        self.assertEqual(models[0], models[1])
        self.assertNotEqual(models[0], models[2])

    def test_a_model_that_was_loaded_says_the_same_and_so_does_any_part_of_a_batch(self):
        _, model, _ = self.fitted("--correction", "--epochs", "5")
        other = CrystalGraph(options([*self.SHORT, "--correction"]))
        other.load(model)
        batch = self.batch()
        energies, deviations = other.energies(batch), other.deviations(batch)
        self.assertTrue(np.all(deviations > 0))
        for size in (1, 2, 7):
            parts = [other.energies(Batch(batch.supercell, batch.occupations[i:i + size])) for i in range(0, len(batch), size)]
            self.assertEqual(np.concatenate(parts).tobytes(), energies.tobytes())

    def test_a_label_of_little_weight_is_little_learnt(self):
        wrong = [label(one.supercell, one.occupation, one.energy) for one in self.labels]
        wrong[5] = label(wrong[5].supercell, wrong[5].occupation, wrong[5].energy + 1.0, weight=1e-6)
        scorer, _, _ = self.fitted(labels=wrong)
        said = scorer.energies(Batch(wrong[5].supercell, wrong[5].occupation[None]))[0]
        self.assertLess(abs(said - self.labels[5].energy), 0.05)

    def test_with_few_labels_there_is_an_expansion_and_a_word_on_it(self):
        scorer, model, report = self.fitted(labels=self.labels[:5])
        self.assertIn("too few for networks", report["warnings"][0])
        self.assertTrue(np.all(np.isfinite(scorer.energies(self.batch()))))
        self.assertTrue(np.all(np.isfinite(scorer.deviations(self.batch()))))

    def test_it_starts_from_a_model_that_was_saved_and_refuses_one_of_other_sites(self):
        with tempfile.TemporaryDirectory() as folder:
            file = folder + "/model.npz"
            self.fitted("--save", file)
            _, _, cold = self.fitted("--epochs", "1", "--rate", "1e-4", labels=self.labels[::4])
            _, _, warm = self.fitted("--epochs", "1", "--rate", "1e-4", "--pretrained", file, labels=self.labels[::4])
            self.assertLess(warm["loo_rmse_mev_per_atom"], cold["loo_rmse_mev_per_atom"])
            with self.assertRaisesRegex(ValueError, "pretrained model is of other"):
                self.fitted("--pretrained", file, "--layers", "1")

    def test_networks_of_two_crystals_know_each_of_them_and_come_back_from_their_bytes(self):
        other = Crystal({**FCC, "crystal": 1, "sublattices": [{"name": "A", "species": ["Cu", "Ag", "Va"]}]})
        cells = {id(cell): cell_of(other, cell.matrix) for cell in self.cells}
        silver = [label(cells[id(one.supercell)], one.occupation, 2 * one.energy) for one in self.labels]
        scorer, model, report = self.fitted(labels=self.labels + silver)
        self.assertTrue(CrystalGraph.several_crystals)
        self.assertEqual(len(report["loo_residuals_per_atom"]), 2 * len(self.labels))

        loaded = CrystalGraph(scorer.settings)
        loaded.load(model)
        for known in (self.labels, silver):
            batch = Batch(known[0].supercell, known[0].occupation[None])
            energies = loaded.energies(batch)
            self.assertEqual(energies.tobytes(), scorer.energies(Batch(batch.supercell, batch.occupations)).tobytes())
            self.assertLess(abs(energies[0] - known[0].energy), 0.05)
        # Sites that lie alike share their kinds of pairs; what is on them are nodes of their own.
        shared = scorer.fitted[scorer.graphs.parent(other).name].shared
        self.assertEqual(len(shared.first_kind), 1)
        self.assertEqual(len(shared.nodes), 4)  # Cu, Au, Ag, vacancy

    def test_vacancies_are_nodes_and_no_atoms(self):
        labels = [label(one.supercell, [2, *one.occupation[1:]], one.energy) for one in self.labels[:20]]
        scorer, _, _ = self.fitted(labels=labels + self.labels)
        cell = scorer.graphs.cell(self.cells[0])
        self.assertEqual(list(cell.atoms(np.array([[2, 2, *[0] * (len(cell.node_of) - 2)]]))), [len(cell.node_of) - 2])


if __name__ == "__main__":
    unittest.main()
