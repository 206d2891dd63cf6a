"""Any calculator of ASE as a scorer and as a calculator that stays: python3 ase_calculator.py emt | mace | chgnet | m3gnet | MODULE:CLASS

Energies of the ideal sites, or, with --relax, after a relaxation of atoms and cell. emt comes with ASE and knows Al,
Cu, Ag, Au, Ni, Pd, Pt, H, C, N, O; the others when their packages are installed. As the program of [dft] with code = "command" and lasting = true it
relaxes to parameters.fmax (eV/Å, else --force) in parameters.steps (500). docs/formats/scorer.md.
"""

import argparse
import importlib

from source_package import use_source_package

use_source_package()
from hullscan.scorer import Scorer, result_of, serve  # noqa: E402


def calculator_of(name):
    if name == "emt":
        from ase.calculators.emt import EMT

        return EMT()
    if name == "mace":
        from mace.calculators import mace_mp

        return mace_mp()
    if name == "chgnet":
        from chgnet.model.dynamics import CHGNetCalculator

        return CHGNetCalculator()
    if name == "m3gnet":
        import matgl
        from matgl.ext.ase import PESCalculator

        return PESCalculator(matgl.load_model("M3GNet-MP-2021.2.8-PES"))
    module, _, of_module = name.partition(":")
    return getattr(importlib.import_module(module), of_module)()


class AseScorer(Scorer):
    def __init__(self, name, relax, force):
        self.calculator = calculator_of(name)
        self.relaxes = relax
        self.force = force
        self.model = f"ASE calculator {name}" + (f", relaxed to {force} eV/Å" if relax else ", ideal sites")

    def energies(self, batch):
        return [self.energy(atoms) / len(atoms) for atoms in batch.atoms()]

    def energy(self, atoms):
        atoms.calc = self.calculator
        if self.relaxes:
            relaxed(atoms, True, self.force, 500)
        return atoms.get_potential_energy()

    def relax(self, request):
        atoms = request.atoms()
        atoms.calc = self.calculator
        if request.calculation == "scf":
            return result_of(atoms)
        steps = int(request.parameters.get("steps", 500))
        force = float(request.parameters.get("fmax", self.force))
        done = relaxed(atoms, request.calculation == "vc-relax", force, steps)
        return result_of(atoms, done, f"forces above {force} eV/Å after {steps} steps")


def relaxed(atoms, with_cell, force, steps):
    """Moves the atoms. Whether it has come to its end."""
    from ase.optimize import FIRE

    try:
        from ase.filters import FrechetCellFilter as CellFilter
    except ImportError:  # before ASE 3.23
        from ase.constraints import ExpCellFilter as CellFilter
    return bool(FIRE(CellFilter(atoms) if with_cell else atoms, logfile=None).run(fmax=force, steps=steps))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("calculator")
    options.add_argument("--relax", action="store_true", help="relax atoms and cell")
    options.add_argument("--force", type=float, default=0.02, help="largest force at the end, eV/Å")
    arguments = options.parse_args()
    serve(AseScorer(arguments.calculator, arguments.relax, arguments.force))
