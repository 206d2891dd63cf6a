// What two models say of the same structures that neither had seen: distance from the hull by one against the other.
panels.push({
  title: "Two models against each other", applies: () => report.validations.some(v => v.labels.length > 0),
  draw(body, head) {
    const kept = report.validations.filter(v => v.labels.length > 0), pairs = kept.flatMap(v => v.models.flatMap((m, a) => v.models.slice(a + 1).map((n, k) => ({v, a, b: a + 1 + k, name: `${n.kind} against ${m.kind}` + (kept.length > 1 ? `, ${v.protocol}` : "")}))));
    const choice = h("select", {"aria-label": "models", onchange: () => plot.redraw()}, ...pairs.map((p, k) => h("option", {value: k}, p.name)));
    if (pairs.length > 1) head.append(choice);
    const weightOf = l => l.degeneracy === null ? null : Number(l.degeneracy), most = Math.max(1, ...kept.flatMap(v => v.labels.map(l => weightOf(l) || 1)));
    const draw = width => {
      const {v, a, b} = pairs[+choice.value || 0], all = v.labels.flatMap(l => [l.predicted[a], l.predicted[b]]), low = Math.min(0, ...all), high = Math.max(...all), pad = Math.max(0.05 * (high - low), 1e-4), range = {low: low - pad, high: high + pad, scale: 1000};
      const height = Math.max(280, Math.min(400, width * 0.72)), room = 74, {svg, X, Y} = chart({width: width - room, height, label: "Energies above the hull by two models", x: {...range, label: `above the hull by ${v.models[a].kind} (meV/atom)`}, y: {...range, label: `by ${v.models[b].kind} (meV/atom)`}});
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.append(s("line", {class: "axis", x1: X(range.low), y1: Y(range.low), x2: X(range.high), y2: Y(range.high)}));
      const marks = [];
      for (const l of [...v.labels].reverse()) {
        const weight = weightOf(l), tint = weight === null ? "var(--muted)" : scaleColour(Math.log(weight) / Math.log(Math.max(2, most)));
        svg.append(s("circle", {cx: X(l.predicted[a]), cy: Y(l.predicted[b]), r: 4, style: `fill:${tint};stroke:var(--muted);stroke-width:0.7`}));
        marks.push({x: X(l.predicted[a]), y: Y(l.predicted[b]), text: `${subscripts(l.formula)}  ${l.id}\n${v.models[a].kind} ${meV(l.predicted[a])}, ${v.models[b].kind} ${meV(l.predicted[b])}, known ${meV(l.e_above_hull)} meV/atom` + (weight === null ? "" : `\ndegeneracy ${grouped(l.degeneracy)}`)});
      }
      if (kept.some(one => one.labels.some(l => l.degeneracy !== null))) {
        const bar = width - room + 14, top = 44, long = height - 120;
        for (let k = 0; k < 40; ++k) svg.append(s("rect", {x: bar, width: 12, y: top + long * (1 - (k + 1) / 40), height: long / 40 + 0.6, style: "fill:" + scaleColour((k + 0.5) / 40)}));
        svg.append(s("text", {x: bar - 8, y: top - 12}, "degeneracy"), s("text", {x: bar + 17, y: top + 9}, short(String(Math.max(2, most)))), s("text", {x: bar + 17, y: top + long}, "1"));
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "two models", head, data: () => ({columns: ["validation", "id", "space", "formula", "degeneracy", "e_above_hull_ev_per_atom", ...kept[0].models.map(m => "by_" + m.kind)],
      rows: kept.flatMap(v => v.labels.map(l => [v.protocol, l.id, l.space, l.formula, l.degeneracy, l.e_above_hull, ...l.predicted]))})});
    body.append(h("p", {class: "note"}, "Out-of-fold predictions of hullscan validate, as energies above the hull of all labels. On the line both models agree; below zero a model expects a structure to lie below the hull." +
      (kept.every(v => v.labels.every(l => l.degeneracy === null)) ? " Their ids are not those of this campaign's calculations, so their degeneracies are not known." : "")));
  }
});
