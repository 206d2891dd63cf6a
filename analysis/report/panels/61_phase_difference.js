// Two spaces at the same compositions: which phase is lower, and by how much; calculated, and predicted of all orbits.
panels.push({
  title: "Phase difference", applies: () => phasePairs().length > 0,
  draw(body, head) {
    drawDifference(body, head, phasePairs(), "phase difference", "Calculated configurations only, by their degeneracies.");
  }
});
panels.push({
  title: "Phase difference, predicted", applies: () => predictedPhasePairs().length > 0,
  draw(body, head) {
    drawDifference(body, head, predictedPhasePairs(), "phase difference, predicted", "All configurations of both spaces, as predicted: those that were not kept one by one are known to 1 meV/atom and by their exact share of the partition sum.");
  }
});
function drawDifference(body, head, pairs, name, source) {
  const choice = h("select", {"aria-label": "phases", onchange: () => plot.redraw()}, ...pairs.map((p, k) => h("option", {value: k}, `${p.b} against ${p.a}`)));
  if (pairs.length > 1) head.append(choice);
  const temperatures = [...new Set(pairs.flatMap(p => p.rows.flatMap(r => r.free ? [...r.free.keys()] : [])))].sort((a, b) => a - b), ordered = report.axes.length === 1;
  const what = h("select", {"aria-label": "quantity", onchange: () => { plot.redraw(); key.replaceChildren(legendNow()); }}, h("option", {value: "energy"}, "energy"), h("option", {value: "free"}, "free energy"));
  if (temperatures.length) head.append(what);
  const free = () => temperatures.length > 0 && what.value === "free";
  const draw = width => {
    const pair = pairs[+choice.value || 0], rows = pair.rows, means = rows.filter(r => r.mean !== null), list = free() ? rows.filter(r => r.free) : rows;
    const values = free() ? list.flatMap(r => [r.least, ...r.free.values()]) : [...rows.map(r => r.least), ...means.flatMap(r => [r.mean - r.deviation, r.mean + r.deviation])];
    const low = Math.min(0, ...values), high = Math.max(0, ...values), pad = Math.max(0.08 * (high - low), 1e-3), from = Math.min(...rows.map(r => r.x)), to = Math.max(...rows.map(r => r.x)), side = Math.max(0.03 * (to - from), 0.01);
    const {svg, X, Y} = chart({width, height: 280, label: `Energy of ${pair.b} against ${pair.a}`, x: {low: from - side, high: to + side, label: curveAxis()}, y: {low: low - pad, high: high + pad, label: `${pair.b} − ${pair.a} (meV/atom)`, scale: 1000}});
    const path = (list, get) => list.map((r, k) => (k ? "L" : "M") + X(r.x) + " " + Y(get(r))).join(""), marks = [];
    const tell = r => `${subscripts(r.formula)}\nlowest: ${meV(r.least)} meV/atom` + (r.mean === null ? "" : `\nBoltzmann at ${report.temperature} K: ${meV(r.mean)} ± ${meV(r.deviation)}`) + (r.free ? [...r.free].map(([t, f]) => `\nfree energy at ${t} K: ${meV(f)}`).join("") : "");
    if (free()) {
      temperatures.forEach((t, k) => {
        const at = list.filter(r => r.free.has(t));
        if (ordered) svg.append(s("path", {style: `fill:none;stroke-width:2;stroke:${category(k)}`, d: path(at, r => r.free.get(t))}));
        for (const r of at) { svg.append(s("circle", {style: `fill:${category(k)};stroke:var(--card)`, cx: X(r.x), cy: Y(r.free.get(t)), r: 4})); marks.push({x: X(r.x), y: Y(r.free.get(t)), text: tell(r)}); }
      });
    } else {
      // One axis does not order the compositions of three end members: points alone.
      if (ordered && means.length) svg.append(s("path", {style: "fill:var(--c1);fill-opacity:0.18;stroke:none", d: path(means, r => r.mean + r.deviation) + [...means].reverse().map(r => "L" + X(r.x) + " " + Y(r.mean - r.deviation)).join("") + "Z"}),
        s("path", {class: "dashed", d: path(means, r => r.mean)}));
      if (ordered) svg.append(s("path", {class: "line", d: path(rows, r => r.least)}));
      for (const r of rows) { svg.append(s("circle", {class: "vertex", cx: X(r.x), cy: Y(r.least), r: 4.5})); marks.push({x: X(r.x), y: Y(r.least), text: tell(r)}); }
    }
    hover(svg, width, marks);
    return svg;
  };
  const plot = figure(body, draw, {name, head, data: () => ({columns: ["phase", "against", "x", "formula", "lowest_ev_per_atom", "boltzmann_ev_per_atom", "deviation_ev_per_atom", ...temperatures.map(t => `free_energy_${t}_K`)],
    rows: pairs.flatMap(p => p.rows.map(r => [p.b, p.a, r.x, r.formula, r.least, r.mean, r.deviation, ...temperatures.map(t => r.free && r.free.has(t) ? r.free.get(t) : null)]))})});
  const legendNow = () => legend(free() ? temperatures.map((t, k) => [categories[k % categories.length], `free energy at ${t} K`])
    : [ordered ? ["line", "lowest configurations"] : ["vertex", "lowest configurations"], ...(ordered && pairs.some(p => p.rows.some(r => r.mean !== null)) ? [["dashed", `Boltzmann averages at ${report.temperature} K`], ["band", "one standard deviation of both"]] : [])]);
  const key = h("div", null, legendNow());
  body.append(key, h("p", {class: "note"}, "Below zero the first phase is lower in energy. " + source));
}
// Formulas in the name of the curves' axis become indices.
const curveAxis = (k = 0) => hull && hull.axis.formula && report.axes[k] === hull.axis.label ? axisText(hull.axis) : /fraction/.test(report.axes[k]) ? report.axes[k] : subscripts(report.axes[k] || "");
// [{a, b, rows: [{x, formula, least, mean, deviation}]}] of spaces that share compositions.
function phasePairs() {
  const spaces = [...new Set(report.ensembles.map(e => e.space))];
  const of = name => {
    const best = new Map();
    for (const e of report.ensembles) if (e.space === name && e.x !== null) {
      const old = best.get(e.reduced_formula);
      if (!old || e.minimum_energy_per_atom < old.minimum_energy_per_atom) best.set(e.reduced_formula, e);
    }
    return best;
  };
  return paired(spaces, of, (e, f, formula) => ({x: e.x, formula, least: f.minimum_energy_per_atom - e.minimum_energy_per_atom,
    mean: f.mean_energy_per_atom === null || e.mean_energy_per_atom === null ? null : f.mean_energy_per_atom - e.mean_energy_per_atom, deviation: Math.hypot(e.deviation_per_atom, f.deviation_per_atom)}));
}
// The same of predictions; of several supercells of a space, the lowest, and no averages.
function predictedPhasePairs() {
  if (!hull) return [];
  const spaces = [...new Set(compositions.filter(c => c.lowest_predicted !== null && c.on_axes).map(c => c.space))].sort();
  const of = name => {
    const best = new Map();
    for (const c of compositions) if (c.space === name && c.lowest_predicted !== null && c.x && c.on_axes && c.on_axes[0] !== null) {
      const key = c.x.map(v => v.toFixed(6)).join(" "), old = best.get(key);
      if (!old || c.lowest_predicted < old.lowest_predicted) best.set(key, c);
    }
    return best;
  };
  const sums = c => report.free_energy_hull_problem ? null : c.free_energies;
  return paired(spaces, of, (e, f) => ({x: e.on_axes[0], formula: e.formula, least: f.lowest_predicted - e.lowest_predicted, mean: e.average && f.average ? f.average.mean - e.average.mean : null,
    deviation: e.average && f.average ? Math.hypot(e.average.deviation, f.average.deviation) : null,
    free: sums(e) && sums(f) ? new Map(sums(e).flatMap(at => sums(f).filter(other => other.temperature === at.temperature).map(other => [at.temperature, other.free_energy_per_atom - at.free_energy_per_atom]))) : null}));
}
function paired(spaces, of, row) {
  const out = [];
  for (let i = 0; i < spaces.length; ++i) for (let j = i + 1; j < spaces.length; ++j) {
    const a = of(spaces[i]), b = of(spaces[j]), rows = [];
    for (const [key, e] of a) if (b.has(key)) rows.push(row(e, b.get(key), key));
    rows.sort((p, q) => p.x - q.x);
    if (rows.length) out.push({a: spaces[i], b: spaces[j], rows});
  }
  return out;
}
