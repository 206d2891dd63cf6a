// What the models said of labels that they had not seen against what is known, a common configuration larger than a rare one.
panels.push({
  title: "Model against known energies", applies: () => report.validations.some(v => v.models.some(m => m.parity.length > 0)),
  draw(body, head) {
    const shown = report.validations.flatMap(v => v.models.filter(m => m.parity.length > 0).map(m => ({v, m, name: m.kind + (report.validations.length > 1 ? `, ${v.name}` : "")})));
    const choice = h("select", {"aria-label": "model", onchange: () => plot.redraw()}, ...shown.map((one, k) => h("option", {value: k}, one.name)));
    if (shown.length > 1) head.append(choice);
    const weighted = shown.every(one => one.m.parity.every(p => p.degeneracy !== null)), weightOf = p => weighted ? Number(p.degeneracy) : 1;
    const most = Math.max(1, ...shown.flatMap(one => one.m.parity.map(weightOf))), note = h("p", {class: "note"});
    const draw = width => {
      const {m} = shown[+choice.value || 0], all = m.parity.flatMap(p => [p.actual, p.predicted]), low = Math.min(...all), high = Math.max(...all), pad = Math.max(0.05 * (high - low), 1e-3), range = {low: low - pad, high: high + pad, scale: 1000};
      const {svg, X, Y} = chart({width, height: Math.max(280, Math.min(400, width * 0.72)), label: "Predicted against known formation energy", x: {...range, label: "known formation energy (meV/atom)"}, y: {...range, label: `by ${m.kind} (meV/atom)`}});
      svg.append(s("line", {class: "axis", x1: X(range.low), y1: Y(range.low), x2: X(range.high), y2: Y(range.high)}));
      for (const p of [...m.parity].sort((a, b) => weightOf(b) - weightOf(a))) svg.append(s("circle", {cx: X(p.actual), cy: Y(p.predicted), r: weighted ? 1.5 + 6 * Math.sqrt(weightOf(p) / most) : 3.5, style: `fill:${category(0)};fill-opacity:0.45;stroke:var(--card);stroke-width:0.5`}));
      hover(svg, width, m.parity.map(p => ({x: X(p.actual), y: Y(p.predicted), text: `${subscripts(p.formula)}  ${p.id}\nknown ${meV(p.actual)}, predicted ${meV(p.predicted)} meV/atom` + (p.degeneracy === null ? "" : `\ndegeneracy ${grouped(p.degeneracy)}`)})));
      const rmse = weight => Math.sqrt(sum(m.parity.map(p => weight(p) * (p.predicted - p.actual) ** 2)) / sum(m.parity.map(weight)));
      note.textContent = `${plural(m.parity.length, "prediction")} out of fold. RMSE ${meV(rmse(() => 1), 2)} meV/atom with every structure counted once` +
        (weighted ? `, ${meV(rmse(weightOf), 2)} with each counted as often as its orbit has configurations in its supercell (its degeneracy), which the areas show.` : "; degeneracies are not known.");
      return svg;
    };
    const plot = figure(body, draw, {name: "model against known energies", head, data: () => ({columns: ["validation", "model", "id", "formula", "degeneracy", "actual_ev_per_atom", "predicted_ev_per_atom"],
      rows: shown.flatMap(({v, m}) => m.parity.map(p => [v.name, m.kind, p.id, p.formula, p.degeneracy, p.actual, p.predicted]))})});
    body.append(note);
  }
});
