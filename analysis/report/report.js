"use strict";
const report = JSON.parse(document.getElementById("report").textContent);
// The page holds at most some hundred entries in full; settings that many share are written once.
for (const entry of report.entries.concat(report.references)) entry.keys = report.page.keys[entry.keys];

// A panel: {title, wide, long, applies(), draw(body, head)}. Files of panels/ push theirs in the order of their names.
const panels = [];

// ---- elements: text only, never markup ------------------------------------------------------------------------------
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "onclick" || name === "oninput" || name === "onchange") element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svgNamespace = "http://www.w3.org/2000/svg";
const s = (tag, attributes, ...children) => fill(document.createElementNS(svgNamespace, tag), attributes, children);

// ---- words ----------------------------------------------------------------------------------------------------------
const minus = text => text.replace(/-/g, "\u2212");
const fixed = (value, digits) => value === null || value === undefined ? "" : minus(value.toFixed(digits)).replace(/^\u2212(0(\.0*)?)$/, "$1");
const meV = (value, digits = 1) => value === null || value === undefined ? "" : fixed(value * 1000, digits);
const grouped = digits => digits.replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
// An exact decimal string; from 10^9 on, three digits and a power.
function short(digits) {
  if (digits.length < 10) return grouped(digits);
  return digits[0] + "." + digits.slice(1, 3) + " × 10" + String(digits.length - 1).replace(/\d/g, d => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
}
const lowered = text => text.replace(/[\d()+x-]/g, c => ({"(": "₍", ")": "₎", "+": "₊", "-": "₋", x: "ₓ"}[c] || "₀₁₂₃₄₅₆₇₈₉"[c]));
const subscripts = text => text.replace(/\d/g, lowered);
// "CsPb(1-x)Zn(x)I3": what stands in parentheses is a subscript.
const indexed = formula => formula.replace(/(\d*)\(([^)]*)\)|\d+/g, (all, factor, inner) => lowered(inner === undefined ? all : factor ? all : inner));
const axisText = axis => axis.formula ? "x in " + indexed(axis.formula) : subscripts(axis.label || "");
// "Fm-3m", "P2_1/c" as they are printed: a bar over the digit, a screw axis below the line.
const hermannMauguin = symbol => symbol.replace(/-(\d)/g, "$1\u0305").replace(/_(\d)/g, (all, digit) => lowered(digit));
const spaceGroup = (symbol, number) => symbol ? `${hermannMauguin(symbol)}\u00a0(${number})` : number ? String(number) : "";
// Of the configuration on its lattice; where relaxation changed it, of the relaxed structure too.
function spaceGroups(entry) {
  const ideal = spaceGroup(entry.space_group_symbol, entry.space_group_number), crystal = entry.crystal;
  return crystal && crystal.space_group_number !== entry.space_group_number ? ideal + " → " + spaceGroup(crystal.space_group_symbol, crystal.space_group_number) : ideal;
}
const prototypeOf = entry => entry.crystal ? entry.crystal.prototype : null;
const prototypeText = entry => { const type = prototypeOf(entry); return type ? type.strukturbericht || type.example : ""; };
// "L1_2" with its index.
const typeName = text => h("span", {class: "type"}, ...text.split(/(_\w+)/).map(part => part[0] === "_" ? h("sub", null, part.slice(1)) : part));
// The free lengths and angles of a conventional cell.
function cellText(crystal, unit = "") {
  const n = crystal.space_group_number, free = n >= 195 ? ["a"] : n >= 75 ? ["a", "c"] : ["a", "b", "c"], angles = n >= 16 ? [] : n >= 3 ? ["beta"] : ["alpha", "beta", "gamma"];
  return [free.map(k => k + "\u00a0" + fixed(crystal[k], 3)).join(", ") + unit, ...angles.map(k => ({alpha: "α", beta: "β", gamma: "γ"}[k]) + "\u00a0" + fixed(crystal[k], 1) + "°")].join(", ");
}
const percent = value => fixed(value * 100, value * 100 % 1 < 0.05 || value * 100 % 1 > 0.95 ? 0 : 1) + " %";
function plural(count, word) { return count + " " + word + (count === 1 ? "" : "s"); }
const sum = values => values.reduce((a, b) => a + b, 0);

