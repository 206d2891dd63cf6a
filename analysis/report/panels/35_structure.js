// The structure of the entry that is selected in the table; turns.
// Colours that people know from other viewers (hues after Corey, Pauling & Koltun and Jmol); others take those of the figures.
const elementColours = {H: "#c9ced6", Li: "#a05fd0", B: "#d98e85", C: "#5a5f66", N: "#3050f8", O: "#e0201b", F: "#6fae3f", Na: "#8a4fd0", Mg: "#3c9a2f", Al: "#9a8f9c", Si: "#c49a6c", P: "#e07b00", S: "#c9a800",
  Cl: "#1fb52a", K: "#7a3cc0", Ca: "#3f9f50", Sc: "#8f9aa6", Ti: "#8f959b", V: "#7c7f86", Cr: "#6b7fb3", Mn: "#8b6bb0", Fe: "#c8602c", Co: "#d9749b", Ni: "#3fa05a", Cu: "#b87333", Zn: "#6d74a8", Ga: "#b98080", Ge: "#5f8080",
  Se: "#d08a00", Br: "#96302c", Rb: "#6a2ea8", Sr: "#2f9f3f", Y: "#4fa8a8", Zr: "#5fb0b0", Nb: "#55a0a8", Mo: "#459a9f", Ag: "#9aa0aa", Cd: "#c8b36a", In: "#9f6a68", Sn: "#5a7a7a", I: "#7d1fa8", Cs: "#571c8c", Ba: "#1f9f2a",
  La: "#5aa9cf", W: "#2f7f9f", Pt: "#8f8f9f", Au: "#c9a227", Pb: "#54585f"};
