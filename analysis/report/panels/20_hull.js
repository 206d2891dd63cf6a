// Formation energy against composition for two end members: hull, calculations, and what the surrogate says of the rest.
function lowerHull(flat) {  // [{x, y}] -> the lower convex chain
  const sorted = [...flat].sort((a, b) => a.x - b.x || a.y - b.y), chain = [];
  for (const p of sorted) {
    if (chain.length && chain[chain.length - 1].x === p.x) continue;
    while (chain.length > 1) {
      const [a, b] = chain.slice(-2);
      if ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0) break;
      chain.pop();
    }
    chain.push(p);
  }
  return chain;
}
panels.push({
  title: "Formation energy and hull", wide: true, applies: () => hull && members.length === 2,
  draw(body, head) {
    const shown = points.filter(p => p.x && (p.vertex || !cloud || p.kind === "reference")), tall = x => atomsAt([1 - x, x]);
    const guessed = compositions.filter(c => c.x && c.lowest_predicted !== null), strips = compositions.filter(c => c.x && c.histogram);
    const low = Math.min(0, ...shown.map(p => p.formation_energy_per_atom), ...guessed.map(c => c.lowest_predicted));
    let highest = Math.max(0.01, ...shown.map(p => p.formation_energy_per_atom), ...strips.map(c => c.histogram.low + c.histogram.bin * c.histogram.orbits.length));
    if (cloud) highest = cloud.energy.reduce((most, e) => Math.max(most, e), highest);
    const usual = Math.min(highest, Math.max(0.02, -0.45 * low));
    let whole = false;
    const draw = width => {
      const height = Math.max(300, Math.min(440, width * 0.42)), high = whole ? highest : usual, pad = 0.06 * (high - low), inMeV = high - low < 0.12;
      const right = members[1].formula;
      const {svg, X: onAxis, Y} = chart({width, height, label: "Formation energy against composition, with the convex hull",
        x: {low: hull.axis.low, high: hull.axis.high, label: hull.elemental ? "atomic fraction of " + right + " (0 = " + members[0].formula + ")" : axisText(hull.axis)},
        y: {low: low - pad, high: high + pad, label: inMeV ? "formation energy (meV/atom)" : "formation energy (eV/atom)", scale: inMeV ? 1000 : 1}});
      const X = share => onAxis(along([1 - share, share])), inside = y => y <= high + pad;
      const line = chain => chain.slice(1).map((q, k) => {
        const p = chain[k], steps = hull.elemental ? 1 : 24;
        return Array.from({length: steps + 1}, (_, i) => { const t = i / steps, x = p.x + t * (q.x - p.x); return [X(x), Y((p.y + t * (q.y - p.y)) / tall(x))]; });
      }).flat().map(([x, y], k) => (k ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1)).join("");
      const most = Math.max(1, ...strips.flatMap(c => c.histogram.orbits));
      const places = [...new Set(strips.map(c => c.x[1]))].sort((a, b) => a - b), gap = Math.min(0.05, ...places.slice(1).map((x, k) => x - places[k]));
      for (const c of strips) c.histogram.orbits.forEach((count, k) => {
        const base = c.histogram.low + k * c.histogram.bin;
        if (!count || !inside(base)) return;
        svg.append(s("rect", {class: "predicted", x: X(c.x[1]) - 0.42 * (X(gap) - X(0)), width: Math.max(1, 0.84 * (X(gap) - X(0))), y: Y(base + c.histogram.bin),
          height: Math.max(1, Y(base) - Y(base + c.histogram.bin)), "fill-opacity": (0.1 + 0.5 * Math.log1p(count) / Math.log1p(most)).toFixed(2)}));
      });
      const marks = [];
      if (cloud) svg.append(painted(width, height, context => {
        context.fillStyle = colour("--computed");
        context.globalAlpha = Math.max(0.05, Math.min(0.5, 4000 / cloud.energy.length));
        cloud.place.forEach((at, k) => { if (inside(cloud.energy[k])) context.fillRect(X(cloud.places[at].x[1]) - 1, Y(cloud.energy[k]) - 1, 2.2, 2.2); });
      }));
      if (guessed.length) {
        svg.append(s("path", {class: "dashed", d: line(lowerHull(guessed.map(c => ({x: c.x[1], y: c.lowest_predicted * tall(c.x[1])})).concat([{x: 0, y: 0}, {x: 1, y: 0}])))}));
        for (const c of guessed) {
          if (!inside(c.lowest_predicted)) continue;
          svg.append(s("circle", {class: "predicted", cx: X(c.x[1]), cy: Y(c.lowest_predicted), r: 2.5}));
          marks.push({x: X(c.x[1]), y: Y(c.lowest_predicted), text: placeName(c) + "\nlowest predicted " + meV(c.lowest_predicted) + " meV/atom\n" + c.space});
        }
      }
      const vertices = shown.filter(p => p.vertex).sort((a, b) => a.x[1] - b.x[1]);
      svg.append(s("path", {class: "line", d: line(vertices.map(p => ({x: p.x[1], y: p.formation_energy_per_atom * tall(p.x[1])})))}));
      const order = shown.filter(p => !p.vertex && inside(p.formation_energy_per_atom)).concat(vertices);
      for (const p of order) {
        const mark = {x: X(p.x[1]), y: Y(p.formation_energy_per_atom), text: describe(p)};
        const circle = s("circle", {class: p.vertex_kind === "end member" ? "endmember" : p.vertex ? "vertex" : p.kind === "reference" ? "reference" : "computed", cx: mark.x, cy: mark.y, r: p.vertex ? 6 : 4});
        svg.append(p.vertex ? named(circle, mark.text) : circle);
        marks.push(mark);
      }
      let lastX = -1e9;
      for (const p of vertices) {
        const x = X(p.x[1]), end = p.x[1] < 0.02 || p.x[1] > 0.98;
        if (!end && x - lastX < 60) continue;
        lastX = x;
        svg.append(s("text", {class: "strong", x: x + (p.x[1] < 0.02 ? 10 : p.x[1] > 0.98 ? -10 : 0), y: Y(p.formation_energy_per_atom) + (end ? -9 : 20),
          "text-anchor": p.x[1] < 0.02 ? "start" : p.x[1] > 0.98 ? "end" : "middle"}, subscripts(p.reduced_formula)));
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "formation energy and hull", head, data: () => ({
      columns: ["kind", "id", "formula", hull.elemental ? "x_" + members[1].formula : "x", "formation_energy_ev_per_atom", "e_above_hull_ev_per_atom", "vertex"],
      rows: points.filter(p => p.x).map(p => [p.kind, p.id, p.formula, along(p.x), p.formation_energy_per_atom, p.e_above_hull, p.vertex])
        .concat(guessed.map(c => ["lowest predicted", "", c.formula, along(c.x), c.lowest_predicted, "", ""]))})}), outside = shown.filter(p => p.formation_energy_per_atom > usual * 1.06 - 0.06 * low).length;
    if (usual < highest) {
      const toggle = h("button", {class: "button", type: "button", "aria-pressed": "false", onclick: () => {
        whole = !whole;
        toggle.setAttribute("aria-pressed", String(whole));
        toggle.textContent = whole ? "near the hull" : "whole range";
        plot.redraw();
      }}, "whole range");
      head.append(toggle);
    }
    body.append(legend([["vertex", "stable"], ["endmember", "end member, the reference"], ["computed", "calculated, above the hull"], report.references.some(r => !r.vertex) && ["reference", "reference, above the hull"],
      ["line", "hull of calculated energies"], guessed.length && ["predicted", "lowest predicted of a composition"], guessed.length && ["dashed", "hull of predictions"],
      strips.length && ["density", "predicted, number of orbits"], cloud && ["density", "every calculation"]]));
    if (outside) body.append(h("p", {class: "note"}, plural(outside, "calculation") + (outside === 1 ? " lies" : " lie") + " above this range: “whole range” shows all."));
  }
});
