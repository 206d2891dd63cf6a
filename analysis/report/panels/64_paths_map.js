// Where the one dopant of a path stands, seen from the middle of the path, and how favourable the path is with it there.
panels.push({
  title: "Map of dopants round a path", applies: () => report.paths.some(p => p.map.length > 0),
  draw(body, head) {
    const known = report.paths.filter(p => p.map.length > 0);
    const space = h("select", {"aria-label": "space", onchange: () => { types(); plot.redraw(); }}, ...known.map((p, k) => h("option", {value: k}, p.space))), type = h("select", {"aria-label": "path type", onchange: () => plot.redraw()});
    const tint = h("select", {"aria-label": "colour", onchange: () => { plot.redraw(); key.hidden = tint.value !== "third"; }}, h("option", {value: "third"}, "by third"), h("option", {value: "value"}, "by value"));
    const paths = () => known[+space.value || 0];
    const types = () => type.replaceChildren(h("option", {value: ""}, "all types"), ...[...new Set(paths().map.map(m => m.type))].map(name => h("option", {value: name}, name)));
    types();
    if (known.length > 1) head.append(space);
    head.append(type, tint);
    const third = (p, value) => value <= p.favourable_to ? ["--good", "favourable"] : value <= p.neutral_to ? ["--warn", "neutral"] : ["--bad", "unfavourable"];
    const draw = width => {
      const p = paths(), list = p.map.filter(m => !type.value || m.type === type.value), values = p.map.map(m => m.value), low = Math.min(...values), high = Math.max(...values), byValue = tint.value === "value";
      const farthest = Math.max(...p.map.map(m => m.distance), 1), rings = ticks(0, farthest, 5), reach = Math.min(width - (byValue ? 130 : 60), 400), left = Math.max(30, (width - reach - (byValue ? 80 : 0)) / 2), base = reach + 26, height = base + 40;
      const svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Dopants round a migration path, in polar coordinates"}), R = v => v / (farthest * 1.04) * reach, at = (r, degrees) => [left + R(r) * Math.cos(degrees * Math.PI / 180), base - R(r) * Math.sin(degrees * Math.PI / 180)];
      const end = farthest * 1.04;
      for (const r of rings) if (r > 0) svg.append(s("path", {class: "grid", fill: "none", d: `M${at(r, 0).join(" ")}A${R(r)} ${R(r)} 0 0 0 ${at(r, 90).join(" ")}`}), s("text", {x: at(r, 0)[0], y: base + 16, "text-anchor": "middle"}, fixed(r, rings.digits)));
      for (const degrees of [0, 30, 60, 90]) svg.append(s("line", {class: degrees % 90 ? "grid" : "axis", x1: left, y1: base, x2: at(end, degrees)[0], y2: at(end, degrees)[1]}),
        s("text", {x: at(end, degrees)[0] + (degrees === 90 ? 0 : 5), y: at(end, degrees)[1] + (degrees === 90 ? -6 : 0), "text-anchor": degrees === 90 ? "middle" : "start"}, degrees + "°"));
      svg.append(s("text", {x: left + reach / 2, y: base + 34, "text-anchor": "middle"}, "distance from the middle of the path (Å), along its line"));
      const marks = [];
      for (const m of list) {
        const [x, y] = at(m.distance, m.angle), [colour, word] = third(p, m.value);
        svg.append(s("circle", {cx: x, cy: y, r: 5, style: `fill:${byValue ? scaleColour((m.value - low) / (high - low || 1)) : `var(${colour})`};fill-opacity:0.85;stroke:${byValue ? "var(--muted)" : "var(--card)"};stroke-width:0.8`}));
        marks.push({x, y, text: `${m.type}\n${p.quantity} ${fixed(m.value, 4)}, ${word}\ndopant at ${fixed(m.distance, 2)} Å, ${fixed(m.angle, 0)}° from the line\n${short(m.configurations)} alike`});
      }
      if (byValue) {
        const bar = left + reach + 40, top = 40, long = reach * 0.6;
        for (let k = 0; k < 40; ++k) svg.append(s("rect", {x: bar, width: 12, y: top + long * (1 - (k + 1) / 40), height: long / 40 + 0.6, style: "fill:" + scaleColour((k + 0.5) / 40)}));
        svg.append(s("text", {x: bar - 20, y: top - 12}, p.quantity), s("text", {x: bar + 17, y: top + 9}, fixed(high, 3)), s("text", {x: bar + 17, y: top + long}, fixed(low, 3)));
      }
      hover(svg, width, marks);
      return svg;
    };
    const plot = figure(body, draw, {name: "dopants round a path", head, data: () => ({columns: ["space", "type", "distance_angstrom", "angle_degrees", "value", "configurations", "third"],
      rows: known.flatMap(p => p.map.map(m => [p.space, m.type, m.distance, m.angle, m.value, m.configurations, third(p, m.value)[1]]))})});
    const key = h("div", null, legend([["area --good", "favourable"], ["area --warn", "neutral"], ["area --bad", "unfavourable"]]));
    body.append(key, h("p", {class: "note"}, "Every inequivalent path with one dopant, at the place of the dopant: its distance from the middle of the path, and the angle between it and the line (a line has no direction: 0 to 90°). Thirds of the reference set, as in the panel of migration paths."));
  }
});