const hull = report.hull;
const members = hull ? hull.end_members : [];
// Everything on the hull: calculations and references alike.
// Shares of formula units become shares of one and the same crystal, in which a hull is drawn: one of 32 sites is 1/32.
const ofCrystal = (x, units) => { const weighted = x.map((share, j) => share * units[j]), all = sum(weighted); return weighted.map(w => w / all); };
const placed = e => e.x ? {...e, x: ofCrystal(e.x, hull.axis.units)} : {...e};
// Between two end members: the number that the axis shows.
const along = x => hull.axis.low + x[1] * (hull.axis.high - hull.axis.low);
const points = hull ? report.entries.map(e => ({...placed(e), kind: "computed"})).concat(report.references.map(e => ({...placed(e), kind: "reference"}))) : [];
const byId = new Map(points.map(p => [p.id, p]));
// {low, high, count, base64} -> numbers
function unpack(packed) {
  const text = atob(packed.base64), out = new Float64Array(packed.count);
  for (let i = 0; i < packed.count; ++i)
    out[i] = packed.low + (text.charCodeAt(2 * i) + 256 * text.charCodeAt(2 * i + 1)) / 65535 * (packed.high - packed.low);
  return out;
}
// The end members' shares of the k-th of packed columns, which leave out the first end member.
function sharesOf(columns, k) {
  const rest = columns.map(column => column[k]);
  return ofCrystal([1 - sum(rest), ...rest], hull.axis.units);
}
// Every entry, where the page holds only the best in full: {place[], energy[]} and, of a place, x and the hull there.
const cloud = (() => {
  if (!report.page.points) return null;
  const packed = report.page.points, columns = packed.shares.map(unpack), hullAt = unpack(packed.hull);
  const places = Array.from(hullAt, (level, k) => ({x: sharesOf(columns, k), hull: level, lowest: Infinity, count: 0}));
  const place = Array.from(unpack(packed.place), Math.round), energy = unpack(packed.formation_energy);
  place.forEach((at, i) => { const p = places[at]; p.count++; p.lowest = Math.min(p.lowest, energy[i]); });
  return {places, place, energy};
})();
const predictions = (() => {
  if (!report.page.predictions) return [];
  const columns = report.page.predictions.shares.map(unpack), low = unpack(report.page.predictions.lowest_predicted);
  return Array.from(low, (value, k) => ({x: sharesOf(columns, k), lowest_predicted: value, formula: "", space: "",
    histogram: null, free_energies: null, hull_formation_energy: null}));
})();
const compositions = predictions.concat(report.spaces.flatMap(space => space.supercells.flatMap(cell => cell.compositions.map(c => ({...placed(c), space: space.name, cell})))));
const placeName = c => c.formula ? subscripts(c.formula) : c.x.map((v, j) => fixed(v, 3) + " " + subscripts(members[j].formula)).join(", ");
function decomposition(entry) {
  if (!entry.decomposition || entry.vertex) return "";
  return entry.decomposition.map(part => {
    const found = byId.get(part.id), name = found ? subscripts(found.reduced_formula) : part.id;
    return entry.decomposition.length === 1 ? name + " (" + part.id + ")" : percent(part.fraction) + " " + name;
  }).join(" + ");
}
// Energy per atom is linear in atomic fractions; in shares of a crystal it is linear once multiplied by its atoms.
const atomsAt = x => sum(x.map((share, j) => share * members[j].atoms / hull.axis.units[j]));
// Why an entry is on the hull: a finding, the reference itself, or because nothing else has its atoms.
const kinds = {stable: ["good", "stable"], "end member": ["", "end member"], unopposed: ["", "no other could make it"]};
const onHull = kind => points.filter(p => p.vertex_kind === kind).length;
const verticesText = () => plural(onHull("stable"), "stable phase") + ` beside the ${plural(onHull("end member"), "end member")}` +
  (onHull("unopposed") ? ` and ${onHull("unopposed")} that no other could make` : "");
