// Errors of the models on labels that they had not seen, by group, with their spread over repeated validations.
panels.push({
  title: "Model errors by group", applies: () => report.validations.length > 0,
  draw(body, head) {
    const kinds = [...new Set(report.validations.flatMap(v => v.models.map(m => m.kind)))], groupings = [...new Set(report.validations.flatMap(v => v.models.flatMap(m => m.groups.map(g => g.by))))];
    const by = h("select", {"aria-label": "group by", onchange: () => plot.redraw()}, ...groupings.map(name => h("option", {value: name, selected: name === "composition"}, name)));
    const measure = h("select", {"aria-label": "error", onchange: () => plot.redraw()}, h("option", {value: "rmse"}, "RMSE"), h("option", {value: "mae"}, "MAE"),
      ...(report.validations.every(v => v.models.every(m => m.groups.every(g => g.rmse_by_degeneracy !== null))) ? [h("option", {value: "rmse_by_degeneracy"}, "RMSE by degeneracy"), h("option", {value: "mae_by_degeneracy"}, "MAE by degeneracy")] : []));
    head.append(by, measure);
    // [{name, n, of: Map(kind -> [value of every repeat])}], the largest first where not all fit.
    const rowsOf = (grouping, error) => {
      const rows = new Map();
      for (const v of report.validations) for (const m of v.models) for (const g of m.groups) if (g.by === grouping) {
        const row = rows.get(g.name) || {name: g.name, n: 0, of: new Map()};
        row.n = Math.max(row.n, g.n);
        if (!row.of.has(m.kind)) row.of.set(m.kind, []);
        row.of.get(m.kind).push(g[error]);
        rows.set(g.name, row);
      }
      return [...rows.values()];
    };
    const mean = list => sum(list) / list.length, most = 24;
    const draw = width => {
      const all = rowsOf(by.value, measure.value), rows = all.length > most ? [...all].sort((a, b) => b.n - a.n).slice(0, most) : all, bar = 13, gap = 12, top = 8, each = kinds.length * bar + gap;
      const left = Math.min(width * 0.42, 190), right = 62, height = top + rows.length * each + 44, high = Math.max(1e-6, ...rows.flatMap(r => [...r.of.values()].flat())), reach = width - left - right;
      const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Errors by " + by.value}), X = v => left + v / high * reach, at = ticks(0, high, Math.max(3, reach / 90)), digits = Math.max(0, at.digits - 3), marks = [];
      for (const v of at) svg.append(s("line", {class: "grid", x1: X(v), x2: X(v), y1: top, y2: height - 40}), s("text", {x: X(v), y: height - 24, "text-anchor": "middle"}, fixed(v * 1000, digits)));
      svg.append(s("text", {x: left + reach / 2, y: height - 6, "text-anchor": "middle"}, measure.selectedOptions[0].textContent + " (meV/atom)"));
      rows.forEach((row, k) => {
        const base = top + k * each;
        svg.append(s("text", {x: left - 8, y: base + each / 2, "text-anchor": "end"}, shortened(by.value === "composition" ? subscripts(row.name) : row.name, (left - 10) / 6.6)));
        kinds.forEach((kind, j) => {
          const values = row.of.get(kind);
          if (!values) return;
          const y = base + j * bar + gap / 2, middle = y + bar / 2 - 1, low = Math.min(...values), up = Math.max(...values);
          svg.append(s("rect", {x: left, y, width: Math.max(1, X(mean(values)) - left), height: bar - 2, style: `fill:${category(j)};fill-opacity:0.55`}));
          if (values.length > 1) svg.append(s("path", {style: "stroke:var(--ink);fill:none;stroke-width:1.3", d: `M${X(low)} ${middle}H${X(up)}M${X(low)} ${middle - 4}V${middle + 4}M${X(up)} ${middle - 4}V${middle + 4}`}));
          svg.append(s("text", {x: X(up) + 6, y: middle + 4}, fixed(mean(values) * 1000, mean(values) < 0.01 ? 2 : 1)));
          marks.push({x: X(mean(values)), y: middle, text: `${row.name}, ${kind}\n${measure.selectedOptions[0].textContent} ${meV(mean(values), 2)} meV/atom` + (values.length > 1 ? `, ${meV(low, 2)} to ${meV(up, 2)} over ${values.length} repeats` : "") + `\n${plural(row.n, "label")}`});
        });
      });
      hover(svg, width, marks, 30);
      return svg;
    };
    const plot = figure(body, draw, {name: "model errors by group", head, data: () => ({columns: ["validation", "protocol", "model", "group_by", "group", "labels", "rmse_ev_per_atom", "mae_ev_per_atom", "rmse_by_degeneracy_ev_per_atom", "mae_by_degeneracy_ev_per_atom"],
      rows: report.validations.flatMap(v => v.models.flatMap(m => m.groups.map(g => [v.name, v.protocol, m.kind, g.by, g.name, g.n, g.rmse, g.mae, g.rmse_by_degeneracy, g.mae_by_degeneracy])))})});
    const protocols = [...new Set(report.validations.map(v => v.protocol))];
    body.append(legend([...kinds.slice(0, 8).map((kind, k) => ["area " + categories[k], kind]), report.validations.length > 1 && ["whisker", "smallest to largest over the repeats"]]),
      h("p", {class: "note"}, `${plural(report.validations.length, "validation")} kept: ${protocols.slice(0, 6).join("; ")}${protocols.length > 6 ? "; …" : ""}. Bars: mean over them.` + (report.validations.length === 1 ? " hullscan validate --into, with other seeds, adds repeats." : "")));
  }
});
