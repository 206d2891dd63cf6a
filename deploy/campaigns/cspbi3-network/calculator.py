"""The model Hamiltonian of energy_model.py as a calculator that stays ([dft] code = "command", lasting = true)."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scorers")]
from energy_model import Cell  # noqa: E402
from source_package import use_source_package  # noqa: E402

use_source_package()
from hullscan.scorer import Scorer, serve  # noqa: E402


class ModelHamiltonian(Scorer):
    model = "model Hamiltonian of cspbi3-network, version 1"

    def relax(self, request):
        cell = Cell(request.lattice, request.species, request.positions)
        energy, _ = cell.energy()
        return {"converged": True, "energy_ev": energy, "code_version": self.model}


serve(ModelHamiltonian())
