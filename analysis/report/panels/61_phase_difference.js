// Two spaces at the same compositions: which phase is lower, and by how much.
panels.push({
  title: "Phase difference", applies: () => phasePairs().length > 0,
  draw(body, head) {
    const pairs = phasePairs();
    const choice = h("select", {"aria-label": "phases", onchange: () => plot.redraw()}, ...pairs.map((p, k) => h("option", {value: k}, `${p.b} against ${p.a}`)));
    if (pairs.length > 1) head.append(choice);
    const draw = width => {
      const pair = pairs[+choice.value || 0], rows = pair.rows, means = rows.filter(r => r.mean !== null), low = Math.min(0, ...rows.map(r => r.least), ...means.map(r => r.mean - r.deviation)), high = Math.max(0, ...rows.map(r => r.least), ...means.map(r => r.mean + r.deviation));
      const pad = Math.max(0.08 * (high - low), 1e-3), from = Math.min(...rows.map(r => r.x)), to = Math.max(...rows.map(r => r.x)), side = Math.max(0.03 * (to - from), 0.01);
      const {svg, X, Y} = chart({width, height: 280, label: `Energy of ${pair.b} against ${pair.a}`, x: {low: from - side, high: to + side, label: curveAxis()}, y: {low: low - pad, high: high + pad, label: `${pair.b} − ${pair.a} (meV/atom)`, scale: 1000}});
      const path = (list, get) => list.map((r, k) => (k ? "L" : "M") + X(r.x) + " " + Y(get(r))).join("");
      // One axis does not order the compositions of three end members: points alone.
      if (report.axes.length === 1 && means.length) svg.append(s("path", {style: "fill:var(--c1);fill-opacity:0.18;stroke:none", d: path(means, r => r.mean + r.deviation) + [...means].reverse().map(r => "L" + X(r.x) + " " + Y(r.mean - r.deviation)).join("") + "Z"}),
        s("path", {class: "dashed", d: path(means, r => r.mean)}));
      if (report.axes.length === 1) svg.append(s("path", {class: "line", d: path(rows, r => r.least)}));
      for (const r of rows) svg.append(s("circle", {class: "vertex", cx: X(r.x), cy: Y(r.least), r: 4.5}));
      hover(svg, width, rows.map(r => ({x: X(r.x), y: Y(r.least), text: `${subscripts(r.formula)}\nlowest: ${meV(r.least)} meV/atom` + (r.mean === null ? "" : `\nBoltzmann at ${report.temperature} K: ${meV(r.mean)} ± ${meV(r.deviation)}`)})));
      return svg;
    };
    const plot = figure(body, draw, {name: "phase difference", head, data: () => ({columns: ["phase", "against", "x", "formula", "lowest_ev_per_atom", "boltzmann_ev_per_atom", "deviation_ev_per_atom"],
      rows: pairs.flatMap(p => p.rows.map(r => [p.b, p.a, r.x, r.formula, r.least, r.mean, r.deviation]))})});
    body.append(legend([report.axes.length === 1 ? ["line", "lowest configurations"] : ["vertex", "lowest configurations"], ...(report.axes.length === 1 && pairs.some(p => p.rows.some(r => r.mean !== null)) ? [["dashed", `Boltzmann averages at ${report.temperature} K`], ["density", "one standard deviation of both"]] : [])]),
      h("p", {class: "note"}, "Below zero the first phase is lower in energy. Calculated configurations only, by their degeneracies."));
  }
});
// Formulas in the name of the curves' axis become indices.
const curveAxis = (k = 0) => hull && hull.axis.formula && report.axes[k] === hull.axis.label ? axisText(hull.axis) : /fraction/.test(report.axes[k]) ? report.axes[k] : subscripts(report.axes[k] || "");
// [{a, b, rows: [{x, formula, least, mean, deviation}]}] of spaces that share compositions.
function phasePairs() {
  const spaces = [...new Set(report.ensembles.map(e => e.space))], out = [];
  const of = name => {
    const best = new Map();
    for (const e of report.ensembles) if (e.space === name && e.x !== null) {
      const old = best.get(e.reduced_formula);
      if (!old || e.minimum_energy_per_atom < old.minimum_energy_per_atom) best.set(e.reduced_formula, e);
    }
    return best;
  };
  for (let i = 0; i < spaces.length; ++i) for (let j = i + 1; j < spaces.length; ++j) {
    const a = of(spaces[i]), b = of(spaces[j]), rows = [];
    for (const [formula, e] of a) if (b.has(formula)) {
      const f = b.get(formula);
      rows.push({x: e.x, formula, least: f.minimum_energy_per_atom - e.minimum_energy_per_atom, mean: f.mean_energy_per_atom === null || e.mean_energy_per_atom === null ? null : f.mean_energy_per_atom - e.mean_energy_per_atom, deviation: Math.hypot(e.deviation_per_atom, f.deviation_per_atom)});
    }
    rows.sort((p, q) => p.x - q.x);
    if (rows.length) out.push({a: spaces[i], b: spaces[j], rows});
  }
  return out;
}
