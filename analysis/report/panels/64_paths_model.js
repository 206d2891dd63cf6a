// The model that scores migration paths: how well it says its own labels, each predicted without it, and what it weighs.
panels.push({
  title: "Model of migration paths against its labels", applies: () => report.path_models.some(m => m.parity.length > 0),
  draw(body, head) {
    const known = report.path_models.filter(m => m.parity.length > 0), choice = h("select", {"aria-label": "space", onchange: () => { plot.redraw(); note.textContent = words(); }}, ...known.map((m, k) => h("option", {value: k}, m.space)));
    if (known.length > 1) head.append(choice);
    const model = () => known[+choice.value || 0];
    const draw = width => {
      const m = model(), all = m.parity.flat(), low = Math.min(...all), high = Math.max(...all), pad = Math.max(0.05 * (high - low), 1e-6), range = {low: low - pad, high: high + pad};
      const {svg, X, Y} = chart({width, height: Math.max(280, Math.min(400, width * 0.72)), label: "Predicted against known " + m.target, x: {...range, label: "label: " + m.target}, y: {...range, label: "predicted without it"}});
      svg.append(s("line", {class: "axis", x1: X(range.low), y1: Y(range.low), x2: X(range.high), y2: Y(range.high)}));
      for (const [known, predicted] of m.parity) svg.append(s("circle", {class: "computed", cx: X(known), cy: Y(predicted), r: 3.5}));
      hover(svg, width, m.parity.map(([known, predicted]) => ({x: X(known), y: Y(predicted), text: `label ${fixed(known, 4)}\npredicted ${fixed(predicted, 4)}`})));
      return svg;
    };
    const plot = figure(body, draw, {name: "model of paths against its labels", head, data: () => ({columns: ["space", "label", "predicted"], rows: known.flatMap(m => m.parity.map(p => [m.space, ...p]))})});
    const words = () => { const m = model(), digits = v => v.toPrecision(3); return `${m.method}, ${plural(m.labels, "label")}${m.parity.length < m.labels ? `, ${m.parity.length} of them drawn` : ""}: RMSE of the fit ${digits(m.rmse)}, out of sample ${digits(m.out_of_sample_rmse)} (${m.method === "ridge" ? "each label left out in turn" : "three folds"}), in the unit of ${m.target}.`; };
    const note = h("p", {class: "note"}, words());
    body.append(legend([["computed", "a labelled path"], ["axisline", "exact"]]), note);
  }
});
panels.push({
  title: "What the model of migration paths weighs", applies: () => report.path_models.some(m => m.columns.length > 0),
  draw(body, head) {
    const known = report.path_models.filter(m => m.columns.length > 0), choice = h("select", {"aria-label": "space", onchange: () => plot.redraw()}, ...known.map((m, k) => h("option", {value: k}, m.space)));
    const what = h("select", {"aria-label": "quantity", onchange: () => plot.redraw()}, h("option", {value: "coefficient"}, "coefficients"), h("option", {value: "importance"}, "importance"));
    if (known.length > 1) head.append(choice);
    head.append(what);
    const model = () => known[+choice.value || 0], most = 40;
    const draw = width => {
      const m = model(), signed = what.value === "coefficient", line = 19, left = Math.min(width * 0.45, 210), layout = [];
      const columns = m.columns.length > most ? m.columns.filter(c => [...m.columns].sort((a, b) => b.importance - a.importance).slice(0, most).includes(c)) : m.columns;
      let y = 4, last = null;
      for (const c of columns) { if (c.group !== last) { y += 20; layout.push({head: c.group, y: y - 5}); last = c.group; } layout.push({c, y}); y += line; }
      const height = y + 42, largest = Math.max(1e-12, ...columns.map(c => Math.abs(c[what.value]))), middle = signed ? left + (width - left) / 2 : left, reach = signed ? (width - left) / 2 - 56 : width - left - 60;
      const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "What the model of migration paths weighs"}), marks = [], text = v => signed ? minus(v.toPrecision(3)) : percent(v);
      for (const {head: group, c, y} of layout) {
        if (group) { svg.append(s("text", {class: "strong", x: 4, y}, group)); continue; }
        const long = c[what.value] / largest * reach;
        svg.append(s("text", {x: left - 8, y: y + 13, "text-anchor": "end"}, shortened(c.name, left / 6.6)), s("rect", {x: Math.min(middle, middle + long), y: y + 2, width: Math.max(0.5, Math.abs(long)), height: line - 5, style: "fill:" + (long < 0 ? "var(--c1)" : "var(--c2)")}),
          s("text", {x: middle + long + (long < 0 ? -4 : 4), y: y + 13, "text-anchor": long < 0 ? "end" : "start"}, text(c[what.value])));
        marks.push({x: middle + long / 2, y: y + 9, text: `${c.group}: ${c.name}\ncoefficient ${c.coefficient.toPrecision(4)}\nimportance ${percent(c.importance)}`});
      }
      svg.append(s("line", {class: "axis", x1: middle, x2: middle, y1: 4, y2: height - 40}), s("text", {x: signed ? middle : left + reach / 2, y: height - 10, "text-anchor": "middle"}, signed ? `${m.target}, for each one more` : "share of the whole"));
      hover(svg, width, marks, 30);
      return svg;
    };
    const plot = figure(body, draw, {name: "what the model of paths weighs", head, data: () => ({columns: ["space", "group", "column", "coefficient", "importance"], rows: known.flatMap(m => m.columns.map(c => [m.space, c.group, c.name, c.coefficient, c.importance]))})});
    body.append(h("p", {class: "note"}, "Coefficients of the columns of the descriptor table (docs/formats/descriptor-table.md): of ridge, or of the linear trend that trees start from. Importance: coefficient times spread of the column, or the gain of the trees' splits."));
  }
});
