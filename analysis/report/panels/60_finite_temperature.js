// Free energy at a temperature: exact sums over all configurations, predicted or calculated.
panels.push({
  title: "Finite temperature", wide: true, applies: () => hull && (compositions.some(c => c.free_energies) || report.ensembles.some(e => e.states.length) || unsummed.length > 0),
  draw(body, head) {
    for (const space of unsummed) body.append(h("p", {class: "note"}, `${space.name}: no free energies and no Boltzmann averages: ${space.free_energy_problem}.`));
    if (report.free_energy_hull_problem) body.append(h("p", {class: "note"}, `No hull of free energies: ${report.free_energy_hull_problem}.`));
    // Distributions of the same atoms over the sublattices are one row: their sum is of the formula.
    const rowOf = new Map();
    for (const c of compositions.filter(c => c.free_energies && c.x)) {
      const key = c.space + "|" + c.formula, old = rowOf.get(key);
      if (old) { old.zero = Math.min(old.zero, c.lowest_predicted); continue; }
      rowOf.set(key, {formula: c.formula, space: c.space, x: c.x, zero: c.lowest_predicted,
        at: new Map(c.free_energies.map(f => [f.temperature, {...f, free_energy_per_atom: f.of_formula === null ? f.free_energy_per_atom : f.of_formula}]))});
    }
    const predicted = [...rowOf.values()];
    const byFormula = new Map(points.filter(p => p.x).map(p => [p.reduced_formula, p]));
    const calculated = report.ensembles.filter(e => e.states.length && byFormula.has(e.reduced_formula)).map(e => ({formula: e.formula, space: e.space, x: byFormula.get(e.reduced_formula).x,
      zero: byId.has(e.lowest) ? byId.get(e.lowest).formation_energy_per_atom : null, at: new Map(e.states.map(f => [f.temperature, f]))}));
    const sources = [predicted.length && ["predicted energies, all configurations", predicted], calculated.length && ["calculated energies, complete compositions", calculated]].filter(Boolean);
    if (!sources.length) return;
    const choice = h("select", {"aria-label": "energies", onchange: () => fresh()}, ...sources.map(([name], k) => h("option", {value: k}, name)));
    const slider = h("input", {type: "range", min: 0, step: 1, "aria-label": "temperature", oninput: () => update()}), shown = h("output");
    const source = () => sources[+choice.value][1];
    const temperatures = () => [0, ...[...new Set(source().flatMap(c => [...c.at.keys()]))].sort((a, b) => a - b)];
    const value = (c, t) => t === 0 ? c.zero : c.at.has(t) ? c.at.get(t).free_energy_per_atom : null;
    const now = () => temperatures()[+slider.value];
    const rows = () => source().map(c => ({...c, f: value(c, now()), state: c.at.get(now()) || {}})).filter(c => c.f !== null);
    head.append(sources.length > 1 ? choice : h("span", {class: "note"}, sources[0][0]), h("label", null, "T", slider, shown));
    const list = table({caption: "Free energy of formation, meV/atom; stable: on the hull of free energies", rows: [], sort: "above the hull at T", limit: 15, columns: [
      {name: "formula", tight: true, text: c => subscripts(c.formula)}, report.spaces.length > 1 && {name: "space", text: c => c.space},
      {name: "F at T", number: true, value: c => c.f, text: c => meV(c.f, 2)}, {name: "at 0 K", number: true, value: c => c.zero, text: c => meV(c.zero, 2)},
      {name: "above the hull at T", number: true, value: c => c.state.e_above_hull, text: c => meV(c.state.e_above_hull, 2)},
      calculated.length && {name: "entropy (k per atom)", number: true, value: c => c.state.entropy_per_atom, text: c => c.state.entropy_per_atom === undefined ? "" : fixed(c.state.entropy_per_atom / 8.617333262e-5, 4)},
      calculated.length && {name: "share of the lowest", number: true, value: c => c.state.lowest_share, text: c => c.state.lowest_share === undefined ? "" : percent(c.state.lowest_share)}].filter(Boolean)});
    let plot = null;
    if (members.length === 2) {
      const draw = width => {
        const every = source().flatMap(c => [c.zero, ...[...c.at.values()].map(f => f.free_energy_per_atom)]).filter(v => v !== null), low = Math.min(0, ...every), high = Math.max(0.005, ...source().map(c => c.zero)), pad = 0.06 * (high - low);
        const {svg, X: onAxis, Y} = chart({width, height: 300, label: "Free energy of formation at " + now() + " K against composition", x: {low: hull.axis.low, high: hull.axis.high, label: axisText(hull.axis)},
          y: {low: low - pad, high: high + pad, label: "free energy (meV/atom)", scale: 1000}});
        const X = share => onAxis(along([1 - share, share])), marks = [], tall = x => atomsAt([1 - x, x]), list = rows();
        const line = (value, style) => {
          const chain = lowerHull(list.filter(c => value(c) !== null).map(c => ({x: c.x[1], y: value(c) * tall(c.x[1])})).concat([{x: 0, y: 0}, {x: 1, y: 0}]));
          svg.append(s("path", {...style, d: chain.map((p, k) => (k ? "L" : "M") + X(p.x) + " " + Y(p.y / tall(p.x))).join("")}));
        };
        line(c => c.zero, {class: "dashed"});
        if (!report.free_energy_hull_problem) line(c => c.f, {class: "line"});
        for (const c of list) {
          svg.append(s("circle", {class: "computed", cx: X(c.x[1]), cy: Y(c.f), r: 3.5}));
          marks.push({x: X(c.x[1]), y: Y(c.f), text: `${subscripts(c.formula)} at ${now()} K\nF ${meV(c.f, 2)} meV/atom\nlowest configuration ${meV(c.zero, 2)}` + (report.spaces.length > 1 ? "\n" + c.space : "")});
        }
        hover(svg, width, marks);
        return svg;
      };
      fresh(true);
      plot = figure(body, draw, {name: "free energy", head, data: () => ({columns: ["energies", "space", "formula", "temperature_K", "free_energy_ev_per_atom", "e_above_hull_ev_per_atom"],
        rows: sources.flatMap(([name, source]) => source.flatMap(c => [...c.at.values()].map(f => [name, c.space, c.formula, f.temperature, f.free_energy_per_atom, f.e_above_hull])))})});
      body.append(legend([!report.free_energy_hull_problem && ["line", "hull of free energies at T"], ["dashed", "hull at 0 K"]]));
    } else {
      fresh(true);
      head.append(list.take("free energy"));
    }
    body.append(list.element, h("p", {class: "note"}, "F = −kT ln Σ w exp(−E/kT) over all configurations of a composition, w the exact degeneracies within the one supercell of the space: configurational only, no vibrations. References, and compositions without a sum, are not drawn; distances are from the hull of the sums and the references. The slider stops at the temperatures whose sums were kept."));
    function fresh(first) {
      slider.max = temperatures().length - 1;
      slider.value = Math.min(3, temperatures().length - 1);
      update();
    }
    function update() {
      shown.textContent = now() + " K";
      slider.setAttribute("aria-valuetext", now() + " K");
      list.show(rows());
      if (plot) plot.redraw();
    }
  }
});
