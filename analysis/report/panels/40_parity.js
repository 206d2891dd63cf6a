// What the surrogate said against what the calculation said, by the round that asked for the calculation.
panels.push({
  title: "Surrogate against calculation", applies: () => hull && (report.page.parity || report.entries.some(e => e.predicted_formation_energy_per_atom !== null)),
  draw(body, head) {
    const binned = report.page.parity;
    const pairs = points.filter(p => p.kind === "computed" && p.predicted_formation_energy_per_atom !== null).map(p => ({p, x: p.formation_energy_per_atom, y: p.predicted_formation_energy_per_atom}));
    const all = pairs.flatMap(q => [q.x, q.y]), low = binned ? binned.low : Math.min(...all), high = binned ? binned.high : Math.max(...all);
    const pad = Math.max(0.05 * (high - low), 1e-3), range = {low: low - pad, high: high + pad};
    const inMeV = high - low < 0.5, unit = inMeV ? " (meV/atom)" : " (eV/atom)", scale = inMeV ? 1000 : 1;
    const errors = pairs.map(q => q.y - q.x), mae = binned ? binned.mae : sum(errors.map(Math.abs)) / errors.length;
    const rmse = binned ? binned.rmse : Math.sqrt(sum(errors.map(e => e * e)) / errors.length), count = binned ? binned.count : pairs.length;
    const rounds = [...new Set(pairs.map(q => q.p.round))].sort((a, b) => a - b);
    figure(body, width => {
      const {svg, X, Y} = chart({width, height: Math.max(280, Math.min(400, width * 0.72)), label: "Predicted against calculated formation energy",
        x: {...range, label: "calculated formation energy" + unit, scale}, y: {...range, label: "predicted" + unit, scale}});
      svg.append(s("line", {class: "axis", x1: X(range.low), y1: Y(range.low), x2: X(range.high), y2: Y(range.high)}));
      if (binned) {
        const step = (high - low) / binned.bins, most = Math.log1p(Math.max(...binned.cells.map(c => c[1])));
        for (const [cell, number] of binned.cells) {
          const x = low + (cell % binned.bins) * step, y = low + Math.floor(cell / binned.bins) * step;
          svg.append(s("rect", {class: "predicted", x: X(x), y: Y(y + step), width: X(x + step) - X(x) + 0.3, height: Y(y) - Y(y + step) + 0.3, "fill-opacity": (0.15 + 0.85 * Math.log1p(number) / most).toFixed(2)}));
        }
        return svg;
      }
      for (const q of pairs) svg.append(s("circle", {style: "stroke:var(--card);fill:" + category(rounds.indexOf(q.p.round)), cx: X(q.x), cy: Y(q.y), r: q.p.vertex ? 6 : 4}));
      hover(svg, width, pairs.map(q => ({x: X(q.x), y: Y(q.y), text: subscripts(q.p.formula) + "  " + q.p.id + "\ncalculated " + meV(q.x) + ", predicted " + meV(q.y) + " meV/atom\nround " + q.p.round})));
      return svg;
    }, {name: "surrogate against calculation", head, data: () => ({columns: ["id", "formula", "round", "calculated_ev_per_atom", "predicted_ev_per_atom"],
      rows: pairs.map(q => [q.p.id, q.p.formula, q.p.round, q.x, q.y])})});
    if (!binned && rounds.length > 1) body.append(legend(rounds.slice(0, 12).map((r, k) => [categories[k % categories.length], "round " + r])));
    body.append(h("p", {class: "note"}, `${plural(count, "calculation")}: MAE ${meV(mae)}, RMSE ${meV(rmse)} meV/atom, of the predictions that chose them` +
      (binned ? "; squares: number of calculations." : ".")));
  }
});
