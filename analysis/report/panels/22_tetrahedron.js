// Four end members: a tetrahedron that turns.
panels.push({
  title: "Composition tetrahedron", wide: true, applies: () => hull && members.length === 4,
  draw(body, head) {
    const corners = [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]].map(c => c.map(v => v / Math.sqrt(3)));
    const at = x => [0, 1, 2].map(axis => sum(x.map((share, j) => share * corners[j][axis])));
    const lowest = new Map();
    if (cloud) for (const p of cloud.places) lowest.set(p.x.map(v => v.toFixed(4)).join(" "), {x: p.x, formula: placeName(p), id: "", formation_energy_per_atom: p.lowest,
      e_above_hull: Math.max(0, p.lowest - p.hull), vertex: false, count: p.count});
    for (const p of points) {
      if (!p.x) continue;
      const key = p.x.map(v => v.toFixed(4)).join(" "), old = lowest.get(key);
      if (!old || p.vertex || p.e_above_hull < old.e_above_hull) lowest.set(key, p);
    }
    const all = [...lowest.values()].sort((a, b) => b.vertex - a.vertex || a.e_above_hull - b.e_above_hull), limit = 1500, shown = all.slice(0, limit);
    const top = Math.max(hull.near_hull, Math.min(0.2, Math.max(...shown.map(p => p.e_above_hull))));
    const view = {yaw: 0.5, pitch: 0.35}, place = shown.map(p => at(p.x));
    let plot = null;
    const draw = width => {
      const size = Math.min(width, 520), half = size * 0.44, cx = width / 2 - 30, cy = size / 2;
      const svg = s("svg", {viewBox: `0 0 ${width} ${size}`, role: "img", "aria-label": "Composition tetrahedron; arrow keys turn it"});
      const flat = point => { const [u, v, w] = seen(point, view); return [cx + half * u, cy - half * v, w]; };
      const tips = corners.map(flat);
      for (let i = 0; i < 4; ++i) for (let j = i + 1; j < 4; ++j)
        svg.append(s("line", {class: "axis", x1: tips[i][0], y1: tips[i][1], x2: tips[j][0], y2: tips[j][1], "stroke-opacity": 0.6}));
      const marks = shown.map((p, k) => ({p, at: flat(place[k])})).sort((a, b) => a.at[2] - b.at[2]);
      for (const {p, at: [x, y]} of marks) svg.append(p.vertex ? s("path", {d: `M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z`, class: "vertex"})
        : s("circle", {cx: x, cy: y, r: 4, style: "fill:" + scaleColour(p.e_above_hull / top) + ";stroke:var(--card);stroke-width:0.7"}));
      label(svg, marks.filter(({p}) => p.vertex && p.x.every(v => v < 0.999)).map(({p, at: [x, y]}) => ({at: [x, y], text: subscripts(p.reduced_formula || p.formula)})), width);
      tips.forEach(([x, y], j) => svg.append(s("text", {class: "strong", x: x + (x - cx) * 0.06, y: y + (y - cy) * 0.06 + 4, "text-anchor": "middle"}, subscripts(members[j].formula))));
      const bar = width - 64, barTop = 48, barHeight = Math.min(180, size - 80);
      for (let k = 0; k < 40; ++k) svg.append(s("rect", {x: bar, width: 12, y: barTop + barHeight * (1 - (k + 1) / 40), height: barHeight / 40 + 0.6, style: "fill:" + scaleColour((k + 0.5) / 40)}));
      svg.append(s("text", {x: bar - 4, y: barTop - 22, "text-anchor": "middle"}, "meV/atom"), s("text", {x: bar - 4, y: barTop - 8, "text-anchor": "middle"}, "above hull"), s("text", {x: bar + 17, y: barTop + 9}, meV(top, 0)), s("text", {x: bar + 17, y: barTop + barHeight}, "0"));
      hover(svg, width, marks.map(({p, at: [x, y]}) => ({x, y, text: p.count ? p.formula + "\n" + meV(p.e_above_hull) + " meV/atom above the hull" : describe(p)})));
      return svg;
    };
    const place3d = h("div", {class: "turn", tabindex: 0, role: "group", "aria-label": "Composition tetrahedron: arrow keys turn it"});
    body.append(place3d);
    plot = figure(place3d, draw, {name: "composition tetrahedron", head, data: () => ({
      columns: ["id", "formula", ...members.map(m => "x_" + m.formula), "formation_energy_ev_per_atom", "e_above_hull_ev_per_atom", "vertex"],
      rows: all.map(p => [p.id, p.count ? "" : p.formula, ...p.x, p.formation_energy_per_atom, p.e_above_hull, p.vertex])})});
    turning(place3d, view, () => plot.redraw());
    body.append(legend([["diamond", "on the hull"], ["scaled", "lowest calculated of a composition, coloured by its energy above hull"]]), h("p", {class: "note"}, "Drag, or use the arrow keys, to turn. Diamonds: phases on the hull, the end members by construction; circles: the lowest calculated entry of a composition" +
      (all.length > limit ? `, the ${limit} nearest to the hull of ${all.length}` : "") + "."));
  }
});
