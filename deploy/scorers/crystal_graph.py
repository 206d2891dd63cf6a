"""A crystal graph network as a scorer that learns from a campaign's labels: python3 crystal_graph.py [--correction]

The convolutions are those of CGCNN (Xie & Grossman, Phys. Rev. Lett. 120, 145301 (2018)) on the ideal lattice: a node
is a varied site with its species (a vacancy is one), an edge joins two within --radius and knows which kind of pair of
the crystal it is. The energy per atom is linear in composition plus what the network says, averaged over the sites.
Four networks, each without an eighth of the labels (a quarter, if there are few), give its mean, its deviation and its
error on labels that they did not see. Labels of several crystals (phases, dopants) train the same networks: crystals whose sites lie
alike share their kinds of pairs, and each crystal has a linear part of its own. With --correction a cluster expansion (pairs and triplets, ridge regression) comes first, and the networks
learn what it leaves, taken as far as it helps with the labels left out. docs/formats/scorer.md. Needs python3-torch.
"""

import argparse
import copy
import hashlib
import io
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cluster_ridge import Ridge, cluster_counts
from parent_graph import CellGraph, ParentGraph
from source_package import use_source_package

use_source_package()
from hullscan.scorer import Scorer, serve  # noqa: E402

AT_A_TIME = 32  #: configurations
MANY = 200  #: labels of which half are enough to say how wrong the networks are
FEWEST = 12  #: labels that networks are trained with; with fewer the expansion stands alone


class Graphs:
    """Those of the crystals and supercells that were named."""

    def __init__(self, settings):
        self.settings = settings
        self.parents = {}
        self.cells = {}

    def parent(self, crystal):
        name = _name_of(crystal)
        if name not in self.parents:
            parent = ParentGraph(crystal, self.settings.pair_radius, self.settings.triplet_radius)
            parent.name, parent.geometry = name, _geometry_of(crystal)
            parent.close_kinds = parent.kinds_within(self.settings.radius)
            symbols = [crystal.sublattices[crystal.sites[p]["sublattice"]]["species"] for p in parent.varied]
            parent.width = max(len(some) for some in symbols)
            parent.nodes = sorted({(parent.site_kinds[p], symbol) for p, some in zip(parent.varied, symbols)
                                   for symbol in some})  # fmt: skip
            parent.points = (max(parent.site_kinds.values()) + 1) * (parent.width - 1)
            self.parents[name] = parent
        return self.parents[name]

    def cell(self, supercell):
        if id(supercell) not in self.cells:
            self.cells[id(supercell)] = Cell(self.parent(supercell.crystal), supercell)
        return self.cells[id(supercell)]


