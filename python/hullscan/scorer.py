"""A model of yours as a scorer of hullscan: a program that stays and answers over its standard input and output.

    from hullscan.scorer import Scorer, serve

    class Mine(Scorer):
        model = "my network, weights of 2026-11-30"
        def energies(self, batch):
            return [my_energy(atoms) / len(atoms) for atoms in batch.atoms()]

    serve(Mine())

In the campaign file: kind = "external", command = ["python3", "mine.py"]. docs/formats/scorer.md has the protocol, which
this file speaks; nothing of it is needed to write a scorer. What a scorer prints goes to stderr.
"""

import json
import os
import sys
import traceback

import numpy as np

VERSION = 1


class Crystal:
    """A parent crystal. lattice: [3, 3] rows in Å; sublattices: [{"name", "species"}]; sites: [{"position"
    (fractional), "sublattice" or "species"}]."""

    def __init__(self, message):
        self.number = message["crystal"]
        self.lattice = np.array(message["lattice"], dtype=float)
        self.sublattices = message["sublattices"]
        self.sites = message["sites"]


class Supercell:
    """The sites of a supercell. positions: [sites, 3] fractional; parent_sites: [sites] index of the crystal's site
    each belongs to; varied: [varied sites] index of the site;
    species: [varied sites] list of symbols that an occupation's numbers index ("Va" is the vacancy)."""

    def __init__(self, message, crystal):
        self.crystal = crystal
        self.matrix = np.array(message["matrix"], dtype=int)
        self.lattice = np.array(message["lattice"], dtype=float)
        self.positions = np.array([site["position"] for site in message["sites"]], dtype=float).reshape(-1, 3)
        self.parent_sites = np.array([site["parent_site"] for site in message["sites"]], dtype=int)
        parents = [crystal.sites[site] for site in self.parent_sites]
        order = sorted((site["varied"], index) for index, site in enumerate(message["sites"]) if "varied" in site)
        self.varied = np.array([index for _, index in order], dtype=int)
        self.fixed = [parent.get("species") for parent in parents]
        self.species = [crystal.sublattices[parents[index]["sublattice"]]["species"] for _, index in order]
        widest = max((len(symbols) for symbols in self.species), default=0)
        self._symbols = np.array([symbols + [""] * (widest - len(symbols)) for symbols in self.species], dtype=object)

    def symbols(self, occupation):
        """[sites] symbols of one occupation; "Va" where nothing is."""
        symbols = np.array(self.fixed, dtype=object)
        symbols[self.varied] = self._symbols[np.arange(len(self.varied)), occupation]
        return symbols


class Structures:
    """What atoms() and structures() of a batch and of labels have in common."""

    def _cells(self):
        """Pairs of symbols and fractional positions, vacancies left out, with the lattice."""
        raise NotImplementedError

    def atoms(self):
        """As ase.Atoms, on the ideal sites."""
        from ase import Atoms

        return [Atoms(list(symbols), scaled_positions=positions, cell=lattice, pbc=True)
                for symbols, positions, lattice in self._cells()]  # fmt: skip

    def structures(self):
        """As pymatgen.core.Structure, on the ideal sites."""
        from pymatgen.core import Lattice, Structure

        return [Structure(Lattice(lattice), list(symbols), positions) for symbols, positions, lattice in self._cells()]


class Batch(Structures):
    """Configurations of one supercell. occupations: [n, varied sites] of uint8."""

    def __init__(self, supercell, occupations):
        self.supercell = supercell
        self.occupations = occupations

    def __len__(self):
        return len(self.occupations)

    def _cells(self):
        for occupation in self.occupations:
            symbols = self.supercell.symbols(occupation)
            there = symbols != "Va"
            yield symbols[there], self.supercell.positions[there], self.supercell.lattice


class Label(Structures):
    """One result. id, supercell, occupation [varied sites], energy (formation energy, eV per atom), weight,
    e_above_hull (eV per atom), relaxed: {"lattice", "species", "positions" (fractional)} or None."""

    def __init__(self, message, supercell, occupation):
        self.id = message["id"]
        self.supercell = supercell
        self.occupation = occupation
        self.energy = message["formation_energy_per_atom"]
        self.weight = message["weight"]
        self.e_above_hull = message["e_above_hull"]
        self.relaxed = message.get("relaxed")

    def _cells(self):
        yield from Batch(self.supercell, self.occupation[None])._cells()

    def relaxed_atoms(self):
        """As ase.Atoms; on the ideal sites where the relaxed structure is not known."""
        if self.relaxed is None:
            return self.atoms()[0]
        from ase import Atoms

        return Atoms(self.relaxed["species"], scaled_positions=self.relaxed["positions"], cell=self.relaxed["lattice"],
                     pbc=True)  # fmt: skip


class Request:
    """One structure that is to be calculated. calculation: "scf", "relax" (atoms) or "vc-relax" (cell too);
    parameters: the campaign's table [dft.parameters]; files: {name: path}; lattice [3, 3], species, positions
    (fractional)."""

    def __init__(self, message):
        self.calculation = message["calculation"]
        self.parameters = message.get("parameters", {})
        self.files = message.get("files", {})
        self.lattice = np.array(message["structure"]["lattice_angstrom"], dtype=float)
        self.species = message["structure"]["species"]
        self.positions = np.array(message["structure"]["fractional_positions"], dtype=float).reshape(-1, 3)

    def atoms(self):
        from ase import Atoms

        return Atoms(self.species, scaled_positions=self.positions, cell=self.lattice, pbc=True)

    def structure(self):
        from pymatgen.core import Lattice, Structure

        return Structure(Lattice(self.lattice), self.species, self.positions)


