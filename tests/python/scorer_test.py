"""hullscan.scorer, asked over its standard input as hullscan asks it (docs/formats/scorer.md)."""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import textwrap
import unittest

SCORERS = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "scorers"

SCORER = """
    from hullscan.scorer import Scorer, serve

    class Lattice(Scorer):
        model = "volume"
        def energies(self, batch):
            print("a word that must not come between the messages")
            return [atoms.get_volume() / len(atoms) for atoms in batch.atoms()]
        def deviations(self, batch):
            return [len(structure) for structure in batch.structures()]
        def fit(self, labels):
            self.load(b"2")
            words = [f"{label.id} {label.relaxed_atoms().get_chemical_formula()} {label.energy}" for label in labels]
            return b"model", {"warnings": words}
        def load(self, data):
            if data == b"damaged":
                raise ValueError("no model of mine")

    serve(Lattice())
"""

# Two cubes of 2 Å side by side: a fixed Cl in each, and a site that holds Na or nothing.
CRYSTAL = {"crystal": 0, "lattice": [[2, 0, 0], [0, 2, 0], [0, 0, 2]],
           "sublattices": [{"name": "cation", "species": ["Na", "Va"]}],
           "sites": [{"position": [0, 0, 0], "sublattice": 0}, {"position": [0.5, 0.5, 0.5], "species": "Cl"}]}  # fmt: skip
SUPERCELL = {"supercell": 0, "crystal": 0, "matrix": [[2, 0, 0], [0, 1, 0], [0, 0, 1]],
             "lattice": [[4, 0, 0], [0, 2, 0], [0, 0, 2]],
             "sites": [{"position": [0, 0, 0], "parent_site": 0, "varied": 0},
                       {"position": [0.5, 0, 0], "parent_site": 0, "varied": 1},
                       {"position": [0.25, 0.5, 0.5], "parent_site": 1},
                       {"position": [0.75, 0.5, 0.5], "parent_site": 1}]}  # fmt: skip


def message(head, data=b""):
    if data:
        head = {**head, "bytes": len(data)}
    return json.dumps(head).encode() + b"\n" + data


def answers(output):
    found = []
    while output:
        line, _, output = output.partition(b"\n")
        head = json.loads(line)
        size = head.get("bytes", 0)
        found.append((head, output[:size]))
        output = output[size:]
    return found


