"use strict";
const report = JSON.parse(document.getElementById("report").textContent);

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
const s = (tag, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

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
const subscripts = text => text.replace(/\d/g, d => "₀₁₂₃₄₅₆₇₈₉"[d]);
const percent = value => fixed(value * 100, value * 100 % 1 < 0.05 || value * 100 % 1 > 0.95 ? 0 : 1) + " %";
function plural(count, word) { return count + " " + word + (count === 1 ? "" : "s"); }
const sum = values => values.reduce((a, b) => a + b, 0);

const hull = report.hull;
const members = hull ? hull.end_members : [];
// Everything on the hull: calculations and references alike.
const points = hull ? report.entries.map(e => ({...e, kind: "computed"})).concat(report.references.map(e => ({...e, kind: "reference"}))) : [];
const byId = new Map(points.map(p => [p.id, p]));
const compositions = report.spaces.flatMap(space => space.supercells.flatMap(cell => cell.compositions.map(c => ({...c, space: space.name}))));
function decomposition(entry) {
  if (!entry.decomposition || entry.vertex) return "";
  return entry.decomposition.map(part => {
    const found = byId.get(part.id), name = found ? subscripts(found.reduced_formula) : part.id;
    return entry.decomposition.length === 1 ? name + " (" + part.id + ")" : percent(part.fraction) + " " + name;
  }).join(" + ");
}
// Energy per atom is linear in atomic fractions; in shares of unequal formula units it is linear once multiplied by this.
const atomsAt = x => sum(x.map((share, j) => share * members[j].atoms));

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
// Draws again whenever the width of its place changes. draw(width) returns an svg.
function figure(body, draw) {
  const place = h("div");
  body.append(place);
  let last = 0;
  const again = () => {
    const width = Math.max(280, Math.round(place.clientWidth));
    if (width === last) return;
    last = width;
    place.replaceChildren(draw(width));
  };
  again();
  new ResizeObserver(again).observe(place);
  return {redraw() { last = 0; again(); }};
}
function chart({width, height, label, x, y}) {
  const left = 58, right = 12, top = 10, bottom = 42, svg = s("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label});
  const X = v => left + (v - x.low) / (x.high - x.low) * (width - left - right), Y = v => height - bottom - (v - y.low) / (y.high - y.low) * (height - top - bottom);
  const yTicks = ticks(y.low, y.high, Math.max(3, height / 70)), xTicks = ticks(x.low, x.high, Math.max(3, width / 110));
  const unit = y.scale || 1, digits = Math.max(0, yTicks.digits - Math.round(Math.log10(unit)));
  for (const v of yTicks) svg.append(s("line", {class: "grid", x1: left, x2: width - right, y1: Y(v), y2: Y(v)}),
    s("text", {x: left - 7, y: Y(v) + 4, "text-anchor": "end"}, fixed(v * unit, digits)));
  const xUnit = x.scale || 1, xDigits = Math.max(0, xTicks.digits - Math.round(Math.log10(xUnit)));
  for (const v of xTicks) svg.append(s("line", {class: "grid", y1: top, y2: height - bottom, x1: X(v), x2: X(v)}),
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
    const shape = mark === "line" || mark === "dashed" ? s("path", {class: mark, d: "M0 6H18"})
      : mark === "density" ? s("rect", {class: "predicted", x: 3, y: 2, width: 12, height: 8, "fill-opacity": 0.35})
      : s("circle", {class: mark, cx: 9, cy: 6, r: mark === "predicted" ? 2.5 : 4.5});
    return h("li", null, s("svg", {viewBox: "0 0 18 12", "aria-hidden": "true"}, shape), text);
  }));
}
const describe = p => [subscripts(p.formula) + "  " + p.id, "formation energy " + meV(p.formation_energy_per_atom) + " meV/atom",
  p.vertex ? "stable" + (p.phase_separation === null ? "" : ", " + meV(-p.phase_separation) + " meV/atom deep") : meV(p.e_above_hull) + " meV/atom above the hull",
  p.vertex ? "" : "→ " + decomposition(p), p.kind === "reference" ? "reference" : p.space].filter(Boolean).join("\n");

// ---- tables ---------------------------------------------------------------------------------------------------------
// columns: [{name, value(row), text(row), node(row), number, tight}]: right-aligned; never broken. Sorted by a click on a head; `limit` rows until all are asked for.
function table({caption, columns, rows, sort, descending = false, limit = 100}) {
  let key = sort, down = descending, all = false, shown = rows;
  const body = h("tbody"), more = h("button", {class: "button", type: "button", onclick: () => { all = true; update(); }});
  const heads = columns.map(column => h("th", {scope: "col", class: column.number && "number"},
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
    body.replaceChildren(...(all ? sorted : sorted.slice(0, limit)).map(row => h("tr", null, ...columns.map(c =>
      h("td", {class: c.number ? "number" : c.tight ? "tight" : "text"}, c.node ? c.node(row) : c.text(row))))));
    more.hidden = all || sorted.length <= limit;
    more.textContent = "show all " + sorted.length + " rows";
  }
  update();
  return {element: h("div", null, h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption},
    h("table", null, h("caption", null, caption), h("thead", null, h("tr", null, ...heads)), body)), more),
    show(subset) { shown = subset; update(); }};
}
function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], {type: "text/plain"}));
  h("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
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
  const stable = points.filter(p => p.vertex).length;
  document.getElementById("lead").textContent = hull
    ? `${plural(stable, "stable phase")} among ${plural(report.entries.length, "calculation")}` + (report.references.length ? ` and ${plural(report.references.length, "reference")}` : "") +
      ` between ${members.map(m => subscripts(m.formula)).join(", ")}. Stable means: on the hull of these entries, at 0 K.`
    : "No hull yet: " + (report.hull_problem || "no calculation has finished") + ".";
  document.getElementById("foot").textContent = "hullscan " + report.hullscan_version + " · campaign " + report.campaign.hash +
    " · the same numbers: report.json, hull.csv, entries.json";
  document.documentElement.dataset.ready = "yes";
}

