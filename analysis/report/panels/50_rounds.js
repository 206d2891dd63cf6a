// The surrogate's error as labels came in.
panels.push({
  title: "Surrogate by round", applies: () => report.rounds.length > 0,
  draw(body, head) {
    const kinds = [...new Set(report.rounds.map(r => r.surrogate))], known = report.rounds.filter(r => r.loo_rmse !== null);
    // By round: how far the model before it was off for the calculations that the round asked for.
    const before = new Map();
    for (const e of report.entries) if (hull && e.predicted_formation_energy_per_atom !== null) {
      if (!before.has(e.round)) before.set(e.round, []);
      before.get(e.round).push(e.predicted_formation_energy_per_atom - e.formation_energy_per_atom);
    }
    const ahead = r => before.has(r.round) && report.page.entries === report.entries.length ? Math.sqrt(sum(before.get(r.round).map(e => e * e)) / before.get(r.round).length) : null;
    if (known.length > 1) figure(body, width => {
      const most = Math.max(...known.map(r => r.loo_rmse)), labels = known.map(r => r.labels), from = Math.min(...labels), to = Math.max(...labels), pad = Math.max(1, 0.05 * (to - from));
      const {svg, X, Y} = chart({width, height: 230, label: "Leave-one-out error against number of labels", x: {low: Math.max(0, from - pad), high: to + pad, label: "labels"},
        y: {low: 0, high: most * 1.1 + 1e-6, label: "error (meV/atom)", scale: 1000}});
      const marks = [];
      for (const kind of kinds) {
        const line = known.filter(r => r.surrogate === kind);
        svg.append(s("path", {class: "dashed", style: "stroke-dasharray:none", d: line.map((r, k) => (k ? "L" : "M") + X(r.labels) + " " + Y(r.loo_rmse)).join("")}));
        for (const r of line) { svg.append(s("circle", {class: "predicted", cx: X(r.labels), cy: Y(r.loo_rmse), r: 4})); marks.push({x: X(r.labels), y: Y(r.loo_rmse), text: `round ${r.round}, ${kind}\n${r.labels} labels, ${meV(r.loo_rmse)} meV/atom`}); }
      }
      hover(svg, width, marks);
      return svg;
    }, {name: "surrogate by round", head, data: () => ({columns: ["round", "surrogate", "labels", "features", "rmse_ev_per_atom", "loo_rmse_ev_per_atom", "rmse_before_ev_per_atom"],
      rows: report.rounds.map(r => [r.round, r.surrogate, r.labels, r.features, r.rmse, r.loo_rmse, ahead(r)])})});
    body.append(table({caption: "Fits; errors in meV/atom", rows: report.rounds, columns: [
      {name: "round", number: true, text: r => String(r.round), value: r => r.round}, {name: "surrogate", text: r => r.surrogate}, {name: "labels", number: true, value: r => r.labels, text: r => String(r.labels)},
      {name: "features", number: true, value: r => r.features, text: r => String(r.features)}, {name: "fit RMSE", number: true, value: r => r.rmse, text: r => meV(r.rmse)},
      {name: "leave-one-out RMSE", number: true, value: r => r.loo_rmse, text: r => meV(r.loo_rmse)},
      {name: "its calculations, before", number: true, value: ahead, text: r => meV(ahead(r))}]}).element);
  }
});
