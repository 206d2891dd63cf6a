"""Neighbours and clusters of the varied sites of a parent crystal, for models on its ideal lattice.

A pair of varied sites is of one kind with another if the crystal around both pairs looks the same: the distances of
every atom site nearby from the two ends, fixed sites included. Pairs of one length that the symmetry of the crystal
does not map onto each other are therefore told apart, and fixed sites need no nodes of their own.
"""

import itertools

import numpy as np

SAME = 1e-2  #: Å; distances that differ by less are one


class ParentGraph:
    """pairs[p]: of varied parent site p, its neighbours up to `radius` Å as (parent site q, image [3], kind);
    the kind of (p, q) may be another number than that of (q, p). triplets[p]: (q, image, r, image, class) whose three
    edges are at most `triplet_radius` long, in the order or orders that are the class's own.
    site_kinds[p]: number of the kind of site. Radii are given in units of the shortest distance of varied sites where
    they are `relative`."""

    def __init__(self, crystal, radius, triplet_radius):
        positions = np.array([site["position"] for site in crystal.sites], dtype=float).reshape(-1, 3)
        self.lattice = crystal.lattice
        self.places = positions @ crystal.lattice
        self.labels = [str(site.get("sublattice", site.get("species"))) for site in crystal.sites]
        self.varied = [p for p, site in enumerate(crystal.sites) if "sublattice" in site]
        self.images = _images(crystal.lattice, 1.0)
        shortest = self._shortest()
        self.radius, self.triplet_radius = radius * shortest, triplet_radius * shortest
        self.images = _images(crystal.lattice, self.radius + 2 * shortest)
        self._find_pairs(shortest)
        self._find_triplets()

    def _shortest(self):
        """Å between the closest two varied sites."""
        for reach in (4.0, 8.0, 16.0, 1000.0):
            self.images = _images(self.lattice, reach)
            lengths = [np.linalg.norm(self.places[q] + self.images[1] - self.places[p], axis=1)
                       for p in self.varied for q in self.varied]  # fmt: skip
            lengths = np.concatenate(lengths)
            lengths = lengths[lengths > SAME]
            if len(lengths) and lengths.min() <= reach:
                return lengths.min()
        raise ValueError("the crystal has no two varied sites within 1000 Å")

    def _find_pairs(self, shortest):
        cells, shifts = self.images
        around = np.concatenate([place + shifts for place in self.places])
        around_labels = np.repeat(np.array(self.labels), len(shifts))
        found, surroundings = [], []
        for p in self.varied:
            from_p = np.linalg.norm(around - self.places[p], axis=1)
            for q in self.varied:
                ends = self.places[q] + shifts
                lengths = np.linalg.norm(ends - self.places[p], axis=1)
                for image in np.flatnonzero(lengths <= self.radius + SAME):
                    end = ends[image]
                    middle = np.linalg.norm(around - 0.5 * (end + self.places[p]), axis=1)
                    near = middle < 0.5 * lengths[image] + 1.3 * shortest
                    from_q = np.linalg.norm(around[near] - end, axis=1)
                    found.append((p, q, tuple(cells[image]), lengths[image]))
                    surroundings.append((around_labels[near], from_p[near], from_q))
        classes = _distance_classes(np.concatenate([np.concatenate(one[1:]) for one in surroundings]))
        names = []
        for (p, q, _, _), (labels, from_p, from_q) in zip(found, surroundings):
            near = sorted(zip(labels, classes(from_p), classes(from_q)))
            names.append((self.labels[p], self.labels[q], tuple(near)))
        # Numbers in the order of lengths, so that they do not depend on the order of the sites.
        first = {}
        for name, (_, _, _, length) in zip(names, found):
            first[name] = min(first.get(name, np.inf), length)
        first = {name: round(length, 1) for name, length in first.items()}
        number = {name: i for i, name in enumerate(sorted(first, key=lambda name: (first[name], name)))}
        self.pairs = {p: [] for p in self.varied}
        self.kind = {}
        of_site = {}
        for name, (p, q, image, length) in zip(names, found):
            self.kind[p, q, image] = number[name]
            if length <= SAME:
                of_site[p] = number[name]
            else:
                self.pairs[p].append((q, image, number[name], length))
        kinds = sorted(set(of_site.values()))
        self.site_kinds = {p: kinds.index(kind) for p, kind in of_site.items()}
        self.pair_kinds = len(number)
        self._kind_lengths = [length for _, length in sorted((number[name], length) for name, length in first.items())]
        self._shortest_varied = shortest

    def kinds_within(self, radius):
        """How many kinds, the first ones, are of pairs within `radius` shortest distances of varied sites."""
        return int(np.sum(np.array(self._kind_lengths) <= radius * self._shortest_varied + 0.05))

    def _find_triplets(self):
        self.triplets = {p: [] for p in self.varied}
        numbers = {}
        for p in self.varied:
            near = [(q, image, kind) for q, image, kind, length in self.pairs[p] if length <= self.triplet_radius + SAME]
            for (q, to_q, _), (r, to_r, _) in itertools.permutations(near, 2):
                between = tuple(b - a for a, b in zip(to_q, to_r))
                if (q, r, between) not in self.kind:
                    continue
                if self._length(q, r, between) > self.triplet_radius + SAME:
                    continue
                corners = [(p, (0, 0, 0)), (q, to_q), (r, to_r)]
                orders = [self._edges([corners[i] for i in order]) for order in itertools.permutations(range(3))]
                if orders[0] == min(orders):
                    number = numbers.setdefault(orders[0], len(numbers))
                    self.triplets[p].append((q, to_q, r, to_r, number))
        self.triplet_classes = len(numbers)
        self.pair_table = {p: _table([(q, *image, kind) for q, image, kind, _ in self.pairs[p]], 5) for p in self.varied}
        self.triplet_table = {p: _table([(q, *to_q, r, *to_r, number) for q, to_q, r, to_r, number in self.triplets[p]], 9)
                              for p in self.varied}  # fmt: skip

    def _edges(self, corners):
        edges = []
        for i in range(3):
            (a, at_a), (b, at_b) = corners[i], corners[(i + 1) % 3]
            edges.append(self.kind[a, b, tuple(y - x for x, y in zip(at_a, at_b))])
        return tuple(edges)

    def _length(self, q, r, image):
        return np.linalg.norm(self.places[r] + np.array(image) @ self.lattice - self.places[q])


