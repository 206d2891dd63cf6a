// What a fitted linear model says matters: energy per member times members per cell.
panels.push({
  title: "What the surrogate weighs", applies: () => report.coefficients.length > 0,
  draw(body, head) {
    const spaces = [...new Set(report.coefficients.map(c => c.space))], weight = c => c.energy * c.multiplicity;
    const choice = h("select", {"aria-label": "space", onchange: () => plot.redraw()}, ...spaces.map(name => h("option", {value: name}, name)));
    if (spaces.length > 1) head.append(choice);
    const best = () => report.coefficients.filter(c => c.space === choice.value).sort((a, b) => Math.abs(weight(b)) - Math.abs(weight(a))).slice(0, 20);
    const draw = width => {
      const rows = best(), line = 21, left = Math.min(width * 0.55, 300), top = 6, height = rows.length * line + 44, most = Math.max(...rows.map(c => Math.abs(weight(c))), 1e-9);
      const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Fitted energies, largest first"});
      const middle = left + (width - left - 50) / 2, reach = (width - left - 120) / 2;
      rows.forEach((c, k) => {
        const y = top + k * line, length = weight(c) / most * reach, name = c.feature.length > left / 6.3 ? c.feature.slice(0, left / 6.3 - 1) + "…" : c.feature;
        svg.append(s("text", {x: left - 8, y: y + 14, "text-anchor": "end"}, name),
          s("rect", {x: Math.min(middle, middle + length), y: y + 3, width: Math.max(0.5, Math.abs(length)), height: line - 6, style: "fill:" + (length < 0 ? "var(--c1)" : "var(--c2)")}),
          s("text", {x: middle + length + (length < 0 ? -4 : 4), y: y + 14, "text-anchor": length < 0 ? "end" : "start"}, meV(weight(c), 1)));
      });
      svg.append(s("line", {class: "axis", x1: middle, x2: middle, y1: top, y2: top + rows.length * line}), s("text", {x: middle, y: height - 10, "text-anchor": "middle"}, "meV per primitive cell"));
      hover(svg, width, rows.map((c, k) => ({x: middle + weight(c) / most * reach / 2, y: top + k * line + 10, text: c.feature + "\n" + meV(c.energy, 2) + " meV each, " + c.multiplicity + " per cell"})), 40);
      return svg;
    };
    const plot = figure(body, draw, {name: "what the surrogate weighs", head, data: () => ({columns: ["space", "feature", "sites", "multiplicity", "energy_ev", "energy_ev_per_cell"],
      rows: report.coefficients.map(c => [c.space, c.feature, c.sites, c.multiplicity, c.energy, weight(c)])})});
    body.append(h("p", {class: "note"}, "Coefficients of the last fit times their multiplicity, largest first; the composition's own terms are among them."));
  }
});
