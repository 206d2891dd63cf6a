// How the predicted energies are spread at every composition, space beside space: one outline (violin) each.
panels.push({
  title: "Spread by composition", wide: true, applies: () => spreadLevels().length > 1,
  draw(body, head) {
    const levels = spreadLevels(), spaces = [...new Set(levels.flatMap(l => [...l.of.keys()]))], most = 24;
    const zero = h("select", {"aria-label": "energies", onchange: () => plot.redraw()}, hull ? h("option", {value: "hull"}, "formation energy") : "", h("option", {value: "lowest"}, "above the lowest of the composition"));
    head.append(zero);
    // Evenly chosen where there are too many to be read.
    const shownAt = width => { const fit = Math.min(most, Math.max(3, Math.floor((width - 70) / (26 * Math.min(spaces.length, 3))))); return levels.length <= fit ? levels : Array.from({length: fit}, (_, k) => levels[Math.round(k * (levels.length - 1) / (fit - 1))]); };
    const start = level => zero.value === "lowest" ? Math.min(...[...level.of.values()].map(s => s.lowest)) : 0;
    const draw = width => {
      const shown = shownAt(width), edges = shown.flatMap(l => [...l.of.values()].flatMap(s => [s.low - start(l), s.low + s.bin * s.counts.length - start(l)]));
      const low = Math.min(...edges), high = Math.max(...edges), pad = Math.max(0.05 * (high - low), 2e-4), height = 340;
      const {svg, X, Y} = chart({width, height, label: "Spread of predicted energies by composition", plain: true, x: {low: 0, high: shown.length, label: levels[0].x === null ? "composition" : curveAxis()},
        y: {low: low - pad, high: high + pad, label: (zero.value === "lowest" ? "above the lowest" : "predicted formation energy") + " (meV/atom)", scale: 1000}});
      const marks = [], place = (X(1) - X(0)) / spaces.length, every = Math.ceil(shown.length / Math.max(3, width / 75));
      shown.forEach((level, k) => {
        if (k % every === 0) svg.append(s("text", {x: X(k + 0.5), y: height - 25, "text-anchor": "middle"}, level.x === null ? subscripts(level.name) : fixed(level.x, 3).replace(/0+$/, "").replace(/\.$/, "")));
        if (k) svg.append(s("line", {class: "grid", x1: X(k), x2: X(k), y1: 10, y2: height - 42}));
        for (const [name, spread] of level.of) {
          const at = spaces.indexOf(name), middle = X(k) + place * (at + 0.5), largest = Math.max(...spread.counts), tint = category(at), right = [], left = [];
          spread.counts.forEach((count, i) => {
            const half = 0.46 * place * count / largest, top = Y(spread.low + (i + 1) * spread.bin - start(level)), base = Y(spread.low + i * spread.bin - start(level));
            right.push([middle + half, base], [middle + half, top]);
            left.push([middle - half, base], [middle - half, top]);
          });
          svg.append(s("path", {d: "M" + [...right, ...left.reverse()].map(p => p.map(v => v.toFixed(1)).join(" ")).join("L") + "Z", style: `fill:${tint};fill-opacity:0.3;stroke:${tint};stroke-width:1`}));
          const lowest = Y(spread.lowest - start(level));
          svg.append(s("circle", {style: `fill:${tint};stroke:var(--card)`, cx: middle, cy: lowest, r: 3}));
          marks.push({x: middle, y: lowest, text: `${subscripts(level.name)}, ${name}\nlowest ${meV(spread.lowest, 2)} meV/atom\n${short(String(sum(spread.counts)))} ${spread.weighted ? "configurations" : "orbits"} up to ${meV(spread.low + spread.bin * spread.counts.length, 2)}` +
            (spread.average ? `\nBoltzmann at ${report.temperature} K: ${meV(spread.average.mean, 2)} ± ${meV(spread.average.deviation, 2)}` : "")});
          if (spread.average) svg.append(s("line", {style: "stroke:var(--ink);stroke-width:1.6", x1: middle - 0.3 * place, x2: middle + 0.3 * place, y1: Y(spread.average.mean - start(level)), y2: Y(spread.average.mean - start(level))}));
          for (const e of spread.calculated) svg.append(s("line", {style: "stroke:var(--computed)", x1: middle - 0.46 * place, x2: middle - 0.3 * place, y1: Y(e - start(level)), y2: Y(e - start(level))}));
        }
      });
      hover(svg, width, marks, 24);
      return svg;
    };
    const plot = figure(body, draw, {name: "spread by composition", head, data: () => ({columns: ["composition", "x", "space", "from_ev_per_atom", "to_ev_per_atom", "count", "of"],
      rows: levels.flatMap(l => [...l.of].flatMap(([name, q]) => q.counts.map((n, i) => [l.name, l.x, name, q.low + i * q.bin, q.low + (i + 1) * q.bin, n, q.weighted ? "configurations" : "orbits"])))})});
    const averaged = levels.some(l => [...l.of.values()].some(q => q.average));
    body.append(legend([...spaces.slice(0, 8).map((name, k) => ["area " + categories[k], name]), ["dot", "lowest"], averaged && ["level", `Boltzmann average at ${report.temperature} K`], levels.some(l => [...l.of.values()].some(q => q.calculated.length)) && ["notch", "calculated"]]),
      h("p", {class: "note"}, "Width: share of the configurations, each outline for itself; all configurations of the space as predicted, weighted by degeneracy where it has one supercell." + (levels.length > 3 ? " Where there are more compositions than fit, they are chosen evenly: the numbers hold all." : "")));
  }
});
// [{name, x, of: Map(space -> {low, bin, counts, lowest, average, weighted, calculated})}] by composition.
function spreadLevels() {
  const levels = new Map(), keyOf = c => c.x ? c.x.map(v => v.toFixed(6)).join(" ") : c.formula;
  for (const c of compositions) if (c.histogram) {
    const key = keyOf(c), level = levels.get(key) || {name: c.formula, x: c.on_axes && c.on_axes.length === 1 ? c.on_axes[0] : null, of: new Map(), parts: new Map()};
    if (!level.parts.has(c.space)) level.parts.set(c.space, []);
    level.parts.get(c.space).push(c);
    levels.set(key, level);
  }
  for (const [key, level] of levels) for (const [name, parts] of level.parts) {
    // Several supercells: orbits, in bins as wide as the widest.
    const weighted = parts.length === 1 && summed(name) && !!parts[0].histogram.configurations, bin = Math.max(...parts.map(c => c.histogram.bin)), low = Math.min(...parts.map(c => c.histogram.low)), counts = [];
    for (const {histogram} of parts) (weighted ? histogram.configurations : histogram.orbits).forEach((count, k) => {
      const at = Math.floor((histogram.low + (k + 0.5) * histogram.bin - low) / bin + 1e-9);
      counts[at] = (counts[at] || 0) + Number(count);
    });
    level.of.set(name, {low, bin, counts: Array.from(counts, count => count || 0), lowest: Math.min(...parts.map(c => c.lowest_predicted)), weighted, average: parts.length === 1 ? parts[0].average : null,
      calculated: points.filter(p => p.kind === "computed" && p.space === name && p.x && keyOf(p) === key).map(p => p.formation_energy_per_atom)});
  }
  const list = [...levels.values()];
  return list.every(l => l.x !== null) ? list.sort((a, b) => a.x - b.x) : list.map(l => ({...l, x: null}));
}
