// What the pairs of two species, or of one length, are worth to a model: its error with them alone, and without them.
panels.push({
  title: "Errors by pair and shell", applies: () => report.validations.some(v => v.models.some(m => m.parts.length > 0)),
  draw(body, head) {
    const shown = report.validations.flatMap(v => v.models.filter(m => m.parts.length > 0).map(m => ({m, name: m.kind + (report.validations.length > 1 ? `, ${v.name}` : "")})));
    const choice = h("select", {"aria-label": "model", onchange: () => plot.redraw()}, ...shown.map((one, k) => h("option", {value: k}, one.name)));
    if (shown.length > 1) head.append(choice);
    const draw = width => {
      const {m} = shown[+choice.value || 0], bar = 13, gap = 12, top = 8, each = 2 * bar + gap, left = Math.min(width * 0.35, 150), right = 62, height = top + m.parts.length * each + 44;
      const high = Math.max(1e-6, m.rmse, ...m.parts.flatMap(p => [p.only, p.without])), reach = width - left - right, X = v => left + v / high * reach, at = ticks(0, high, Math.max(3, reach / 90)), marks = [];
      const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Errors by pair and shell"});
      for (const v of at) svg.append(s("line", {class: "grid", x1: X(v), x2: X(v), y1: top, y2: height - 40}), s("text", {x: X(v), y: height - 24, "text-anchor": "middle"}, fixed(v * 1000, Math.max(0, at.digits - 3))));
      svg.append(s("text", {x: left + reach / 2, y: height - 6, "text-anchor": "middle"}, "RMSE (meV/atom)"), s("line", {class: "axis", x1: X(m.rmse), x2: X(m.rmse), y1: top, y2: height - 40}));
      m.parts.forEach((p, k) => {
        const base = top + k * each;
        svg.append(s("text", {x: left - 8, y: base + each / 2, "text-anchor": "end"}, shortened(p.name, (left - 10) / 6.6)));
        [p.only, p.without].forEach((value, j) => {
          const y = base + j * bar + gap / 2;
          svg.append(s("rect", {x: left, y, width: Math.max(1, X(value) - left), height: bar - 2, style: `fill:${category(j)};fill-opacity:0.55`}), s("text", {x: X(value) + 6, y: y + bar / 2 + 3}, fixed(value * 1000, value < 0.01 ? 2 : 1)));
          marks.push({x: X(value), y: y + bar / 2, text: `${p.name}, ${j ? "without them" : "only these and the composition"}\nRMSE ${meV(value, 2)} meV/atom`});
        });
      });
      hover(svg, width, marks, 30);
      return svg;
    };
    const plot = figure(body, draw, {name: "errors by pair and shell", head, data: () => ({columns: ["model", "pairs", "rmse_only_ev_per_atom", "rmse_without_ev_per_atom", "rmse_all_ev_per_atom"],
      rows: shown.flatMap(({m, name}) => m.parts.map(p => [name, p.name, p.only, p.without, m.rmse]))})});
    body.append(legend([["area " + categories[0], "only these and the composition"], ["area " + categories[1], "all but these"]]), h("p", {class: "note"}, "Out-of-fold errors of hullscan validate --ablation; the line is the whole model."));
  }
});