const elementColour = (element, all) => elementColours[element] || category(all.indexOf(element));
// Pairs of atoms that touch: nearer than 1.15 times the shortest distance of either.
function contacts(list) {
  const apart = (a, b) => Math.hypot(...a.xyz.map((x, k) => x - b.xyz[k])), nearest = list.map((a, i) => Math.min(...list.map((b, j) => i === j ? Infinity : Math.max(0.5, apart(a, b))))), pairs = [];
  for (let i = 0; i < list.length; ++i) for (let j = i + 1; j < list.length; ++j) if (apart(list[i], list[j]) < 1.15 * Math.min(nearest[i], nearest[j]) + 1e-6) pairs.push([i, j]);
  return pairs;
}
panels.push({
  title: "Structure", wide: true, applies: () => points.some(p => p.structure),
  draw(body, head) {
    const with_structure = points.filter(p => p.structure), stable = with_structure.filter(p => p.vertex && Object.keys(p.composition).length > 1);
    selection.entry = stable[0] || with_structure[0];
    const elements = [...new Set(with_structure.flatMap(p => p.structure.sites.map(site => site.element)))].sort();
    const view = {yaw: 0.45, pitch: 0.3}, name = h("strong", {role: "status"}), facts = h("p", {class: "note"}), key = h("div");
    const turn = h("div", {class: "turn", tabindex: 0, role: "group", "aria-label": "Structure: arrow keys turn it"});
    head.append(name, button("CIF", "save CIF of the structure shown", () => save(selection.entry.id + ".cif", cif(selection.entry))),
      button("POSCAR", "save POSCAR of the structure shown", () => save(selection.entry.id + ".vasp", poscar(selection.entry))));
    body.append(turn, key, facts);
    // Atoms on faces, edges and corners are drawn on every side that shares them.
    const atoms = structure => structure.sites.flatMap(site => {
      let copies = [site.abc.map(x => x - Math.floor(x + 1e-6))];
      for (let axis = 0; axis < 3; ++axis) copies = copies.flatMap(abc => Math.abs(abc[axis]) < 0.02 ? [abc, abc.map((x, k) => k === axis ? x + 1 : x)] : [abc]);
      return copies.map(abc => ({element: site.element, xyz: [0, 1, 2].map(k => sum(abc.map((x, row) => x * structure.lattice[row][k]))), abc: site.abc}));
    });
    const draw = width => {
      const structure = selection.entry.structure, size = Math.max(260, Math.min(width * 0.75, 430)), list = atoms(structure), cell = structure.lattice;
      const corner = bits => [0, 1, 2].map(k => sum(bits.map((bit, row) => bit * cell[row][k])));
      const corners = Array.from({length: 8}, (_, n) => corner([n & 1, n >> 1 & 1, n >> 2 & 1])), middle = corner([0.5, 0.5, 0.5]);
      const reach = Math.max(...corners.map(c => Math.hypot(...c.map((x, k) => x - middle[k])))), scale = size * 0.44 / reach;
      const flat = xyz => { const [u, v, w] = seen(xyz.map((x, k) => x - middle[k]), view); return [width / 2 + scale * u, size / 2 - scale * v, w]; };
      const svg = s("svg", {viewBox: `0 0 ${width} ${size}`, role: "img", "aria-label": "Structure of " + selection.entry.id});
      const ends = corners.map(flat);
      for (let n = 0; n < 8; ++n) for (const bit of [1, 2, 4]) if (!(n & bit)) svg.append(s("line", {class: "axis", x1: ends[n][0], y1: ends[n][1], x2: ends[n | bit][0], y2: ends[n | bit][1], "stroke-opacity": 0.7}));
      "abc".split("").forEach((letter, k) => { const [x, y] = ends[1 << k]; svg.append(s("text", {class: "strong", x: x + (x - ends[0][0]) * 0.04, y: y + (y - ends[0][1]) * 0.04 + 4, "text-anchor": "middle"}, letter)); });
      const radius = Math.max(3, Math.min(13, 0.55 * scale)), marks = list.map(a => ({a, at: flat(a.xyz)})).sort((p, q) => p.at[2] - q.at[2]);
      if (list.length <= 400) for (const [i, j] of contacts(list)) { const [p, q] = [flat(list[i].xyz), flat(list[j].xyz)]; svg.append(s("line", {class: "axis", x1: p[0], y1: p[1], x2: q[0], y2: q[1], "stroke-width": 2.5, "stroke-opacity": 0.35})); }
      for (const {a, at: [x, y, w]} of marks) svg.append(s("circle", {cx: x.toFixed(1), cy: y.toFixed(1), r: (radius * (1 + 0.12 * w / reach)).toFixed(1), style: "fill:" + elementColour(a.element, elements) + ";stroke:var(--card);stroke-width:1.2"}));
      hover(svg, width, marks.map(({a, at: [x, y]}) => ({x, y, text: a.element + "  " + a.abc.map(v => fixed(v, 4)).join("  ")})), radius + 3);
      return svg;
    };
    const plot = figure(turn, draw, {name: "structure", head, data: () => ({columns: ["element", "a", "b", "c"], rows: selection.entry.structure.sites.map(site => [site.element, ...site.abc])})});
    turning(turn, view, () => plot.redraw());
    function show(jump) {
      const p = selection.entry, [a, b, c] = p.structure.lattice, length = v => Math.hypot(...v);
      const volume = Math.abs(a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]));
      name.textContent = subscripts(p.formula) + " · " + p.id;
      const present = elements.filter(e => p.structure.sites.some(site => site.element === e));
      key.replaceChildren(h("ul", {class: "legend"}, ...present.map(e => h("li", null, s("svg", {viewBox: "0 0 18 12", "aria-hidden": "true"}, s("circle", {cx: 9, cy: 6, r: 5, style: "fill:" + elementColour(e, elements)})),
        e + " " + p.structure.sites.filter(site => site.element === e).length))));
      facts.textContent = `a ${fixed(length(a), 3)}, b ${fixed(length(b), 3)}, c ${fixed(length(c), 3)} Å, ${fixed(volume / p.structure.sites.length, 3)} Å³ per atom` +
        (p.space_group_number ? `; space group ${spaceGroups(p)}` + (p.crystal ? "" : " of the configuration on its lattice") : "") +
        (p.crystal ? `; conventional cell ${cellText(p.crystal, " Å")}` : "") + ". Drag, or use the arrow keys, to turn.";
      const type = prototypeOf(p);
      if (type) facts.prepend("Structure type ", typeName(type.strukturbericht || type.example), type.strukturbericht ? ` (${type.example})` : "", `, AFLOW ${type.aflow}. `);
      plot.redraw();
      if (jump) head.scrollIntoView({block: "nearest"});
    }
    selection.watchers.push(show);
    show(false);
  }
});
