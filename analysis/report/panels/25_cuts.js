// The hull along the line between two compounds: what is stable there, what is crossed, and what their mix gains.
panels.push({
  title: "Cuts of the hull", wide: true, applies: () => report.cuts.length > 0,
  draw(body, head) {
    for (const c of report.cuts.filter(c => c.problem)) body.append(h("p", {class: "note"}, c.asked + ": " + c.problem));
    const known = report.cuts.filter(c => c.cut).map(c => {
      const place = x => ofCrystal([1 - x, x], c.cut.axis.units)[1], at = list => list.map(p => ({...p, x: place(p.x)}));
      return {...c.cut, points: at(c.cut.points), entries: at(c.cut.entries), fields: c.cut.fields.map(f => ({...f, x_low: place(f.x_low), x_high: place(f.x_high)})),
        from_atoms: c.cut.from_atoms / c.cut.axis.units[0], to_atoms: c.cut.to_atoms / c.cut.axis.units[1]};
    }), number = (c, x) => c.axis.low + x * (c.axis.high - c.axis.low);
    if (!known.length) return;
    const title = c => subscripts(c.from) + " – " + subscripts(c.to), name = id => byId.has(id) ? subscripts(byId.get(id).reduced_formula) : subscripts(id);
    const choice = h("select", {"aria-label": "cut", onchange: () => { plot.redraw(); list.show(rows()); }}, ...known.map((c, k) => h("option", {value: k}, title(c))));
    if (known.length > 1) head.append(choice);
    const cut = () => known[+choice.value || 0];
    const mixed = parts => parts.length === 1 ? name(parts[0].id) : parts.map(p => percent(p.fraction) + " " + name(p.id)).join(" + ");
    const rows = () => {
      const c = cut(), out = [];
      c.points.forEach((p, k) => {
        out.push({x: number(c, p.x), text: fixed(number(c, p.x), 4), energy: p.formation_energy_per_atom, gain: p.mix_above_hull, phases: mixed(p.phases),
          what: k === 0 || k === c.points.length - 1 ? "end" : p.phases.length === 1 ? "stable phase" : p.phases.length === 2 ? "tie line crossed" : "facet crossed"});
        if (k < c.fields.length) out.push({x: number(c, (c.fields[k].x_low + c.fields[k].x_high) / 2), text: "between", energy: null, gain: null, phases: c.fields[k].phases.map(name).join(" + "), what: "stable together"});
      });
      return out;
    };
    const draw = width => {
      const c = cut(), atoms = x => (1 - x) * c.from_atoms + x * c.to_atoms, level = (x, a, b) => {
        const t = (x - a.x) / (b.x - a.x || 1);
        return ((1 - t) * a.formation_energy_per_atom * atoms(a.x) + t * b.formation_energy_per_atom * atoms(b.x)) / atoms(x);
      };
      const ends = [{x: 0, formation_energy_per_atom: c.from_energy_per_atom}, {x: 1, formation_energy_per_atom: c.to_energy_per_atom}];
      const hullLine = [], mixLine = [];
      for (let k = 0; k + 1 < c.points.length; ++k) for (let i = 0; i <= 40; ++i) { const x = c.points[k].x + i / 40 * (c.points[k + 1].x - c.points[k].x); hullLine.push([x, level(x, c.points[k], c.points[k + 1])]); }
      for (let i = 0; i <= 60; ++i) mixLine.push([i / 60, level(i / 60, ...ends)]);
      const energies = hullLine.concat(mixLine).map(p => p[1]), low = Math.min(...energies), base = Math.max(...energies), reach = Math.max(0.3 * (base - low), 0.05);
      const shown = c.entries.filter(e => e.formation_energy_per_atom <= base + reach), high = Math.max(base, ...shown.map(e => e.formation_energy_per_atom)), pad = Math.max(0.06 * (high - low), 1e-3);
      const {svg, X: onAxis, Y} = chart({width, height: 330, label: "Cut of the hull between " + c.from + " and " + c.to, x: {low: c.axis.low, high: c.axis.high, label: axisText(c.axis)}, y: {low: low - pad, high: high + pad, label: "formation energy (eV/atom)"}});
      const X = x => onAxis(number(c, x)), path = points => points.map(([x, y], k) => (k ? "L" : "M") + X(x) + " " + Y(y)).join("");
      svg.append(s("path", {class: "dashed", d: path(mixLine)}), s("path", {class: "line", d: path(hullLine)}));
      const marks = [];
      for (const e of shown) {
        const text = `${name(e.id)}  ${e.id}\n${meV(e.formation_energy_per_atom)} meV/atom, ${meV(e.e_above_hull)} above the hull\n${meV(e.against_ends)} meV/atom against the mix of both ends`;
        svg.append(e.vertex ? named(s("circle", {class: "vertex", cx: X(e.x), cy: Y(e.formation_energy_per_atom), r: 5}), text) : s("circle", {class: "computed", cx: X(e.x), cy: Y(e.formation_energy_per_atom), r: 4}));
        marks.push({x: X(e.x), y: Y(e.formation_energy_per_atom), text});
      }
      for (const p of c.points.slice(1, -1)) if (p.phases.length > 1) {
        const at = [X(p.x), Y(p.formation_energy_per_atom)], text = `crossed at ${fixed(number(c, p.x), 4)}: ${mixed(p.phases)}\n${meV(p.formation_energy_per_atom)} meV/atom; the mix of both ends is ${meV(p.mix_above_hull)} meV/atom higher`;
        svg.append(named(s("path", {class: "reference", d: `M${at[0]} ${at[1] - 6}L${at[0] + 6} ${at[1]}L${at[0]} ${at[1] + 6}L${at[0] - 6} ${at[1]}Z`}), text));
        marks.push({x: at[0], y: at[1], text});
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "cut of the hull", head, data: () => ({columns: ["from", "to", "x", "hull_ev_per_atom", "mix_above_hull_ev_per_atom", "phases"],
      rows: known.flatMap(c => c.points.map(p => [c.from, c.to, number(c, p.x), p.formation_energy_per_atom, p.mix_above_hull, p.phases.map(q => `${q.fraction} ${q.id}`).join(" + ")]))})});
    body.append(legend([["line", "hull along the cut"], ["dashed", "plain mix of both ends"], ["vertex", "stable phase on the cut"], ["computed", "entry on the cut"], ["reference", "tie line or facet crossed"]]));
    const list = table({caption: "Changes along the cut, and the phases between them", sort: null, rows: rows(), columns: [
      {name: "x", number: true, value: r => r.x, text: r => r.text}, {name: "E form (meV/atom)", number: true, value: r => r.energy, text: r => meV(r.energy)},
      {name: "mix above hull (meV/atom)", number: true, value: r => r.gain, text: r => meV(r.gain)}, {name: "phases", text: r => r.phases}, {name: "what", tight: true, text: r => r.what}]});
    body.append(list.element);
  }
});
