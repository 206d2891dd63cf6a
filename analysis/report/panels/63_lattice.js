// Cell parameters against composition: of the lowest configuration, Boltzmann average, spread, Vegard's law, and measured.
panels.push({
  title: "Lattice parameters and volume", applies: () => report.axes.length > 0 && report.ensembles.some(e => e.x !== null && e.cell.volume),
  draw(body, head) {
    const rows = report.ensembles.filter(e => e.cell.volume), spaces = [...new Set(rows.map(e => e.space))], ordered = report.axes.length === 1;
    const units = {a: "Å", b: "Å", c: "Å", alpha: "°", beta: "°", gamma: "°", volume: "Å³"}, symbols = {alpha: "α", beta: "β", gamma: "γ"};
    const choice = h("select", {"aria-label": "quantity", onchange: () => plot.redraw()}, ...Object.keys(units).map(q => h("option", {value: q, selected: q === "volume"}, symbols[q] || q)));
    const against = h("select", {"aria-label": "horizontal axis", onchange: () => plot.redraw()}, ...report.axes.map((name, k) => h("option", {value: k}, curveAxis(k))));
    head.append(choice, ordered ? "" : against);
    const averages = rows.some(e => e.cell.volume.mean !== null);
    const places = new Map(points.filter(p => p.x).map(p => [p.reduced_formula, p.x]));
    // Several supercells of one composition: the one whose lowest is lowest; its average is of most calculations.
    const best = name => {
      const of = new Map();
      for (const e of rows) if (e.space === name) {
        const old = of.get(e.reduced_formula);
        if (!old || e.minimum_energy_per_atom < old.minimum_energy_per_atom - 1e-9) of.set(e.reduced_formula, e);
      }
      return [...of.values()];
    };
    // Vegard's law: between the cells of the end members in the same space, linear in shares of the crystal.
    const vegard = (list, q) => {
      const corners = hull ? members.map(m => list.find(e => e.reduced_formula === m.formula)) : [];
      if (!corners.length || corners.some(e => !e)) return null;
      return e => places.has(e.reduced_formula) ? sum(places.get(e.reduced_formula).map((share, j) => share * corners[j].cell[q].of_lowest)) : null;
    };
    const draw = width => {
      const q = choice.value, axis = +against.value || 0, xOf = e => e.on_axes[axis];
      const dots = report.measured.filter(m => axis === 0 && m.quantity === q && m.x !== null), shown = rows.filter(e => xOf(e) !== null);
      const values = shown.flatMap(e => [e.cell[q].smallest, e.cell[q].largest]).concat(dots.map(m => m.value)), low = Math.min(...values), high = Math.max(...values), pad = Math.max(0.08 * (high - low), 2e-3 * Math.abs(high), 1e-3);
      const xs = shown.map(xOf).concat(dots.map(m => m.x)), from = Math.min(...xs), to = Math.max(...xs), side = Math.max(0.03 * (to - from), 1e-3);
      const {svg, X, Y} = chart({width, height: 290, label: `${q} of the cell against composition`, x: {low: from - side, high: to + side, label: curveAxis(axis)}, y: {low: low - pad, high: high + pad, label: `${symbols[q] || q} (${units[q]})`}});
      const marks = [];
      spaces.forEach((name, k) => {
        const line = best(name).filter(e => xOf(e) !== null).sort((a, b) => xOf(a) - xOf(b)), law = vegard(line, q);
        const path = (list, get) => list.map((e, i) => (i ? "L" : "M") + X(xOf(e)) + " " + Y(get(e))).join("");
        if (ordered) {
          svg.append(s("path", {style: `fill:${category(k)};fill-opacity:0.13;stroke:none`, d: path(line, e => e.cell[q].largest) + [...line].reverse().map(e => "L" + X(xOf(e)) + " " + Y(e.cell[q].smallest)).join("") + "Z"}));
          const averaged = line.filter(e => e.cell[q].mean !== null);
          if (averaged.length) svg.append(s("path", {style: `fill:none;stroke-width:1.5;stroke-dasharray:5 4;stroke:${category(k)}`, d: path(averaged, e => e.cell[q].mean)}));
          svg.append(s("path", {style: `fill:none;stroke-width:2;stroke:${category(k)}`, d: path(line, e => e.cell[q].of_lowest)}));
          const lawful = law ? line.filter(e => law(e) !== null) : [];
          if (lawful.length > 1) svg.append(s("path", {class: "axis", style: "fill:none;stroke-dasharray:1.5 3", d: path(lawful, law)}));
        } else for (const e of line) {
          svg.append(s("line", {style: `stroke:${category(k)};stroke-opacity:0.4`, x1: X(xOf(e)), x2: X(xOf(e)), y1: Y(e.cell[q].smallest), y2: Y(e.cell[q].largest)}));
          if (law && law(e) !== null) svg.append(s("line", {class: "axis", x1: X(xOf(e)) - 5, x2: X(xOf(e)) + 5, y1: Y(law(e)), y2: Y(law(e))}));
        }
        for (const e of line) {
          const c = e.cell[q];
          svg.append(s("circle", {style: `fill:${category(k)};stroke:var(--card)`, cx: X(xOf(e)), cy: Y(c.of_lowest), r: 4}));
          marks.push({x: X(xOf(e)), y: Y(c.of_lowest), text: `${subscripts(e.formula)}\nlowest ${fixed(c.of_lowest, 4)} ${units[q]}` + (c.mean === null ? "" : `\nBoltzmann ${fixed(c.mean, 4)} ± ${fixed(c.deviation, 4)} at ${report.temperature} K`) +
            `\nbetween ${fixed(c.smallest, 4)} and ${fixed(c.largest, 4)}, ${plural(e.entries, "calculation")}` + (law && law(e) !== null ? `\nby Vegard's law ${fixed(law(e), 4)}` : "") + (spaces.length > 1 ? "\n" + name : "")});
        }
      });
      for (const m of dots) {
        svg.append(s("rect", {class: "reference", x: X(m.x) - 4, y: Y(m.value) - 4, width: 8, height: 8}));
        marks.push({x: X(m.x), y: Y(m.value), text: "measured " + fixed(m.value, 4) + " " + units[q] + (m.source ? "\n" + m.source : "")});
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "lattice parameters and volume", head, data: () => ({columns: ["space", ...(ordered ? ["x"] : report.axes), "formula", "quantity", "of_lowest", "boltzmann_mean", "deviation", "smallest", "largest"],
      rows: rows.flatMap(e => Object.entries(e.cell).map(([q, c]) => [e.space, ...e.on_axes, e.formula, q, c.of_lowest, c.mean, c.deviation, c.smallest, c.largest]))
        .concat(report.measured.filter(m => m.quantity in units).map(m => ["measured", m.x, ...report.axes.slice(1).map(() => ""), m.source, m.quantity, m.value, "", "", "", ""]))})});
    const lawful = spaces.some(name => vegard(best(name), "volume"));
    body.append(legend([...(spaces.length > 1 ? spaces.map((name, k) => [categories[k % 8], name + ", lowest"]) : [["--c1", "lowest configuration"]]), averages && ordered && ["dashed", `Boltzmann average, ${report.temperature} K`],
      ordered && ["density", "all calculated"], report.measured.some(m => m.quantity in units) && ["reference", "measured"]]),
      h("p", {class: "note"}, "Of the cell that the space was given as, cut out of each relaxed supercell." + (lawful ? ordered ? " Dotted: Vegard's law between the end members." : " Short bars: Vegard's law between the end members; vertical lines: all calculated." : "") +
        (unsummed.length ? ` No Boltzmann averages of ${unsummed.map(space => space.name).join(", ")}: several supercells.` : "")));
  }
});
