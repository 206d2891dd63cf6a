"""A model Hamiltonian of Cd and Zn in CsPbI3: the stand-in for the published DFT energies, of which only summaries are public.

E of a cell = formula units x (-15.0 eV, 16 meV/atom more in the black phase)
            + dopants x (a constant of dopant and phase)
            + pairs of dopants up to 14 Å: A exp(-r / 5 Å) (1 + 0.5 cos(2 pi r / 7 Å))
            + triangles of dopants with edges up to 10 Å: T exp(-(sum of the edges) / 15 Å)
            - relaxation: k x the square of the force that the pairs exert on each dopant, and c x (share of dopants)^2
            + noise of 0.25 meV/atom, one number for all configurations that symmetry makes equal: what a relaxation that
              stops at a threshold leaves.

The constants are made up; the difference of the pure phases is the published one (Eremin et al., Comput. Mater. Sci. 232,
112672 (2024)), and Zn closes the gap faster than Cd, as published. No number of it is a prediction.
"""

import hashlib

import numpy as np

PER_FORMULA_UNIT_EV = -15.0
BLACK_ABOVE_YELLOW_EV = 5 * 0.016
NOISE_EV_PER_ATOM = 0.25e-3
#           dopant, phase: eV a dopant, A, T, k in Å^2/eV, c in eV a cell
CONSTANTS = {("Cd", "gamma"): (0.10, 0.22, 0.35, 1.2, -0.5), ("Cd", "delta"): (0.16, 0.30, 0.28, 0.9, -0.3),
             ("Zn", "gamma"): (0.04, 0.36, 0.55, 1.6, -0.9), ("Zn", "delta"): (0.13, 0.45, 0.45, 1.1, -0.4)}  # fmt: skip


class Cell:
    """lattice [3, 3], species, positions (fractional). The phase is known by its octahedra: B sites that share edges
    (delta) are less than 5.5 Å apart."""

    def __init__(self, lattice, species, positions):
        self.lattice, self.species = np.asarray(lattice, dtype=float), list(species)
        self.positions = np.asarray(positions, dtype=float)
        self.metals = [i for i, symbol in enumerate(self.species) if symbol in ("Pb", "Cd", "Zn")]
        nearest = min(length for length, _ in self._around(self.metals[0], self.metals, 8.0))
        self.phase = "gamma" if nearest > 5.5 else "delta"
        self.dopants = [i for i in self.metals if self.species[i] != "Pb"]
        kinds = {self.species[i] for i in self.dopants}
        if len(kinds) > 1:
            raise ValueError("the model knows cells with Cd or with Zn, not with both")
        self.dopant = kinds.pop() if kinds else None

    def _around(self, i, others, reach):
        """Pairs (length, vector) from atom i to the images of others within reach, Å, itself left out."""
        shifts = np.array(np.meshgrid(*[range(-2, 3)] * 3, indexing="ij")).reshape(3, -1).T
        ends = (self.positions[others][:, None] + shifts[None]).reshape(-1, 3) - self.positions[i]
        vectors = ends @ self.lattice
        lengths = np.linalg.norm(vectors, axis=1)
        near = (lengths > 0.1) & (lengths <= reach)
        return list(zip(lengths[near], vectors[near]))

    def energy(self):
        """eV of the cell, and the forces on the dopants [dopants, 3] that relax."""
        energy = len(self.metals) * (PER_FORMULA_UNIT_EV + (BLACK_ABOVE_YELLOW_EV if self.phase == "gamma" else 0.0))
        pulls = np.zeros((len(self.dopants), 3))
        lengths = []
        if self.dopants:
            one, pair, triangle, soft, bowing = CONSTANTS[self.dopant, self.phase]
            energy += len(self.dopants) * one + bowing * (len(self.dopants) / len(self.metals)) ** 2
            for number, i in enumerate(self.dopants):
                around = self._around(i, self.dopants, 14.0)
                lengths.append(sorted(round(r, 1) for r, _ in around))
                for r, vector in around:
                    wave = 1 + 0.5 * np.cos(2 * np.pi * r / 7)
                    energy += 0.5 * pair * np.exp(-r / 5) * wave
                    slope = pair * np.exp(-r / 5) * (-wave / 5 - np.pi / 7 * np.sin(2 * np.pi * r / 7))
                    pulls[number] += slope * vector / r
                near = [(r, v) for r, v in around if r <= 10.0]
                for a in range(len(near)):
                    for b in range(a):
                        edge = np.linalg.norm(near[a][1] - near[b][1])
                        if 0.1 < edge <= 10.0:
                            energy += triangle / 3 * np.exp(-(near[a][0] + near[b][0] + edge) / 15)
            energy -= soft * float(np.sum(pulls**2))
        return energy + len(self.species) * NOISE_EV_PER_ATOM * self._noise(sorted(lengths)), pulls

    def _noise(self, lengths):
        """A standard normal number that follows from the distances of the dopants from each other."""
        text = repr((self.phase, self.dopant, len(self.dopants), lengths))
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
        return float(np.random.default_rng(seed).standard_normal())

    def relaxed_positions(self, seed):
        """Fractional: dopants moved along what pulls them, up to 0.15 Å, all atoms by 0.02 Å at random."""
        _, pulls = self.energy()
        moved = np.random.default_rng(seed).normal(0, 0.02, (len(self.species), 3))
        moved -= moved.mean(axis=0)
        for i, pull in zip(self.dopants, pulls):
            size = np.linalg.norm(pull)
            moved[i] += pull / max(size, 1e-12) * min(0.15, 2 * size)
        return self.positions + moved @ np.linalg.inv(self.lattice)
