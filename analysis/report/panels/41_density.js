// How the predicted energies of one composition are spread, orbits or configurations; spaces laid over each other.
panels.push({
  title: () => hull ? "Spread of formation energies" : "Spread of the model's energies", applies: () => compositions.some(c => c.histogram),
  draw(body, head) {
    const groups = new Map();
    for (const c of compositions) if (c.histogram) {
      if (!groups.has(c.formula)) groups.set(c.formula, []);
      const list = groups.get(c.formula), same = list.find(old => old.space === c.space && Math.abs(old.histogram.bin - c.histogram.bin) < 1e-9);
      if (summed(c.space) || !same) list.push(c);
      else list[list.indexOf(same)] = joined(same, c);
    }
    const names = [...groups.keys()], weighted = compositions.some(c => c.histogram && c.histogram.configurations && summed(c.space));
    const spaces = [...new Set([...groups.values()].flat().map(c => c.space))], narrow = c => Math.max(1, Math.ceil(-Math.log10(c.histogram.bin * 1000) - 1e-9));
    const most = names.reduce((best, name) => sum(groups.get(name).map(c => Number(c.inequivalent || 0))) > sum(groups.get(best).map(c => Number(c.inequivalent || 0))) ? name : best, names[0]);
    // Degeneracies of different supercells count different things: then orbits are counted.
    const byWeight = c => weights.checked && c.histogram.configurations && summed(c.space);
    const counted = c => byWeight(c) ? c.histogram.configurations : c.histogram.orbits;
    const choice = h("select", {"aria-label": "composition", onchange: () => plot.redraw()}, ...names.map(name => h("option", {value: name, selected: name === most}, subscripts(name))));
    const weights = h("input", {type: "checkbox", onchange: () => plot.redraw()});
    weights.checked = weighted;
    head.append(choice, weighted ? h("label", null, weights, "weighted by degeneracy") : "");
    const draw = width => {
      const list = groups.get(choice.value), low = Math.min(...list.map(c => c.histogram.low)), high = Math.max(...list.map(c => c.histogram.low + c.histogram.bin * c.histogram.orbits.length));
      const highest = Math.max(1, ...list.flatMap(c => counted(c).map(Number))), pad = Math.max(0.03 * (high - low), 1e-4);
      const {svg, X, Y} = chart({width, height: 260, label: "Number of configurations against formation energy", x: {low: low - pad, high: high + pad, label: (hull ? "predicted formation energy" : "energy by the model") + " (meV/atom)", scale: 1000},
        y: {low: 0, high: 1.08, label: weights.checked ? "configurations (share of the largest)" : "orbits (share of the largest)"}});
      const marks = [];
      list.forEach(c => {
        const k = spaces.indexOf(c.space), values = counted(c).map(Number);
        let d = "M" + X(c.histogram.low) + " " + Y(0);
        values.forEach((v, i) => {
          const left = c.histogram.low + i * c.histogram.bin;
          d += `L${X(left)} ${Y(v / highest)}L${X(left + c.histogram.bin)} ${Y(v / highest)}`;
          if (v) marks.push({x: X(left + c.histogram.bin / 2), y: Y(v / highest), text: `${meV(left, narrow(c))} to ${meV(left + c.histogram.bin, narrow(c))} meV/atom\n${grouped(String(v))} ${byWeight(c) ? "configurations" : "orbits"}` + (list.length > 1 ? "\n" + c.space : "")});
        });
        d += "L" + X(c.histogram.low + c.histogram.bin * values.length) + " " + Y(0) + "Z";
        svg.append(s("path", {d, style: "fill:" + category(k) + ";fill-opacity:0.25;stroke:" + category(k) + ";stroke-width:1.2"}));
      });
      for (const p of points.filter(p => p.formula === choice.value && p.kind === "computed")) if (p.formation_energy_per_atom >= low - pad && p.formation_energy_per_atom <= high + pad) {
        svg.append(s("line", {style: "stroke:var(--computed)", x1: X(p.formation_energy_per_atom), x2: X(p.formation_energy_per_atom), y1: Y(0), y2: Y(0.06)}));
        marks.push({x: X(p.formation_energy_per_atom), y: Y(0.03), text: describe(p)});
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "spread of formation energies", head, data: () => ({columns: ["space", "formula", "from_ev_per_atom", "to_ev_per_atom", "orbits", "configurations"],
      rows: [...groups.values()].flat().flatMap(c => c.histogram.orbits.map((n, i) => [c.space, c.formula, c.histogram.low + i * c.histogram.bin, c.histogram.low + (i + 1) * c.histogram.bin, n, c.histogram.configurations ? c.histogram.configurations[i] : ""]))})});
    body.append(legend([...spaces.slice(0, 8).map((name, k) => ["area " + categories[k], spaces.length > 1 ? name + ", predicted" : "predicted"]), points.some(p => p.kind === "computed") && ["tick", "calculated"]]));
    body.append(h("p", {class: "note"}, "Every configuration of the composition, as predicted; red ticks below: calculated." +
      (unsummed.length ? " Of spaces with several supercells inequivalent configurations are counted, each supercell for itself: degeneracies within different supercells cannot be added." : "")));
  }
});
// Orbits of two supercells with bins of one width, their edges at multiples of it.
function joined(a, b) {
  const bin = a.histogram.bin, low = Math.min(a.histogram.low, b.histogram.low), orbits = [];
  for (const {histogram} of [a, b]) histogram.orbits.forEach((count, k) => {
    const at = Math.round((histogram.low - low) / bin) + k;
    orbits[at] = (orbits[at] || 0) + Number(count);
  });
  return {...a, inequivalent: String(Number(a.inequivalent || 0) + Number(b.inequivalent || 0)), histogram: {low, bin, orbits: Array.from(orbits, count => count || 0)}};
}
