"""Crystals and results as objects of pymatgen and ASE."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import MixedSettings, NotRepresentable, optional
from .ledger import SYMBOLS, Calculation, Crystal

_STAND_IN = "stand-in "


def pymatgen_structure(crystal: Crystal) -> Any:
    """pymatgen's Structure. Raises MissingPackage, NotRepresentable."""
    core = optional("pymatgen.core", "pymatgen")
    _known_to_pymatgen(crystal.counts)
    return core.Structure(crystal.lattice_angstrom, crystal.symbols, crystal.fractional)


def pymatgen_entry(calculation: Calculation) -> Any:
    """ComputedStructureEntry of a calculation that has a result; eV of its cell, hull keys as `parameters`."""
    entries = optional("pymatgen.entries.computed_entries", "pymatgen")
    facts = {name: getattr(calculation, name) for name in ("space", "degeneracy", "round", "standing", "directory")}
    return entries.ComputedStructureEntry(
        pymatgen_structure(calculation.crystal),
        calculation.energy_ev,
        entry_id=calculation.id,
        parameters=dict(calculation.hull_keys),
        data=facts,
    )


def pymatgen_reference(reference: dict[str, Any]) -> Any:
    """ComputedEntry of a member of `references` of report.json."""
    entries = optional("pymatgen.entries.computed_entries", "pymatgen")
    _known_to_pymatgen(reference["composition"])
    return entries.ComputedEntry(
        reference["composition"],
        reference["energy"],
        entry_id=reference["id"],
        parameters=dict(reference["keys"]),
        data={"source": reference["source"]},
    )


def pymatgen_stand_ins(entries: list[Any]) -> list[Any]:
    """An entry for every element that has none, 1000 eV/atom above what the compounds cost atom by atom (a fit to all
    entries): no mix that holds it is ever the lowest."""
    made = optional("pymatgen.entries.computed_entries", "pymatgen")
    elements = sorted({element for entry in entries for element in entry.composition.elements})
    present = {entry.composition.elements[0] for entry in entries if entry.composition.is_element}
    fractions = np.array([[entry.composition.get_atomic_fraction(one) for one in elements] for entry in entries])
    costs = np.linalg.lstsq(fractions, np.array([entry.energy_per_atom for entry in entries]), rcond=None)[0]
    missing = [(element, cost) for element, cost in zip(elements, costs) if element not in present]
    return [made.ComputedEntry(str(one), cost + 1000.0, entry_id=f"{_STAND_IN}{one}") for one, cost in missing]


def is_stand_in(entry: Any) -> bool:
    """Whether it is one of `pymatgen_stand_ins`."""
    return str(entry.entry_id).startswith(_STAND_IN)


def _known_to_pymatgen(symbols: Any) -> None:
    element = optional("pymatgen.core", "pymatgen").Element
    unknown = [symbol for symbol in symbols if not element.is_valid_symbol(symbol)]
    if unknown:
        raise NotRepresentable(
            f"this version of pymatgen knows no {', '.join(unknown)}: use atoms(), or the report of hullscan"
        )


def ase_atoms(crystal: Crystal) -> Any:
    """ASE's Atoms, periodic, without a calculator. Deuterium is H of mass 2.014. Raises MissingPackage."""
    ase = optional("ase", "ase")
    atoms = ase.Atoms(
        ["H" if symbol == "D" else symbol for symbol in crystal.symbols],
        cell=crystal.lattice_angstrom,
        scaled_positions=crystal.fractional,
        pbc=True,
    )
    heavy = np.array([symbol == "D" for symbol in crystal.symbols])
    if heavy.any():
        atoms.set_masses(np.where(heavy, 2.014, atoms.get_masses()))
    return atoms


def ase_result(calculation: Calculation) -> Any:
    """Atoms with a SinglePointCalculator: energy (eV), forces (eV/Å), stress (eV/Å³, ASE's sign: a compressed cell is
    negative), magmom (μ_B), as far as the code said them."""
    single = optional("ase.calculators.singlepoint", "ase")
    atoms = ase_atoms(calculation.crystal)
    known: dict[str, Any] = {"energy": calculation.energy_ev, "magmom": calculation.magnetization}
    known["forces"] = calculation.forces_ev_per_angstrom
    if calculation.stress_kbar is not None:
        tensor = -0.1 * optional("ase.units", "ase").GPa * calculation.stress_kbar
        known["stress"] = tensor[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]  # Voigt: xx yy zz yz xz xy
    atoms.calc = single.SinglePointCalculator(
        atoms, **{name: value for name, value in known.items() if value is not None}
    )
    return atoms


def require_same_settings(calculations: list[Calculation]) -> None:
    """That all may share a hull. A key that ends in an element ("U.Fe") concerns the cells that hold it.

    Raises MixedSettings.
    """
    for key in sorted({key for calculation in calculations for key in calculation.hull_keys}):
        element = key.rpartition(".")[2] if "." in key else ""
        ids: dict[str, str] = {}
        for calculation in calculations:
            concerned = element not in SYMBOLS or element in calculation.crystal.counts
            if concerned and calculation.hull_keys:
                ids.setdefault(calculation.hull_keys.get(key, "not stated"), calculation.id)
        if len(ids) > 1:
            found = "; ".join(f"{value} in {id}" for value, id in ids.items())
            raise MixedSettings(f"results that differ in {key} cannot share a hull: {found}")
