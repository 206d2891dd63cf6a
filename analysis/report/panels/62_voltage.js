// Voltage steps of the calculated hull against the metal of the working ion, with what was measured.
panels.push({
  title: "Voltage", applies: () => report.voltages.length > 0,
  draw(body, head) {
    const known = report.voltages.filter(v => v.profile && v.profile.plateaus.length);
    for (const v of report.voltages.filter(v => v.problem)) body.append(h("p", {class: "note"}, v.space + ": " + v.problem));
    if (!known.length) return;
    const measured = report.measured.filter(m => m.quantity === "voltage" && m.x !== null), ion = known[0].profile.ion, host = known[0].profile.host;
    const axis = h("select", {"aria-label": "horizontal axis", onchange: () => plot.redraw()}, h("option", {value: "x"}, ion + " per " + subscripts(host)), h("option", {value: "q"}, "mAh/g"));
    head.append(axis);
    const draw = width => {
      const byCapacity = axis.value === "q";
      // Capacity counts ions put in, from the charged side.
      const steps = p => { let q = 0; return p.plateaus.map(step => byCapacity ? {from: q, to: q += step.capacity_mah_per_g, v: step.voltage, step} : {from: step.x_low, to: step.x_high, v: step.voltage, step}); };
      const all = known.flatMap(v => steps(v.profile)), dots = byCapacity ? [] : measured;
      const volts = all.map(q => q.v).concat(dots.map(m => m.value)), low = Math.min(...volts), high = Math.max(...volts), pad = Math.max(0.1, 0.12 * (high - low));
      const from = Math.min(...all.map(q => q.from), ...dots.map(m => m.x)), to = Math.max(...all.map(q => q.to), ...dots.map(m => m.x));
      const {svg, X, Y} = chart({width, height: 290, label: "Voltage against " + (byCapacity ? "capacity" : "composition"), x: {low: from, high: to, label: byCapacity ? "capacity (mAh/g)" : ion + " per " + subscripts(host)},
        y: {low: low - pad, high: high + pad, label: `voltage against ${ion} (V)`}});
      const marks = [];
      known.forEach((v, k) => {
        svg.append(s("path", {style: "fill:none;stroke-width:2.2;stroke:" + category(known.length > 1 ? k : 1), d: steps(v.profile).map((q, i) => `${i ? "L" : "M"}${X(q.from)} ${Y(q.v)}L${X(q.to)} ${Y(q.v)}`).join("")}));
        for (const q of steps(v.profile)) marks.push({x: (X(q.from) + X(q.to)) / 2, y: Y(q.v), text: `${fixed(q.v, 3)} V\n${q.step.from} → ${q.step.to}\n${fixed(q.step.capacity_mah_per_g, 1)} mAh/g` + (q.step.volume_change === null ? "" : "\nvolume " + percent(q.step.volume_change))});
      });
      for (const m of dots) {
        svg.append(s("rect", {class: "reference", x: X(m.x) - 4, y: Y(m.value) - 4, width: 8, height: 8}));
        marks.push({x: X(m.x), y: Y(m.value), text: "measured " + fixed(m.value, 3) + " V" + (m.source ? "\n" + m.source : "")});
      }
      hover(svg, width, marks, 40);
      return svg;
    };
    const plot = figure(body, draw, {name: "voltage", head, data: () => ({columns: ["space", "x_low", "x_high", "voltage_V", "capacity_mah_per_g", "from", "to"],
      rows: known.flatMap(v => v.profile.plateaus.map(p => [v.space, p.x_low, p.x_high, p.voltage, p.capacity_mah_per_g, p.from, p.to])).concat(measured.map(m => ["measured", m.x, m.x, m.value, "", m.source, ""]))})});
    body.append(legend([...(known.length > 1 ? known.map((v, k) => [categories[k % 8], v.space]) : [["--c2", "calculated"]]), measured.length && ["reference", "measured"]]));
    for (const v of known) body.append(h("p", {class: "note"}, (known.length > 1 ? v.space + ": " : "") + `average ${fixed(v.profile.average_voltage, 3)} V, ${fixed(v.profile.capacity_mah_per_g, 1)} mAh/g, ${fixed(v.profile.energy_wh_per_kg, 0)} Wh/kg of the discharged compound; 0 K, no vibrations.`));
  }
});