def _name_of(crystal):
    text = json.dumps([crystal.lattice.tolist(), crystal.sublattices, crystal.sites], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _geometry_of(crystal):
    sites = [[site["position"], site.get("sublattice", site.get("species"))] for site in crystal.sites]
    return hashlib.sha256(json.dumps([crystal.lattice.tolist(), sites]).encode()).hexdigest()


class Cell:
    """A supercell. node_of [sites, species]: number of the node; near, edge, times [sites, most]: index of the
    neighbour, kind of the pair, how often it is one (0: none)."""

    def __init__(self, parent, supercell):
        self.parent = parent
        self.supercell = supercell
        self.graph = CellGraph(parent, supercell)
        sites = len(supercell.varied)
        self.fixed = sum(symbol is not None for symbol in supercell.fixed)
        self.node_of = np.zeros((sites, parent.width), dtype=int)
        self.vacancy = np.zeros((sites, parent.width), dtype=bool)
        for i, (kind, some) in enumerate(zip(self.graph.site_kinds, supercell.species)):
            for s, symbol in enumerate(some):
                self.node_of[i, s] = parent.nodes.index((kind, symbol))
                self.vacancy[i, s] = symbol == "Va"
        pairs = self.graph.pairs[self.graph.pairs[:, 0] < parent.close_kinds]
        most = max(1, int(np.bincount(pairs[:, 1], minlength=sites).max(initial=1)))
        self.near, self.edge, self.times = (np.zeros((sites, most), dtype=int) for _ in range(3))
        filled = np.zeros(sites, dtype=int)
        for kind, i, j, count in pairs:
            at = filled[i]
            self.near[i, at], self.edge[i, at], self.times[i, at] = j, kind, count
            filled[i] += 1

    def atoms(self, occupations):
        """[n] of occupations [n, sites]."""
        sites = np.arange(occupations.shape[1])
        return self.fixed + len(sites) - self.vacancy[sites, occupations].sum(axis=1)

    def features(self, occupations):
        """[n, features] clusters per atom, the points first."""
        found = []
        for first in range(0, len(occupations), AT_A_TIME):
            some = occupations[first:first + AT_A_TIME]
            indicators = (some[:, :, None] == np.arange(1, self.parent.width)).astype(float)
            counts = cluster_counts(self.graph, self.parent, indicators)
            found.append(counts / self.atoms(some)[:, None])
        return np.concatenate(found)


class Shared:
    """Nodes and kinds of pairs of networks that learn several crystals. Crystals whose sites lie alike, whatever the
    species on them, share their kinds. nodes: (geometry, kind of site, symbol); kinds: how many of all geometries."""

    def __init__(self, nodes, first_kind, kinds):
        self.nodes = [tuple(node) for node in nodes]
        self.first_kind, self.kinds = first_kind, kinds

    @staticmethod
    def of(parents):
        geometries = sorted({parent.geometry: parent.close_kinds for parent in parents}.items())
        firsts = np.cumsum([0] + [kinds for _, kinds in geometries])
        first_kind = {geometry: int(first) for (geometry, _), first in zip(geometries, firsts)}
        return Shared(sorted({(parent.geometry, *node) for parent in parents for node in parent.nodes}), first_kind,
                      int(firsts[-1]))  # fmt: skip

    def cell(self, cell):
        """The cell with the numbers of the shared nodes and kinds."""
        parent, other = cell.parent, copy.copy(cell)
        numbers = np.array([self.nodes.index((parent.geometry, *node)) for node in parent.nodes])
        other.node_of, other.edge = numbers[cell.node_of], cell.edge + self.first_kind[parent.geometry]
        return other


class Convolution(nn.Module):
    """x_i + sum over neighbours j of sigmoid(.) softplus(.), both linear in x_i, x_j and the kind of pair: what a kind
    adds is a table, so that sites, not edges, are multiplied by matrices."""

    def __init__(self, channels, kinds):
        super().__init__()
        self.own = nn.Linear(channels, 2 * channels)
        self.other = nn.Linear(channels, 2 * channels, bias=False)
        self.kind = nn.Embedding(kinds, 2 * channels)
        self.norm = nn.BatchNorm1d(channels)

    def forward(self, x, near, edge, times, alike):
        both = _apply(self.own, x, alike)[:, None] + functional.embedding(near, _apply(self.other, x, alike))
        both = both + self.kind(edge)
        gate, core = both.chunk(2, dim=-1)
        message = torch.sigmoid(gate) * functional.softplus(core)
        return x + self.norm((message * times[:, :, None]).sum(dim=1))


class Network(nn.Module):
    """What each site adds to the energy, in units of the scatter of what is learnt."""

    def __init__(self, nodes, kinds, channels, layers):
        super().__init__()
        self.node = nn.Embedding(nodes, channels)
        self.layers = nn.ModuleList(Convolution(channels, kinds) for _ in range(layers))
        self.hidden = nn.Linear(channels, channels)
        self.last = nn.Linear(channels, 1)

    def forward(self, packed):
        """[n] per atom."""
        x = self.node(packed.node)
        for layer in self.layers:
            x = layer(x, packed.near, packed.edge, packed.times, packed.alike)
        parts = _apply(self.last, functional.softplus(_apply(self.hidden, x, packed.alike)), packed.alike)[:, 0]
        return torch.zeros(len(packed.atoms)).index_add(0, packed.owner, parts) / packed.atoms


def _apply(linear, x, alike):
    """The layer, for `alike` configurations of one supercell one by one: the rounding of a matrix product depends on
    the number of its rows, and an energy must not depend on what else was asked for. 0: all at once."""
    if alike == 0:
        return linear(x)
    weights = linear.weight.t().expand(alike, -1, -1)
    product = torch.bmm(x.view(alike, -1, x.shape[1]), weights).view(len(x), -1)
    return product if linear.bias is None else product + linear.bias


class Packed:
    """Configurations side by side as one graph, of whatever supercells, or of one, which is said by `alike`."""

    def __init__(self, cells, occupations, alike=False):
        self.alike = len(occupations) if alike else 0
        most = max(cell.near.shape[1] for cell in cells)
        node, near, edge, times, first = [], [], [], [], 0
        for cell, occupation in zip(cells, occupations):
            room = ((0, 0), (0, most - cell.near.shape[1]))
            node.append(cell.node_of[np.arange(len(occupation)), occupation])
            near.append(np.pad(cell.near, room) + first)
            edge.append(np.pad(cell.edge, room))
            times.append(np.pad(cell.times, room))
            first += len(occupation)
        self.node = torch.from_numpy(np.concatenate(node))
        self.near = torch.from_numpy(np.concatenate(near))
        self.edge = torch.from_numpy(np.concatenate(edge))
        self.times = torch.from_numpy(np.concatenate(times).astype(np.float32))
        sizes = torch.tensor([len(occupation) for occupation in occupations])
        self.owner = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
        atoms = [cell.atoms(occupation[None])[0] for cell, occupation in zip(cells, occupations)]
        self.atoms = torch.tensor(atoms, dtype=torch.float32)


def train(network, cells, occupations, values, weights, settings):
    """Least squares: AdamW with a rising, then falling rate; the weights of the last part are averaged."""
    values, weights = torch.tensor(values, dtype=torch.float32), torch.tensor(weights, dtype=torch.float32)
    batches = max(1, round(len(values) / settings.batch))
    steps = settings.epochs * batches
    parameters = list(network.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=settings.decay)
    averaged, taken = [torch.zeros_like(parameter) for parameter in parameters], 0
    for step in range(steps):
        if step % batches == 0:
            shares = torch.tensor_split(torch.randperm(len(values)), batches)
        some = shares[step % batches]
        rate = settings.rate * min(1, 10 * (step + 1) / steps) * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimiser.param_groups[0]["lr"] = rate
        errors = network(Packed([cells[i] for i in some], [occupations[i] for i in some])) - values[some]
        optimiser.zero_grad()
        (weights[some] * errors**2).mean().backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        if step >= min(0.8 * steps, steps - 1):
            taken += 1
            for mean, parameter in zip(averaged, parameters):
                mean += (parameter.detach() - mean) / taken
    with torch.no_grad():
        for mean, parameter in zip(averaged, parameters):
            parameter.copy_(mean)
        # The statistics that the averaged weights have, over all labels at once.
        for layer in network.layers:
            layer.norm.reset_running_stats()
            layer.norm.momentum = None
        network(Packed(cells, occupations))
    network.eval()


def outputs(network, cell, occupations):
    """[n] of occupations [n, sites] of one supercell."""
    found = []
    for first in range(0, len(occupations), AT_A_TIME):
        some = occupations[first:first + AT_A_TIME]
        even = np.concatenate([some, some[-1:]]) if len(some) % 2 else some  # whole registers: see _apply
        with torch.no_grad():
            found.append(network(Packed([cell] * len(even), even, alike=True)).numpy()[:len(some)])
    return np.concatenate(found).astype(float)


class Fitted:
    """What was learnt of one crystal. parts: the Ridge of composition and, or None, that of the clusters; scale: of the
    networks' outputs, eV per atom, with what is taken of them; error: eV per atom, of labels left out."""

    def __init__(self, composition, clusters, networks, scale, error, shared=None):
        self.composition, self.clusters = composition, clusters
        self.networks, self.scale, self.error = networks, scale, error
        self.shared = shared  # of networks that learnt several crystals, else None

    def cell(self, cell):
        """As its networks want it."""
        return cell if self.shared is None or not self.networks else self.shared.cell(cell)

    def base(self, features, points):
        base = self.composition(features[:, :points])
        return base if self.clusters is None else base + self.clusters(features)

    def to_bytes(self, parent, settings):
        head = {"version": 1, "crystal": parent.name, "nodes": parent.nodes, "kinds": parent.close_kinds,
                "channels": settings.channels, "layers": settings.layers, "networks": len(self.networks),
                "scale": self.scale, "error": self.error}  # fmt: skip
        if self.shared is not None:
            head.update(version=2, nodes=self.shared.nodes, kinds=self.shared.kinds, first_kind=self.shared.first_kind)
        arrays = {"head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)}
        for name in ("composition", "clusters"):
            ridge = getattr(self, name)
            if ridge is not None:
                arrays.update({f"{name}.{key}": value for key, value in ridge.arrays().items()})
        for number, network in enumerate(self.networks):
            arrays.update({f"network{number}.{key}": value.numpy() for key, value in network.state_dict().items()})
        file = io.BytesIO()
        np.savez(file, **arrays)
        return file.getvalue()

    @staticmethod
    def of_bytes(data):
        """The head and what to_bytes was of."""
        with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            if head["version"] not in (1, 2):
                raise ValueError(f"the model has version {head['version']}, this scorer reads 1 and 2")
            parts = {}
            for array in arrays.files:
                part, _, key = array.partition(".")
                parts.setdefault(part, {})[key] = arrays[array]
        networks = []
        for number in range(head["networks"]):
            network = Network(len(head["nodes"]), head["kinds"], head["channels"], head["layers"])
            network.load_state_dict({key: torch.from_numpy(value) for key, value in parts[f"network{number}"].items()})
            networks.append(network.eval())
        clusters = Ridge.of_arrays(parts["clusters"]) if "clusters" in parts else None
        shared = Shared(head["nodes"], head["first_kind"], head["kinds"]) if head["version"] == 2 else None
        composition = Ridge.of_arrays(parts["composition"])
        return head, Fitted(composition, clusters, networks, head["scale"], head["error"], shared)


def of_all(models):
    """The bytes of several models as one; of one itself."""
    if len(models) == 1:
        return models[0]
    file = io.BytesIO()
    np.savez(file, **{f"model{number}": np.frombuffer(data, dtype=np.uint8) for number, data in enumerate(models)})
    return file.getvalue()


def each_of(data):
    """What of_all was of."""
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as arrays:
        if "model0" not in arrays.files:
            return [data]
        return [arrays[name].tobytes() for name in arrays.files]


class Linear:
    """The labels of one crystal, `which` of all, and what is fitted to them before the networks: what it leaves is
    `left`."""

    def __init__(self, parent, which, features, energies, weights, settings):
        self.parent, self.which = parent, which
        few = len(which) < FEWEST
        self.composition = Ridge().fit(features[:, :parent.points], energies, weights)
        self.left = energies - self.composition(features[:, :parent.points])
        self.clusters = None
        if settings.correction or few:
            self.clusters = Ridge().fit(features, self.left, weights)
            self.left = self.clusters.left_out


class CrystalGraph(Scorer):
    several_crystals = True

    def __init__(self, settings):
        torch.set_num_threads(1)
        self.settings = settings
        self.graphs = Graphs(settings)
        self.fitted = {}  # by the name of the crystal
        self.cells_of_networks = {}  # of a model and a cell
        self.last = (None,)  # batch and its results: hullscan asks for energies and deviations together
        self.pretrained = None
        learning = {key: value for key, value in vars(settings).items() if key not in ("save", "pretrained")}
        self.model = "crystal graph, version 1: " + json.dumps(learning, sort_keys=True)
        if settings.pretrained is not None:
            data = pathlib.Path(settings.pretrained).read_bytes()
            self.pretrained = Fitted.of_bytes(data)
            self.model += ", from " + hashlib.sha256(data).hexdigest()[:16]

    def fit(self, labels):
        settings = self.settings
        cells = [self.graphs.cell(label.supercell) for label in labels]
        occupations = [label.occupation for label in labels]
        energies = np.array([label.energy for label in labels], dtype=float)
        weights = np.array([label.weight for label in labels], dtype=float)
        weights = weights / weights.mean()
        parents = {cell.parent.name: cell.parent for cell in cells}
        linear, features, left = [], {}, np.zeros(len(labels))
        for name, parent in sorted(parents.items()):
            which = np.array([i for i, cell in enumerate(cells) if cell.parent.name == name])
            features[name] = np.concatenate([cells[i].features(occupations[i][None]) for i in which])
            linear.append(Linear(parent, which, features[name], energies[which], weights[which], settings))
            left[which] = linear[-1].left
        shared = Shared.of(parents.values()) if len(parents) > 1 else None
        if shared is not None:
            of_network = {id(cell): shared.cell(cell) for cell in cells}
            cells = [of_network[id(cell)] for cell in cells]
        networks, scale, warnings = [], 1.0, []
        if len(labels) < FEWEST:
            warnings.append(f"{len(labels)} labels are too few for networks, which want {FEWEST}: a cluster expansion")
        else:
            size = float(np.sqrt(np.mean(weights * left**2))) + 1e-9
            sizes = (len(shared.nodes), shared.kinds) if shared is not None else None
            networks, unseen = self._train(linear[0].parent, sizes, cells, occupations, left / size, weights)
            known = ~np.isnan(unseen)
            taken = _share(size * unseen[known], left[known], weights[known]) if settings.correction else 1.0
            scale = size * taken
            left = left - scale * unseen
        known = ~np.isnan(left)
        learnt, models, errors = np.zeros(len(labels)), [], []
        for one in linear:
            here = one.which[known[one.which]]
            if len(here) == 0:
                here = np.flatnonzero(known)
            error = float(np.sqrt(np.average(left[here] ** 2, weights=weights[here])))
            fitted = Fitted(one.composition, one.clusters, networks, scale, error, shared)
            self.fitted[one.parent.name] = fitted
            said = self._mean(fitted, one.parent, [cells[i] for i in one.which], [occupations[i] for i in one.which],
                              features[one.parent.name])  # fmt: skip
            learnt[one.which] = energies[one.which] - said
            models.append(fitted.to_bytes(one.parent, settings))
        self.last = (None,)
        self.cells_of_networks.clear()
        error = float(np.sqrt(np.average(left[known] ** 2, weights=weights[known])))
        report = {"rmse_mev_per_atom": 1e3 * float(np.sqrt(np.mean(weights * learnt**2))),
                  "loo_rmse_mev_per_atom": 1e3 * error, "warnings": warnings,
                  "loo_residuals_per_atom": [one if there else None for one, there in zip(left, known)],
                  "features": sum(p.numel() for n in networks[:1] for p in n.parameters())}  # fmt: skip
        data = of_all(models)
        if settings.save is not None:
            pathlib.Path(settings.save).write_bytes(data)
        return data, report

    def _train(self, parent, sizes, cells, occupations, values, weights):
        """sizes: numbers of nodes and kinds where they are not the parent's own. The networks, and what the one of them that did not see a label says of it; NaN if all have."""
        settings = self.settings
        shuffled = np.random.default_rng(settings.seed).permutation(len(values))
        networks, unseen = [], np.full(len(values), np.nan)
        parts = settings.members if len(values) < MANY else 2 * settings.members
        for member in range(settings.members):
            out = np.sort(shuffled[member::parts])
            kept = np.setdiff1d(np.arange(len(values)), out)
            torch.manual_seed(settings.seed * 1000 + member)
            nodes, kinds = sizes if sizes is not None else (len(parent.nodes), parent.close_kinds)
            network = Network(nodes, kinds, settings.channels, settings.layers)
            if sizes is None:
                self._start(network, parent, member)
            elif self.pretrained is not None:
                raise ValueError("--pretrained is of one crystal, and the labels are of several")
            train(network, [cells[i] for i in kept], [occupations[i] for i in kept], values[kept], weights[kept], settings)
            for i in out:
                unseen[i] = outputs(network, cells[i], occupations[i][None])[0]
            networks.append(network)
        return networks, unseen

    def _start(self, network, parent, member):
        if self.pretrained is None:
            return
        head, fitted = self.pretrained
        own = (parent.nodes, parent.close_kinds, self.settings.channels, self.settings.layers)
        theirs = ([tuple(node) for node in head["nodes"]], head["kinds"], head["channels"], head["layers"])
        if own != theirs or not fitted.networks:
            raise ValueError(f"the pretrained model is of other sites, neighbours or sizes: {theirs}, not {own}")
        network.load_state_dict(fitted.networks[member % len(fitted.networks)].state_dict())

    def _mean(self, fitted, parent, cells, occupations, features):
        energies = fitted.base(features, parent.points)
        if not fitted.networks:
            return energies
        said = [[outputs(network, cell, o[None])[0] for network in fitted.networks] for cell, o in zip(cells, occupations)]
        return energies + fitted.scale * np.mean(said, axis=1)

    def load(self, data):
        for model in each_of(data):
            head, fitted = Fitted.of_bytes(model)
            self.fitted[head["crystal"]] = fitted
        self.last = (None,)
        self.cells_of_networks.clear()

    def _said(self, batch):
        """What is linear [n], and what the networks say [networks, n], eV per atom."""
        if self.last[0] is not batch:
            cell = self.graphs.cell(batch.supercell)
            fitted = self.fitted[cell.parent.name]
            base = fitted.base(cell.features(batch.occupations), cell.parent.points)
            said = [fitted.scale * outputs(network, self._of_network(fitted, cell), batch.occupations)
                    for network in fitted.networks]  # fmt: skip
            self.last = (batch, fitted, base, np.array(said).reshape(-1, len(batch)))
        return self.last[1:]

    def _of_network(self, fitted, cell):
        key = (id(fitted), id(cell))
        if key not in self.cells_of_networks:
            self.cells_of_networks[key] = fitted.cell(cell)
        return self.cells_of_networks[key]

    def energies(self, batch):
        _, base, said = self._said(batch)
        return base + said.mean(axis=0) if len(said) else base

    def deviations(self, batch):
        """Of the networks among each other, together with their error on labels that they did not see."""
        fitted, base, said = self._said(batch)
        spread = said.std(axis=0, ddof=1) if len(said) > 1 else np.zeros(len(base))
        return np.hypot(spread, fitted.error)


def _share(said, wanted, weights):
    """How much of what the networks say is to be taken, 0 to 1: least squares on labels they did not see, held back
    by one deviation of itself."""
    power = np.sum(weights * said**2) + 1e-30
    best = np.sum(weights * said * wanted) / power
    left = wanted - best * said
    deviation = np.sqrt(np.sum(weights**2 * said**2 * left**2)) / power
    return float(np.clip(best - deviation, 0, 1))


def options(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--correction", action="store_true", help="learn what a cluster expansion leaves")
    parser.add_argument("--radius", type=float, default=1.8, help="of neighbours, in shortest distances of varied sites")
    parser.add_argument("--pair-radius", type=float, default=2.9, help="of the expansion's pairs, likewise")
    parser.add_argument("--triplet-radius", type=float, default=1.75, help="of the expansion's triplets, likewise")
    parser.add_argument("--channels", type=int, default=48, help="numbers a site carries; a multiple of 16")
    parser.add_argument("--layers", type=int, default=3, help="convolutions")
    parser.add_argument("--members", type=int, default=4, help="networks, 2 or more")
    parser.add_argument("--epochs", type=int, default=100, help="how often each label is seen")
    parser.add_argument("--batch", type=int, default=64, help="labels at a time")
    parser.add_argument("--rate", type=float, default=5e-3, help="highest learning rate")
    parser.add_argument("--decay", type=float, default=1e-2, help="of the weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", metavar="FILE", help="write the model of every fit here")
    parser.add_argument("--pretrained", metavar="FILE", help="start from a model that --save wrote")
    settings = parser.parse_args(words)
    if not 2 <= settings.members <= FEWEST:
        parser.error(f"--members {settings.members}: 2 to {FEWEST} networks, so that every label is left out of one")
    return settings


if __name__ == "__main__":
    serve(CrystalGraph(options()))
