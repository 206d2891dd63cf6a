// What the surrogate said against what the calculation said.
panels.push({
  title: "Surrogate against calculation", applies: () => hull && report.entries.some(e => e.predicted_formation_energy_per_atom !== null),
  draw(body) {
    const pairs = points.filter(p => p.kind === "computed" && p.predicted_formation_energy_per_atom !== null).map(p => ({p, x: p.formation_energy_per_atom, y: p.predicted_formation_energy_per_atom}));
    const all = pairs.flatMap(q => [q.x, q.y]), low = Math.min(...all), high = Math.max(...all), pad = Math.max(0.05 * (high - low), 1e-3), range = {low: low - pad, high: high + pad};
    const inMeV = high - low < 0.5, unit = inMeV ? " (meV/atom)" : " (eV/atom)", scale = inMeV ? 1000 : 1;
    const errors = pairs.map(q => q.y - q.x), mae = sum(errors.map(Math.abs)) / errors.length, rmse = Math.sqrt(sum(errors.map(e => e * e)) / errors.length);
    figure(body, width => {
      const {svg, X, Y} = chart({width, height: Math.max(280, Math.min(400, width * 0.72)), label: "Predicted against calculated formation energy",
        x: {...range, label: "calculated formation energy" + unit, scale}, y: {...range, label: "predicted" + unit, scale}});
      svg.append(s("line", {class: "axis", x1: X(range.low), y1: Y(range.low), x2: X(range.high), y2: Y(range.high)}));
      for (const q of pairs) svg.append(s("circle", {class: q.p.vertex ? "vertex" : "computed", cx: X(q.x), cy: Y(q.y), r: q.p.vertex ? 5 : 4}));
      hover(svg, width, pairs.map(q => ({x: X(q.x), y: Y(q.y), text: subscripts(q.p.formula) + "  " + q.p.id + "\ncalculated " + meV(q.x) + ", predicted " + meV(q.y) + " meV/atom"})));
      return svg;
    });
    body.append(h("p", {class: "note"}, `${plural(pairs.length, "calculation")}: MAE ${meV(mae)}, RMSE ${meV(rmse)} meV/atom. Predictions may come from a fit that knew the calculation; the leave-one-out error of each round did not.`));
  }
});