def _table(rows, columns):
    return np.array(rows, dtype=int).reshape(-1, columns)


def _images(lattice, reach):
    """Cells [n, 3] and their shifts [n, 3] in Å whose parallelepiped comes within `reach` of that of the origin."""
    heights = 1 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    most = np.ceil(reach / heights).astype(int) + 1
    cells = np.array(list(itertools.product(*[range(-m, m + 1) for m in most])), dtype=int)
    return cells, cells @ lattice


def _distance_classes(lengths):
    """Numbers of distances: one for all that differ by less than SAME from their neighbour."""
    ordered = np.unique(lengths)
    starts = np.concatenate([[True], np.diff(ordered) > SAME])
    numbers = np.cumsum(starts)
    return lambda some: [int(n) for n in numbers[np.searchsorted(ordered, some)]]


class CellGraph:
    """The same of a supercell, by index into an occupation: pairs [n, 4] of (kind, i, j, how often), triplets [n, 5]
    of (class, i, j, k, how often), both sorted; site_kinds [varied sites]."""

    def __init__(self, parent, supercell):
        matrix = np.rint(supercell.lattice @ np.linalg.inv(parent.lattice)).astype(int)
        size = int(round(np.linalg.det(matrix)))
        self._adjugate = np.rint(np.linalg.inv(matrix) * size).astype(int)
        self._size = abs(size)
        parents = supercell.parent_sites[supercell.varied]
        places = supercell.positions[supercell.varied] @ supercell.lattice
        cells = np.rint((places - parent.places[parents]) @ np.linalg.inv(parent.lattice)).astype(int)
        codes = self._code(parents, cells)
        self._order = np.argsort(codes)
        self._codes = codes[self._order]
        self.site_kinds = np.array([parent.site_kinds[p] for p in parents], dtype=int)
        pairs, triplets = [], []
        for i, (p, cell) in enumerate(zip(parents, cells)):
            near = parent.pair_table[p]
            pairs.append(np.stack([near[:, 4], np.full(len(near), i), self._index(near[:, :4], cell)], axis=1))
            near = parent.triplet_table[p]
            second, third = self._index(near[:, :4], cell), self._index(near[:, 4:8], cell)
            triplets.append(np.stack([near[:, 8], np.full(len(near), i), second, third], axis=1))
        self.pairs, self.triplets = _counted(np.concatenate(pairs)), _counted(np.concatenate(triplets))

    def _code(self, parents, cells):
        folded = (cells @ self._adjugate) % self._size
        return ((parents * self._size + folded[:, 0]) * self._size + folded[:, 1]) * self._size + folded[:, 2]

    def _index(self, sites, cell):
        """Of sites [n, 4] (parent site, image from `cell`)."""
        return self._order[np.searchsorted(self._codes, self._code(sites[:, 0], cell + sites[:, 1:]))]


def _counted(rows):
    """Rows that are there once, sorted, and how often each was."""
    unique, counts = np.unique(rows, axis=0, return_counts=True)
    return np.concatenate([unique, counts[:, None]], axis=1)