class ScorerTest(unittest.TestCase):
    def ask(self, *messages):
        """The answers to these after a hello, a crystal and a supercell."""
        with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
            script.write(textwrap.dedent(SCORER))
            script.flush()
            sent = message({"hello": "hullscan-scorer", "version": 1, "process": 0})
            sent += message(CRYSTAL) + message(SUPERCELL) + b"".join(messages)
            run = subprocess.run([sys.executable, script.name], input=sent, capture_output=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.stderr = run.stderr.decode()
        found = answers(run.stdout)
        self.hello = found[0][0]
        return found[1:]

    def test_the_hello_names_the_model_and_the_methods_that_are_there(self):
        self.assertEqual(self.ask(), [])
        self.assertEqual(self.hello, {"hello": "hullscan-scorer", "version": 1, "model": "volume",
                                      "can": ["energies", "deviations", "fit"]})  # fmt: skip

    def test_energies_and_deviations_are_those_of_the_sites_without_vacancies(self):
        score = {"do": "score", "supercell": 0, "count": 2, "want": ["energies", "deviations"]}
        ((head, data),) = self.ask(message(score, bytes([0, 0, 1, 0])))
        self.assertEqual(head["done"], "score")
        # 16 Å^3 over four atoms, and over three where one Na is missing.
        for number, expected in zip(struct.unpack("<4d", data), (4, 16 / 3, 4, 3)):
            self.assertAlmostEqual(number, expected)
        self.assertIn("a word that must not come between", self.stderr)

    def test_a_fit_gets_the_labels_with_their_relaxed_structures(self):
        relaxed = {"lattice": [[3, 0, 0], [0, 3, 0], [0, 0, 3]], "species": ["Na", "Cl"],
                   "positions": [[0, 0, 0], [0.5, 0.5, 0.5]]}  # fmt: skip
        labels = [{"id": "a", "supercell": 0, "formation_energy_per_atom": -0.5, "weight": 1, "e_above_hull": 0},
                  {"id": "b", "supercell": 0, "formation_energy_per_atom": 0.25, "weight": 1, "e_above_hull": 0.1,
                   "relaxed": relaxed}]  # fmt: skip
        ((head, data),) = self.ask(message({"do": "fit", "crystal": 0, "labels": labels}, bytes([0, 1, 1, 1])))
        self.assertEqual(data, b"model")
        self.assertEqual(head["report"]["warnings"], ["a Cl2Na -0.5", "b ClNa 0.25"])

    def test_an_exception_is_answered_as_an_error_and_the_scorer_goes_on(self):
        load = {"do": "load", "crystal": 0}
        first, second = self.ask(message(load, b"damaged"), message(load, b"fine"))
        self.assertEqual(first[0], {"error": "ValueError: no model of mine"})
        self.assertIn("Traceback", self.stderr)
        self.assertEqual(second[0], {"done": "load"})


class CalculatorTest(unittest.TestCase):
    """deploy/scorers/ase_calculator.py, asked to relax."""

    def relaxed(self, calculation, species=("Cu", "Cu"), **parameters):
        # Fcc copper in its cubic cell's half: two atoms, stretched by 2 % in one direction, one of them displaced.
        request = {"format": "hullscan-exchange", "version": 1, "calculation": calculation, "parameters": parameters,
                   "structure": {"lattice_angstrom": [[2.55, 0, 0], [0, 2.55, 0], [0, 0, 3.68]], "species": species,
                                 "fractional_positions": [[0, 0, 0], [0.5, 0.5, 0.52]]}}  # fmt: skip
        sent = message({"hello": "hullscan-scorer", "version": 1, "process": 0})
        sent += message({"do": "relax", "requests": [request]})
        run = subprocess.run([sys.executable, str(SCORERS / "ase_calculator.py"), "emt"], input=sent, capture_output=True,
                             timeout=60)  # fmt: skip
        (hello, _), (answer, _) = answers(run.stdout)
        self.assertIn("relax", hello["can"])
        return answer

    def test_a_relaxation_ends_in_the_minimum_of_emt_with_forces_and_stress_gone(self):
        (result,) = self.relaxed("vc-relax", fmax=0.001)["results"]
        self.assertTrue(result["converged"])
        # EMT's parameter E0 of Cu: -3.51 eV is the cohesive energy, taken as zero; s0 is 2.67 bohr.
        self.assertAlmostEqual(result["energy_ev"] / 2, 0, delta=0.01)
        self.assertLess(max(abs(x) for row in result["forces_ev_per_angstrom"] for x in row), 2e-3)
        self.assertLess(max(abs(x) for row in result["stress_kbar"] for x in row), 0.5)

    def test_a_compressed_cell_has_a_positive_pressure_and_a_single_point_moves_nothing(self):
        (result,) = self.relaxed("scf")["results"]
        self.assertEqual(result["structure"]["lattice_angstrom"][2], [0, 0, 3.68])
        stress = result["stress_kbar"]
        # 3.68 Å is longer than EMT's 3.59 Å: tension along it.
        self.assertLess(stress[2][2], 0)

    def test_what_takes_too_many_steps_is_not_converged_and_says_so(self):
        (result,) = self.relaxed("vc-relax", steps=1)["results"]
        self.assertFalse(result["converged"])
        self.assertEqual(result["kind"], "ionic steps not converged")
        self.assertIn("after 1 steps", result["reason"])

    def test_an_element_that_the_calculator_does_not_know_is_an_error(self):
        self.assertIn("error", self.relaxed("scf", species=("Cu", "U")))


if __name__ == "__main__":
    unittest.main()