// Spaces whose configurations cannot be summed.
const unsummed = report.spaces.filter(space => space.free_energy_problem);
const summed = name => !unsummed.some(space => space.name === name);

// ---- tooltip --------------------------------------------------------------------------------------------------------
const tip = document.getElementById("tip");
function showTip(text, left, top) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(left + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = Math.max(4, top + box.height + 24 > innerHeight ? top - box.height - 10 : top + 14) + "px";
}
const hideTip = () => { tip.hidden = true; };
addEventListener("keydown", event => { if (event.key === "Escape") hideTip(); });

// ---- figures --------------------------------------------------------------------------------------------------------
function ticks(low, high, about) {
  const raw = (high - low) / about, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map(f => f * power).find(f => f >= raw * 0.999);
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; ++k) out.push(k * step);
  out.digits = Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9)));
  return out;
}
// ---- what a reader takes away -----------------------------------------------------------------------------------------
function save(name, text, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], {type}));
  h("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
const fileName = (name, extension) => (report.campaign.name + " " + name).replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80) + "." + extension;
function csvText({columns, rows}) {
  const field = value => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  return [columns, ...rows].map(row => row.map(field).join(",")).join("\n") + "\n";
}
// A copy that needs no style sheet: every colour as it is seen now.
function styled(svg) {
  const copy = svg.cloneNode(true), from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
  const kept = ["fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity", "font-size",
    "font-weight", "paint-order", "visibility"];
  from.forEach((element, k) => {
    const style = getComputedStyle(element), target = to[k];
    for (const name of kept) if (style.getPropertyValue(name)) target.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "style", "tabindex"]) target.removeAttribute(name);
  });
  return copy;
}
// The entries of the legends that stand below a figure, up to the next one.
function legendOf(place) {
  const found = [];
  for (let next = (place.closest(".turn") || place).nextElementSibling; next && !next.matches(".figure") && !next.querySelector(".figure"); next = next.nextElementSibling)
    found.push(...(next.matches("ul.legend") ? next.children : next.querySelectorAll("ul.legend > li")));
  return found;
}
// The picture with its legend below it.
function svgText(svg, legend = []) {
  const copy = styled(svg), [, , width, picture] = svg.getAttribute("viewBox").split(" ").map(Number);
  let x = 10, height = picture + (legend.length ? 24 : 0);
  for (const item of legend) {
    const text = item.textContent, long = 42 + 6.6 * text.length, mark = styled(item.querySelector("svg"));
    if (x > 10 && x + long > width) { x = 10; height += 18; }
    copy.append(s("g", {transform: `translate(${x} ${height - 18})`}, ...mark.childNodes), s("text", {x: x + 24, y: height - 8, "font-size": "12px", fill: getComputedStyle(item).color}, text));
    x += long;
  }
  if (legend.length) copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  copy.setAttribute("xmlns", svgNamespace);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.setAttribute("font-family", "sans-serif");
  copy.prepend(s("rect", {width, height, fill: getComputedStyle(document.querySelector("section")).backgroundColor}));
  return new XMLSerializer().serializeToString(copy);
}
const button = (text, label, onclick) => h("button", {class: "button", type: "button", "aria-label": label, onclick}, text);
// ---- drawing ------------------------------------------------------------------------------------------------------------
// Draws again whenever the width of its place changes. draw(width) returns an svg. name and data() ({columns, rows}) make
// the buttons of its picture and its numbers.
const figures = [];
// On paper everything is drawn at the width of a page, so that letters have their size.
for (const [event, paper] of [["beforeprint", true], ["afterprint", false]])
  addEventListener(event, () => { document.body.classList.toggle("paper", paper); for (const again of figures) again(); });
