// Lowest energy above hull of every composition between three end members, with tie lines.
const viridis = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
function scaleColour(t) {
  const at = Math.max(0, Math.min(0.9999, t)) * (viridis.length - 1), k = Math.floor(at), f = at - k;
  return "rgb(" + viridis[k].map((v, c) => Math.round(v + f * (viridis[k + 1][c] - v))).join(" ") + ")";
}
// Edges of the lower hull of points [{x: [3], z}] with z linear on facets. n^4: for the few vertices of a hull.
function hullEdges(list) {
  const edges = new Set(), n = list.length;
  for (let i = 0; i < n; ++i) for (let j = i + 1; j < n; ++j) for (let k = j + 1; k < n; ++k) {
    const [a, b, c] = [list[i], list[j], list[k]];
    const det = (p, q, r) => p[0] * (q[1] * r[2] - q[2] * r[1]) - p[1] * (q[0] * r[2] - q[2] * r[0]) + p[2] * (q[0] * r[1] - q[1] * r[0]);
    const volume = det(a.x, b.x, c.x);
    if (Math.abs(volume) < 1e-12) continue;
    const below = list.some(p => p.z < (det(p.x, b.x, c.x) * a.z + det(a.x, p.x, c.x) * b.z + det(a.x, b.x, p.x) * c.z) / volume - 1e-9);
    if (!below) [[i, j], [j, k], [i, k]].forEach(([p, q]) => edges.add(p + "-" + q));
  }
  return [...edges].map(text => text.split("-").map(k => list[+k]));
}
panels.push({
  title: "Composition triangle", wide: true, applies: () => hull && members.length === 3,
  draw(body, head) {
    const lowest = new Map();
    if (cloud) for (const p of cloud.places) lowest.set(p.x.map(v => v.toFixed(4)).join(" "), {x: p.x, formula: placeName(p), id: "", kind: "computed",
      formation_energy_per_atom: p.lowest, e_above_hull: Math.max(0, p.lowest - p.hull), vertex: false, count: p.count});
    for (const p of points) {
      if (!p.x) continue;
      const key = p.x.map(v => v.toFixed(4)).join(" "), old = lowest.get(key);
      if (!old || p.e_above_hull < old.e_above_hull || (p.vertex && !old.vertex)) lowest.set(key, p);
    }
    const shown = [...lowest.values()].sort((a, b) => b.e_above_hull - a.e_above_hull), vertices = shown.filter(p => p.vertex);
    const radius = lowest.size > 1000 ? 2.5 : lowest.size > 300 ? 3.5 : 5;
    const unknown = [...new Map(compositions.filter(c => c.x).map(c => [c.x.map(v => v.toFixed(4)).join(" "), c])).entries()].filter(([key]) => !lowest.has(key)).map(([, c]) => c);
    const top = Math.max(hull.near_hull, Math.min(0.2, ...[Math.max(...shown.map(p => p.e_above_hull))]));
    const edges = vertices.length <= 60 ? hullEdges(vertices.map(p => ({x: p.x, z: p.formation_energy_per_atom * atomsAt(p.x)}))) : [];
    figure(body, width => {
      const side = Math.min(width - 110, 560), height = side * 0.866 + 56, left = (width - side) / 2 - 24, base = height - 30;
      const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Composition triangle coloured by energy above hull"});
      const place = x => [left + side * (x[1] + x[2] / 2), base - side * 0.866 * x[2]];
      const corners = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(place);
      svg.append(s("path", {d: "M" + corners.map(c => c.join(" ")).join("L") + "Z", fill: "none", class: "axis"}));
      for (let k = 1; k < 5; ++k) for (const [a, b] of [[[k / 5, 0, 1 - k / 5], [k / 5, 1 - k / 5, 0]], [[0, k / 5, 1 - k / 5], [1 - k / 5, k / 5, 0]], [[0, 1 - k / 5, k / 5], [1 - k / 5, 0, k / 5]]]) {
        const [p, q] = [place(a), place(b)];
        svg.append(s("line", {class: "grid", x1: p[0], y1: p[1], x2: q[0], y2: q[1]}));
      }
      svg.append(s("text", {class: "strong", x: corners[0][0] - 6, y: base + 20, "text-anchor": "middle"}, subscripts(members[0].formula)),
        s("text", {class: "strong", x: corners[1][0] + 6, y: base + 20, "text-anchor": "middle"}, subscripts(members[1].formula)),
        s("text", {class: "strong", x: corners[2][0], y: corners[2][1] - 10, "text-anchor": "middle"}, subscripts(members[2].formula)));
      for (const [a, b] of edges) { const [p, q] = [place(a.x), place(b.x)]; svg.append(s("line", {class: "axis", x1: p[0], y1: p[1], x2: q[0], y2: q[1]})); }
      const marks = [];
      for (const c of unknown) {
        const [x, y] = place(c.x);
        svg.append(s("circle", {class: "axis", fill: "none", cx: x, cy: y, r: 2, "stroke-opacity": 0.5}));
        marks.push({x, y, text: placeName(c) + "\nnot calculated" + (c.lowest_predicted === null ? "" : "\nlowest predicted " + meV(c.lowest_predicted) + " meV/atom")});
      }
      for (const p of shown) {
        const [x, y] = place(p.x), text = p.count ? p.formula + "\n" + p.count + " calculations, lowest " + meV(p.e_above_hull) + " meV/atom above the hull" : describe(p);
        const mark = p.vertex ? s("path", {d: `M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z`, class: "vertex"})
          : s("circle", {cx: x, cy: y, r: radius, style: "stroke-width:" + (radius > 4 ? 1 : 0) + ";fill:" + scaleColour(p.e_above_hull / top) + ";stroke:var(--card)"});
        svg.append(p.vertex ? named(mark, text) : mark);
        marks.push({x, y, text});
      }
      label(svg, vertices.filter(p => Object.keys(p.composition || {}).length > 1 || p.x.every(v => v < 0.999)).map(p => ({at: place(p.x), text: subscripts(p.reduced_formula || p.formula)})), width);
      const bar = left + side + 56, barTop = 54, barHeight = Math.min(220, height - 110);
      for (let k = 0; k < 40; ++k) svg.append(s("rect", {x: bar, width: 12, y: barTop + barHeight * (1 - (k + 1) / 40), height: barHeight / 40 + 0.6, style: "fill:" + scaleColour((k + 0.5) / 40)}));
      svg.append(s("text", {x: bar - 4, y: barTop - 22, "text-anchor": "middle"}, "meV/atom"), s("text", {x: bar - 4, y: barTop - 8, "text-anchor": "middle"}, "above hull"), s("text", {x: bar + 17, y: barTop + 9}, (shown.some(p => p.e_above_hull > top) ? "≥ " : "") + meV(top, 0)), s("text", {x: bar + 17, y: barTop + barHeight}, "0"));
      hover(svg, width, marks);
      return svg;
    }, {name: "composition triangle", head, data: () => ({columns: ["id", "formula", ...members.map(m => "x_" + m.formula), "formation_energy_ev_per_atom", "e_above_hull_ev_per_atom", "vertex"],
      rows: shown.map(p => [p.id, p.count ? "" : p.formula, ...p.x, p.formation_energy_per_atom, p.e_above_hull, p.vertex])})});
    body.append(legend([["diamond", "on the hull"], ["scaled", "lowest calculated of a composition, coloured by its energy above hull"], edges.length && ["axisline", "tie line"], unknown.length && ["hollow", "not calculated"]]),
      h("p", {class: "note"}, "Diamonds: phases on the hull, joined by tie lines; those in the corners are the end members, on it by construction. Circles: the lowest calculated entry of a composition, coloured by its energy above hull." +
      (unknown.length ? " Small rings: compositions of the space without a calculation." : "")));
  }
});
