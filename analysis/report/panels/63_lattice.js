// Cell parameters against composition: of the lowest configuration, Boltzmann average, spread, and measured.
panels.push({
  title: "Lattice parameters and volume", applies: () => report.axis && report.ensembles.some(e => e.x !== null && e.cell.volume),
  draw(body, head) {
    const rows = report.ensembles.filter(e => e.x !== null && e.cell.volume), spaces = [...new Set(rows.map(e => e.space))];
    const units = {a: "Å", b: "Å", c: "Å", alpha: "°", beta: "°", gamma: "°", volume: "Å³"}, symbols = {alpha: "α", beta: "β", gamma: "γ"};
    const choice = h("select", {"aria-label": "quantity", onchange: () => plot.redraw()}, ...Object.keys(units).map(q => h("option", {value: q, selected: q === "volume"}, symbols[q] || q)));
    head.append(choice);
    const draw = width => {
      const q = choice.value, dots = report.measured.filter(m => m.quantity === q && m.x !== null);
      const values = rows.flatMap(e => [e.cell[q].smallest, e.cell[q].largest]).concat(dots.map(m => m.value)), low = Math.min(...values), high = Math.max(...values), pad = Math.max(0.08 * (high - low), 1e-3);
      const xs = rows.map(e => e.x).concat(dots.map(m => m.x)), from = Math.min(...xs), to = Math.max(...xs), side = Math.max(0.03 * (to - from), 0.01);
      const {svg, X, Y} = chart({width, height: 290, label: `${q} of the cell against composition`, x: {low: from - side, high: to + side, label: subscripts(report.axis)}, y: {low: low - pad, high: high + pad, label: `${symbols[q] || q} (${units[q]})`}});
      const marks = [];
      spaces.forEach((name, k) => {
        // Several supercells of one composition: the one with most configurations calculated.
        const best = new Map();
        for (const e of rows) if (e.space === name && (!best.has(e.x) || best.get(e.x).entries < e.entries)) best.set(e.x, e);
        const line = [...best.values()].sort((a, b) => a.x - b.x), path = get => line.map((e, i) => (i ? "L" : "M") + X(e.x) + " " + Y(get(e.cell[q]))).join("");
        svg.append(s("path", {style: `fill:${category(k)};fill-opacity:0.13;stroke:none`, d: path(c => c.largest) + [...line].reverse().map(e => "L" + X(e.x) + " " + Y(e.cell[q].smallest)).join("") + "Z"}),
          s("path", {style: `fill:none;stroke-width:1.5;stroke-dasharray:5 4;stroke:${category(k)}`, d: path(c => c.mean)}), s("path", {style: `fill:none;stroke-width:2;stroke:${category(k)}`, d: path(c => c.of_lowest)}));
        for (const e of line) {
          const c = e.cell[q];
          svg.append(s("circle", {style: `fill:${category(k)};stroke:var(--card)`, cx: X(e.x), cy: Y(c.of_lowest), r: 4}));
          marks.push({x: X(e.x), y: Y(c.of_lowest), text: `${subscripts(e.formula)}\nlowest ${fixed(c.of_lowest, 4)} ${units[q]}\nBoltzmann ${fixed(c.mean, 4)} ± ${fixed(c.deviation, 4)} at ${report.temperature} K\nbetween ${fixed(c.smallest, 4)} and ${fixed(c.largest, 4)}, ${plural(e.entries, "calculation")}` + (spaces.length > 1 ? "\n" + name : "")});
        }
      });
      for (const m of dots) {
        svg.append(s("rect", {class: "reference", x: X(m.x) - 4, y: Y(m.value) - 4, width: 8, height: 8}));
        marks.push({x: X(m.x), y: Y(m.value), text: "measured " + fixed(m.value, 4) + " " + units[q] + (m.source ? "\n" + m.source : "")});
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "lattice parameters and volume", head, data: () => ({columns: ["space", "x", "formula", "quantity", "of_lowest", "boltzmann_mean", "deviation", "smallest", "largest"],
      rows: rows.flatMap(e => Object.entries(e.cell).map(([q, c]) => [e.space, e.x, e.formula, q, c.of_lowest, c.mean, c.deviation, c.smallest, c.largest])).concat(report.measured.filter(m => m.quantity in units).map(m => ["measured", m.x, m.source, m.quantity, m.value, "", "", "", ""]))})});
    body.append(legend([...(spaces.length > 1 ? spaces.map((name, k) => [categories[k % 8], name + ", lowest"]) : [["--c1", "lowest configuration"]]), ["dashed", `Boltzmann average, ${report.temperature} K`], ["density", "all calculated"],
      report.measured.some(m => m.quantity in units) && ["reference", "measured"]]), h("p", {class: "note"}, "Of the cell that the space was given as, cut out of each relaxed supercell."));
  }
});