function figure(body, draw, {name, data, head}) {
  const place = h("div", {class: "figure"});
  body.append(place);
  let last = 0;
  const again = () => {
    const width = Math.max(280, Math.round(place.clientWidth));
    if (width === last) return;
    last = width;
    place.replaceChildren(draw(width));
  };
  again();
  figures.push(() => { last = 0; again(); });
  new ResizeObserver(again).observe(place);
  (head || body).append(h("span", {class: "take"},
    button("CSV", "save the numbers of: " + name, () => save(fileName(name, "csv"), csvText(data()), "text/csv")),
    button("SVG", "save the picture of: " + name, () => save(fileName(name, "svg"), svgText(place.querySelector("svg"), legendOf(place)), "image/svg+xml"))));
  return {redraw() { last = 0; again(); }};
}
// Many points as one picture within a svg. paint(context) draws in the svg's coordinates.
function painted(width, height, paint) {
  const canvas = h("canvas"), scale = Math.min(2, devicePixelRatio || 1);
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  paint(context);
  return s("image", {href: canvas.toDataURL(), x: 0, y: 0, width, height});
}
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// Names beside points: each where it hides no other, else nearest to free; [{at: [x, y], text}].
function label(svg, list, width) {
  const taken = list.map(l => [l.at[0] - 8, l.at[1] - 8, l.at[0] + 8, l.at[1] + 8]);
  for (const {at: [x, y], text} of [...list].sort((a, b) => a.at[1] - b.at[1])) {
    const long = 7.4 * text.length, places = [[x + 11, y + 4, "start"], [x - 11, y + 4, "end"], [x, y - 12, "middle"], [x, y + 21, "middle"], [x + 11, y - 9, "start"], [x - 11, y + 18, "end"]];
    const box = ([px, py, anchor]) => { const left = anchor === "start" ? px : anchor === "end" ? px - long : px - long / 2; return [left, py - 11, left + long, py + 3]; };
    const cost = place => { const b = box(place); return (b[0] < 0 || b[2] > width ? 5 : 0) + taken.filter(t => t[0] < b[2] && b[0] < t[2] && t[1] < b[3] && b[1] < t[3]).length; };
    const best = places.reduce((a, b) => cost(b) < cost(a) ? b : a);
    taken.push(box(best));
    svg.append(s("text", {class: "strong", x: best[0], y: best[1], "text-anchor": best[2]}, text));
  }
}
const categories = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7", "--c8"];
const category = k => "var(" + categories[k % categories.length] + ")";
// plain: the figure draws the words below the x axis itself.
function chart({width, height, label, x, y, plain}) {
  const left = 58, right = 12, top = 10, bottom = 42, svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label});
  const X = v => left + (v - x.low) / (x.high - x.low) * (width - left - right), Y = v => height - bottom - (v - y.low) / (y.high - y.low) * (height - top - bottom);
  const yTicks = ticks(y.low, y.high, Math.max(3, height / 70)), xTicks = ticks(x.low, x.high, Math.max(3, width / 110));
  const unit = y.scale || 1, digits = Math.max(0, yTicks.digits - Math.round(Math.log10(unit)));
  for (const v of yTicks) svg.append(s("line", {class: "grid", x1: left, x2: width - right, y1: Y(v), y2: Y(v)}),
    s("text", {x: left - 7, y: Y(v) + 4, "text-anchor": "end"}, fixed(v * unit, digits)));
  const xUnit = x.scale || 1, xDigits = Math.max(0, xTicks.digits - Math.round(Math.log10(xUnit)));
  if (!plain) for (const v of xTicks) svg.append(s("line", {class: "grid", y1: top, y2: height - bottom, x1: X(v), x2: X(v)}),
    s("text", {x: X(v), y: height - bottom + 17, "text-anchor": "middle"}, fixed(v * xUnit, xDigits)));
  if (y.low < 0 && y.high > 0) svg.append(s("line", {class: "axis", x1: left, x2: width - right, y1: Y(0), y2: Y(0), "stroke-opacity": 0.6}));
  svg.append(s("text", {x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle"}, x.label),
    s("text", {transform: `translate(13 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle"}, y.label));
  return {svg, X, Y};
}
// Tooltips for the mark nearest to the pointer; marks: [{x, y, text}] in the svg's own coordinates.
function hover(svg, width, marks, reach = 16) {
  const ring = s("circle", {class: "ring", r: 8, visibility: "hidden"});
  svg.append(ring);
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect(), scale = width / box.width, px = (event.clientX - box.left) * scale, py = (event.clientY - box.top) * scale;
    let best = null, least = reach * reach;
    for (const mark of marks) {
      const distance = (mark.x - px) ** 2 + (mark.y - py) ** 2;
      if (distance < least) { least = distance; best = mark; }
    }
    ring.setAttribute("visibility", best ? "visible" : "hidden");
    if (!best) return hideTip();
    ring.setAttribute("cx", best.x);
    ring.setAttribute("cy", best.y);
    showTip(best.text, event.clientX, event.clientY);
  });
  svg.addEventListener("pointerleave", () => { ring.setAttribute("visibility", "hidden"); hideTip(); });
}
// A mark that the keyboard reaches and a screen reader names.
function named(element, text) {
  fill(element, {tabindex: 0, role: "img", "aria-label": text.replace(/\n/g, ", ")}, []);
  element.addEventListener("focus", () => { const box = element.getBoundingClientRect(); showTip(text, box.right, box.bottom); });
  element.addEventListener("blur", hideTip);
  return element;
}
function legend(items) {
  return h("ul", {class: "legend"}, ...items.filter(Boolean).map(([mark, text]) => {
    const shape = mark.startsWith("--") ? s("path", {d: "M0 6H18", style: "fill:none;stroke-width:2.5;stroke:var(" + mark + ")"})
      : mark === "line" || mark === "dashed" ? s("path", {class: mark, d: "M0 6H18"})
      : mark === "diamond" ? s("path", {class: "vertex", d: "M9 0L15 6L9 12L3 6Z"})
      : mark === "axisline" ? s("path", {class: "axis", d: "M0 6H18"})
      : mark === "hollow" ? s("circle", {class: "axis", fill: "none", cx: 9, cy: 6, r: 2})
      : mark === "scaled" ? s("circle", {style: "fill:" + scaleColour(0.55), cx: 9, cy: 6, r: 5})
      : mark === "band" ? s("rect", {x: 1, y: 1, width: 16, height: 10, style: "fill:var(--c1);fill-opacity:0.18"})
      : mark === "dot" ? s("circle", {style: "fill:var(--c1)", cx: 9, cy: 6, r: 3})
      : mark === "level" ? s("path", {style: "stroke:var(--ink);stroke-width:1.6", d: "M3 6H15"})
      : mark === "notch" ? s("path", {style: "stroke:var(--computed)", d: "M5 6H13"})
      : mark === "whisker" ? s("path", {style: "stroke:var(--ink);fill:none;stroke-width:1.3", d: "M2 6H16M2 2V10M16 2V10"})
      : mark === "tick" ? s("path", {style: "stroke:var(--computed)", d: "M9 1V11"})
      : mark.startsWith("area --") ? s("rect", {x: 1, y: 1, width: 16, height: 10, style: `fill:var(${mark.slice(5)});fill-opacity:0.25;stroke:var(${mark.slice(5)});stroke-width:1.2`})
      : mark === "density" ? s("rect", {class: "predicted", x: 3, y: 2, width: 12, height: 8, "fill-opacity": 0.35})
      : s("circle", {class: mark, cx: 9, cy: 6, r: mark === "predicted" ? 2.5 : 4.5});
    return h("li", null, s("svg", {viewBox: "0 0 18 12", "aria-hidden": "true"}, shape), text);
  }));
}
const describe = p => [subscripts(p.formula) + "  " + p.id, "formation energy " + meV(p.formation_energy_per_atom) + " meV/atom",
  p.vertex_kind === "stable" ? "stable, " + meV(-p.phase_separation) + " meV/atom deep" : p.vertex ? kinds[p.vertex_kind][1] : meV(p.e_above_hull) + " meV/atom above the hull",
  p.vertex ? "" : "→ " + decomposition(p), p.kind === "reference" ? "reference" : p.space].filter(Boolean).join("\n");

// ---- tables ---------------------------------------------------------------------------------------------------------
// columns: [{name, value(row), text(row), node(row), number, tight, broad, screen}]: right-aligned; never broken; never narrow; not on paper. Sorted by a click on a head; `limit` rows until all are asked for.
function table({caption, columns, rows, sort, descending = false, limit = 100, chosen = null}) {
  let key = sort, down = descending, all = false, shown = rows;
  const body = h("tbody"), more = h("button", {class: "button", type: "button", onclick: () => { all = true; update(); }});
  const heads = columns.map(column => h("th", {scope: "col", class: [column.number && "number", column.screen && "screen"].filter(Boolean).join(" ") || null},
    h("button", {type: "button", onclick: () => { down = key === column.name ? !down : false; key = column.name; update(); }}, column.name)));
  const value = (column, row) => (column.value || column.text)(row);
  function update() {
    columns.forEach((column, k) => heads[k].setAttribute("aria-sort", column.name === key ? (down ? "descending" : "ascending") : "none"));
    const column = columns.find(c => c.name === key);
    const sorted = column ? [...shown].sort((a, b) => {
      const u = value(column, a), v = value(column, b);
      if (u === null || u === undefined || u === "") return v === null || v === undefined || v === "" ? 0 : 1;
      if (v === null || v === undefined || v === "") return -1;
      return (u < v ? -1 : u > v ? 1 : 0) * (down ? -1 : 1);
    }) : shown;
    body.replaceChildren(...(all ? sorted : sorted.slice(0, limit)).map(row => h("tr", {class: chosen && chosen(row) && "chosen"}, ...columns.map(c =>
      h("td", {class: (c.number ? "number" : c.tight ? "tight" : c.broad ? "text broad" : "text") + (c.screen ? " screen" : "")}, c.node ? c.node(row) : c.text(row))))));
    more.hidden = all || sorted.length <= limit;
    more.textContent = "show all " + sorted.length + " rows";
  }
  update();
  const numbers = () => ({columns: columns.map(c => c.name), rows: shown.map(row => columns.map(c => {
    const v = c.value ? c.value(row) : c.text(row);
    return typeof v === "bigint" ? v.toString() : v;
  }))});
  return {element: h("div", null, h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption},
    h("table", null, h("caption", null, caption), h("thead", null, h("tr", null, ...heads)), body)), more),
    take(name) { return h("span", {class: "take"}, button("CSV", "save the table: " + name, () => save(fileName(name, "csv"), csvText(numbers()), "text/csv"))); },
    show(subset) { shown = subset; update(); }};
}
// Turning by mouse, finger and arrow keys; redraw() after each step. view: {yaw, pitch}.
function turning(place, view, redraw) {
  let from = null;
  place.addEventListener("pointerdown", event => { from = event; place.setPointerCapture(event.pointerId); });
  place.addEventListener("pointermove", event => {
    if (!from) return;
    view.yaw += (event.clientX - from.clientX) * 0.01;
    view.pitch = Math.max(-1.57, Math.min(1.57, view.pitch + (event.clientY - from.clientY) * 0.01));
    from = event;
    redraw();
  });
  for (const name of ["pointerup", "pointercancel"]) place.addEventListener(name, () => { from = null; });
  place.addEventListener("keydown", event => {
    const step = {ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15]}[event.key];
    if (!step) return;
    event.preventDefault();
    view.yaw += step[0];
    view.pitch = Math.max(-1.57, Math.min(1.57, view.pitch + step[1]));
    redraw();
  });
}
// [right, up, towards the eye] of a point seen from the view.
function seen([x, y, z], view) {
  const cy = Math.cos(view.yaw), sy = Math.sin(view.yaw), cp = Math.cos(view.pitch), sp = Math.sin(view.pitch);
  const u = cy * x + sy * y, v = -sy * x + cy * y;
  return [u, cp * z - sp * v, -(sp * z + cp * v)];
}

// ---- structures -----------------------------------------------------------------------------------------------------
// The entry whose structure is shown; panels watch it.
const selection = {entry: null, watchers: [], choose(entry) { this.entry = entry; for (const watch of this.watchers) watch(true); }};
function poscar(entry) {
  const kinds = [...new Set(entry.structure.sites.map(site => site.element))];
  const vector = v => v.map(x => x.toFixed(10)).join(" ");
  return [entry.formula + " " + entry.id, "1.0", ...entry.structure.lattice.map(vector), kinds.join(" "),
    kinds.map(kind => entry.structure.sites.filter(site => site.element === kind).length).join(" "), "Direct",
    ...kinds.flatMap(kind => entry.structure.sites.filter(site => site.element === kind).map(site => vector(site.abc)))].join("\n") + "\n";
}
// Without symmetry: P 1 and every atom.
function cif(entry) {
  const [a, b, c] = entry.structure.lattice, length = v => Math.hypot(...v), dot = (u, v) => sum(u.map((x, k) => x * v[k]));
  const angle = (u, v) => Math.acos(dot(u, v) / length(u) / length(v)) * 180 / Math.PI;
  const cell = {length_a: length(a), length_b: length(b), length_c: length(c), angle_alpha: angle(b, c), angle_beta: angle(a, c), angle_gamma: angle(a, b)};
  return ["data_" + entry.id.replace(/[^\w.-]/g, "_"), ...Object.entries(cell).map(([name, value]) => "_cell_" + name + " " + value.toFixed(8)),
    "_space_group_name_H-M_alt 'P 1'", "loop_", "_space_group_symop_operation_xyz", "'x, y, z'", "loop_", "_atom_site_label", "_atom_site_type_symbol",
    "_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z", "_atom_site_occupancy",
    ...entry.structure.sites.map((site, k) => [site.element + (k + 1), site.element, ...site.abc.map(x => x.toFixed(10)), 1].join(" "))].join("\n") + "\n";
}

function showReport() {
  const place = document.getElementById("panels");
  place.replaceChildren();
  panels.filter(panel => panel.applies()).forEach((panel, k) => {
    const head = h("div", {class: "head"}, h("h2", {id: "panel" + k}, typeof panel.title === "function" ? panel.title() : panel.title), h("span", {class: "space"}));
    const body = h("div");
    place.append(h("section", {"aria-labelledby": "panel" + k, class: [panel.wide && "wide", panel.long && "long"].filter(Boolean).join(" ")}, head, body));
    panel.draw(body, head);
  });
  const left = [];
  if (report.page.entries > report.entries.length) left.push(`the ${report.entries.length} calculations nearest to the hull in full, of ${report.page.entries}`);
  if (cloud && cloud.place.length < report.page.entries) left.push(`points for the ${cloud.place.length} nearest to the hull`);
  if (report.page.ensembles) left.push(`none of the ${report.page.ensembles} averages over the configurations of a composition`);
  for (const [list, words] of [["failures", "failed calculations"], ["set_aside", "results that do not count"], ["rounds", "rounds"]])
    if (report.page[list] > report[list].length) left.push(`${report[list].length} of ${report.page[list]} ${words}`);
  if (left.length) place.prepend(h("p", {class: "note wide"}, `This page shows ${left.join("; ")}. report.json holds all.`));
  document.getElementById("lead").textContent = hull
    ? `${verticesText()}, among ${plural(report.page.entries, "calculation")}` + (report.references.length ? ` and ${plural(report.references.length, "reference")}` : "") +
      ` between ${members.map(m => subscripts(m.formula)).join(", ")}. Stable means: on the hull of these entries, at 0 K; end members are its references and on it by construction.`
    : report.validations.length && !report.spaces.length ? "How well models predict labels that they have not seen."
    : report.paths.length ? "Migration paths, scored in every colouring by a model; nothing is calculated here."
    : report.candidates.length && !report.entries.length ? "Enumerated and scored by a model; nothing is calculated here."
    : "No hull yet: " + (report.hull_problem || "no calculation has finished") + ".";
  if (report.page.changed) document.getElementById("lead").textContent += ` Results as of ${report.page.changed.slice(0, 10)}, ${report.page.changed.slice(11, 16)} UTC.`;
  document.getElementById("foot").textContent = "hullscan " + report.hullscan_version + " · campaign " + report.campaign.hash +
    " · the same numbers: report.json, hull.csv, entries.json";
  document.documentElement.dataset.ready = "yes";
}