EV_PER_CUBIC_ANGSTROM_IN_KBAR = 1602.1766208


def result_of(atoms, converged=True, reason="", kind="ionic steps not converged"):
    """What relax() returns, of ase.Atoms that have a calculator: energy, forces and, where it has it, stress.
    reason and kind (docs/formats/exchange.md) of one that is not converged."""
    from ase.calculators.calculator import PropertyNotImplementedError

    result = {"converged": bool(converged), "energy_ev": float(atoms.get_potential_energy()),
              "forces_ev_per_angstrom": np.asarray(atoms.get_forces(), dtype=float).tolist(),
              "structure": {"lattice_angstrom": np.asarray(atoms.cell).tolist(),
                            "species": atoms.get_chemical_symbols(),
                            "fractional_positions": atoms.get_scaled_positions().tolist()}}  # fmt: skip
    if not converged:
        result.update(reason=reason, kind=kind)
    try:  # ASE counts tension as positive
        stress = -EV_PER_CUBIC_ANGSTROM_IN_KBAR * np.asarray(atoms.get_stress(voigt=False), dtype=float)
        result["stress_kbar"] = stress.tolist()
    except (PropertyNotImplementedError, NotImplementedError):
        pass
    return result


class Scorer:
    """What to derive from. The methods that are there say what the scorer can."""

    model = ""  #: says which model this is, weights included: hullscan stores it with what it scored
    several_crystals = False  #: True: fit() takes labels whose supercells are of several crystals (surrogate.spaces)

    def energies(self, batch):
        """[len(batch)] energies, eV per atom: formation energies of a scorer that learns from labels, any reference
        else. An energy must depend on its configuration alone, not on what else is in the batch."""
        raise NotImplementedError

    # def deviations(self, batch): [len(batch)] standard deviations, eV per atom.
    # def fit(self, labels): learns; returns (bytes of the model, report), where report is a dict with any of
    #     rmse_mev_per_atom, loo_rmse_mev_per_atom (of labels that were held out), loo_residuals_per_atom [labels, eV],
    #     features, warnings [texts].
    # def load(self, data): takes the bytes of fit, perhaps of another process.
    # def relax(self, request): calculates for [dft] with lasting = true; returns a dict as in docs/formats/exchange.md
    #     (result.json), which result_of(atoms) makes of ase.Atoms.


class _Connection:
    def __init__(self):
        self.input = sys.stdin.buffer
        # print() of the scorer and of its libraries must not come between the messages.
        self.output = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def receive(self):
        line = self.input.readline()
        if not line:
            return None, b""
        head = json.loads(line)
        size = head.get("bytes", 0)
        data = self.input.read(size)
        if len(data) < size:
            return None, b""
        return head, data

    def send(self, head, data=b""):
        if data:
            head["bytes"] = len(data)
        self.output.write(json.dumps(head).encode() + b"\n")
        self.output.write(data)
        self.output.flush()


class _Session:
    def __init__(self, scorer):
        self.scorer = scorer
        self.crystals = {}
        self.supercells = {}

    def can(self):
        abilities = ["energies"] if type(self.scorer).energies is not Scorer.energies else []
        abilities += [name for name in ("deviations", "fit", "relax") if callable(getattr(self.scorer, name, None))]
        abilities += ["several-crystals"] if self.scorer.several_crystals else []
        return abilities

    def score(self, head, data):
        supercell = self.supercells[head["supercell"]]
        occupations = np.frombuffer(data, dtype=np.uint8).reshape(head["count"], len(supercell.varied))
        batch = Batch(supercell, occupations)
        columns = [self._numbers(what, batch) for what in head["want"]]
        return {"done": "score"}, np.concatenate(columns).astype("<f8").tobytes()

    def _numbers(self, what, batch):
        numbers = np.asarray(getattr(self.scorer, what)(batch), dtype=float).reshape(-1)
        if len(numbers) != len(batch):
            raise ValueError(f"{what}() returned {len(numbers)} numbers for {len(batch)} configurations")
        return numbers

    def fit(self, head, data):
        labels, at = [], 0
        for message in head["labels"]:
            supercell = self.supercells[message["supercell"]]
            sites = len(supercell.varied)
            labels.append(Label(message, supercell, np.frombuffer(data[at:at + sites], dtype=np.uint8)))
            at += sites
        model, report = self.scorer.fit(labels)
        return {"done": "fit", "report": report}, bytes(model)

    def load(self, head, data):
        self.scorer.load(data)
        return {"done": "load"}, b""

    def relax(self, head, data):
        return {"done": "relax", "results": [self.scorer.relax(Request(one)) for one in head["requests"]]}, b""

    def answer(self, head, data):
        if "do" in head:
            return {"score": self.score, "fit": self.fit, "load": self.load, "relax": self.relax}[head["do"]](head, data)
        if "hello" in head:
            return {"hello": "hullscan-scorer", "version": VERSION, "model": str(self.scorer.model), "can": self.can()}, b""
        if "supercell" in head:
            self.supercells[head["supercell"]] = Supercell(head, self.crystals[head["crystal"]])
        elif "crystal" in head:
            self.crystals[head["crystal"]] = Crystal(head)
        return None, b""


def serve(scorer):
    """Answers until hullscan closes the input. An exception of the scorer is told to hullscan, with its traceback on
    stderr."""
    connection, session = _Connection(), _Session(scorer)
    while True:
        head, data = connection.receive()
        if head is None:
            return
        try:
            answer, data = session.answer(head, data)
        except Exception as error:
            traceback.print_exc()
            sys.stderr.flush()
            answer, data = {"error": f"{type(error).__name__}: {error}"}, b""
        if answer is not None:
            connection.send(answer, data)
