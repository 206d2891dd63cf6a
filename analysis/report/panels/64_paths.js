// Migration paths: the spread of their values by type and number of dopants, and the thirds they fall into.
panels.push({
  title: "Migration paths", wide: true, long: true, applies: () => report.paths.length > 0,
  draw(body, head) {
    const choice = h("select", {"aria-label": "space", onchange: () => { plot.redraw(); shares.redraw(); list.show(rows()); note.textContent = words(); }},
      ...report.paths.map((p, k) => h("option", {value: k}, p.space)));
    if (report.paths.length > 1) head.append(choice);
    const paths = () => report.paths[+choice.value || 0], rows = () => paths().groups, name = g => g.type || "all types";
    const dopants = n => plural(n, "dopant");
    // One row a group, those of one number of dopants together; all types above their single ones.
    const rowHeight = 24, left = width => Math.min(230, Math.max(130, width * 0.32));
    const layout = () => { let y = 8; const out = []; let last = null; for (const g of rows()) { if (g.dopants !== last) { y += 22; out.push({text: dopants(g.dopants), y: y - 6}); last = g.dopants; } out.push({g, y: y + rowHeight / 2}); y += rowHeight; } return {rows: out, height: y + 48}; };
    const frame = (width, label, axis, low, high) => {
      const {rows: placed, height} = layout(), from = left(width), to = width - 16, svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label});
      const X = v => from + (v - low) / (high - low || 1) * (to - from), marksAt = ticks(low, high, Math.max(3, (to - from) / 110));
      for (const v of marksAt) svg.append(s("line", {class: "grid", x1: X(v), x2: X(v), y1: 8, y2: height - 42}), s("text", {x: X(v), y: height - 26, "text-anchor": "middle"}, axis.percent ? fixed(v * 100, 0) : fixed(v, marksAt.digits)));
      svg.append(s("text", {x: (from + to) / 2, y: height - 6, "text-anchor": "middle"}, axis.label));
      for (const p of placed) svg.append(p.text ? s("text", {class: "strong", x: 4, y: p.y}, p.text) : s("text", {x: from - 8, y: p.y + 4, "text-anchor": "end"}, shortened(name(p.g), (from - 10) / 6.4)));
      return {svg, X, placed: placed.filter(p => p.g), height};
    };
    const tell = g => `${dopants(g.dopants)}, ${name(g)}\n${fixed(g.mean, 4)} ± ${fixed(g.deviation, 4)}, from ${fixed(g.minimum, 4)} to ${fixed(g.maximum, 4)}\n${short(g.paths)} inequivalent, ${short(g.configurations)} in all\nfavourable ${percent(g.favourable)}, neutral ${percent(g.neutral)}, unfavourable ${percent(g.unfavourable)}`;
    const spread = width => {
      const p = paths(), least = Math.min(...rows().map(g => g.minimum)), most = Math.max(...rows().map(g => g.maximum)), pad = 0.04 * (most - least) || 0.01;
      const {svg, X, placed, height} = frame(width, "Spread of " + p.quantity + " by path type and dopants", {label: p.quantity}, least - pad, most + pad);
      for (const v of [p.favourable_to, p.neutral_to]) svg.append(s("line", {class: "dashed", x1: X(v), x2: X(v), y1: 8, y2: height - 42}));
      const marks = [];
      for (const {g, y} of placed) {
        const style = "stroke:" + (g.type ? "var(--c1)" : "var(--ink)");
        svg.append(s("line", {style, x1: X(g.minimum), x2: X(g.maximum), y1: y, y2: y}),
          s("line", {style, x1: X(g.minimum), x2: X(g.minimum), y1: y - 4, y2: y + 4}), s("line", {style, x1: X(g.maximum), x2: X(g.maximum), y1: y - 4, y2: y + 4}),
          s("rect", {style: style + ";fill:" + (g.type ? "var(--c1)" : "var(--ink)") + ";fill-opacity:0.25", x: X(g.mean - g.deviation), width: Math.max(1, X(g.mean + g.deviation) - X(g.mean - g.deviation)), y: y - 6, height: 12}),
          named(s("circle", {class: "vertex", cx: X(g.mean), cy: y, r: 4}), tell(g)));
        marks.push({x: X(g.mean), y, text: tell(g)});
      }
      hover(svg, width, marks, 24);
      return svg;
    };
    const thirds = [["favourable", "--good"], ["neutral", "--warn"], ["unfavourable", "--bad"]];
    const stacked = width => {
      const {svg, X, placed} = frame(width, "Favourable, neutral and unfavourable paths", {label: "share of paths (%)", percent: true}, 0, 1), marks = [];
      for (const {g, y} of placed) {
        let at = 0;
        for (const [key, tint] of thirds) {
          svg.append(s("rect", {style: `fill:var(${tint});fill-opacity:0.75;stroke:var(--card)`, x: X(at), width: Math.max(0, X(at + g[key]) - X(at)), y: y - 8, height: 16}));
          at += g[key];
        }
        for (let k = 0; k <= 10; ++k) marks.push({x: X(k / 10), y, text: tell(g)});
      }
      hover(svg, width, marks, 30);
      return svg;
    };
    const csvColumns = ["space", "dopants", "type", "paths", "configurations", "mean", "deviation", "minimum", "maximum", "favourable", "neutral", "unfavourable"];
    const data = () => ({columns: csvColumns, rows: rows().map(g => [paths().space, g.dopants, g.type || "all", g.paths, g.configurations, g.mean, g.deviation, g.minimum, g.maximum, g.favourable, g.neutral, g.unfavourable])});
    const plot = figure(body, spread, {name: "paths by type and dopants", head, data});
    body.append(legend([["vertex", "mean by degeneracy"], ["density", "one standard deviation"], ["dashed", "thirds of the reference set"]]));
    const shares = figure(body, stacked, {name: "favourable paths", data});
    body.append(legend(thirds.map(([text, tint]) => [tint, text])));
    const note = h("p", {class: "note"});
    const words = () => { const p = paths(); return `Thirds of ${p.reference} (${short(p.reference_paths)} inequivalent paths): favourable up to ${fixed(p.favourable_to, 4)}, neutral up to ${fixed(p.neutral_to, 4)}. Low is favourable; paths count by their degeneracy.` + (p.resolution ? ` Values are known to ${p.resolution}.` : ""); };
    note.textContent = words();
    const list = table({caption: "Paths by number of dopants and type", sort: null, rows: rows(), columns: [
      {name: "dopants", number: true, value: g => g.dopants, text: g => String(g.dopants)}, {name: "type", tight: true, text: name},
      {name: "paths", number: true, value: g => BigInt(g.paths), text: g => short(g.paths)}, {name: "in all", number: true, value: g => BigInt(g.configurations), text: g => short(g.configurations)},
      ...["mean", "deviation", "minimum", "maximum"].map(key => ({name: key, number: true, value: g => g[key], text: g => fixed(g[key], 4)})),
      ...thirds.map(([key]) => ({name: key, number: true, value: g => g[key], text: g => percent(g[key])}))]});
    body.append(note, list.element);
    head.append(list.take("paths"));
  }
});
const shortened = (text, most) => text.length > most ? text.slice(0, Math.max(4, Math.floor(most) - 1)) + "…" : text;
