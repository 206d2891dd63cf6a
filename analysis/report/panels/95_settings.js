// Where the numbers come from: references, hull keys, settings, the campaign file.
panels.push({
  title: "Settings and provenance", wide: true, long: true, applies: () => true,
  draw(body) {
    const list = [["hullscan", report.hullscan_version], ["campaign file", "hash " + report.campaign.hash]];
    if (hull) list.push(["end members", members.map(m => `${subscripts(m.formula)} ${fixed(m.energy_per_atom, 6)} eV/atom`).join(", ")],
      ["competing phases", (hull.elemental ? "all compositions of these elements that are entries here" : "only mixes of these end members; a stable phase here may still decompose outside them") +
        (report.references.length ? `; ${plural(report.references.length, "reference")} from ${[...new Set(report.references.map(r => r.source))].join(", ")}` : "; no references were imported")],
      ["on the hull", `within ${meV(hull.tolerance, 5).replace(/0+$/, "")} meV/atom`]);
    const entry = report.entries[0];
    if (report.entries.some(e => Object.keys(e.keys).length) && report.references.some(r => !Object.keys(r.keys).length))
      list.push(["not stated", "the settings of " + plural(report.references.filter(r => !Object.keys(r.keys).length).length, "reference") + ": taken to be the campaign's own"]);
    for (const [key, value] of Object.entries(entry ? entry.keys : {})) list.push([key, value, true]);
    for (const [key, value] of Object.entries(report.settings)) if (!entry || !(key in entry.keys)) list.push([key, value, true]);
    body.append(h("dl", null, ...list.flatMap(([name, value, code]) => [h("dt", null, name), h("dd", null, code ? h("code", null, value) : value)])));
    if (report.campaign.text) body.append(h("details", null, h("summary", null, "the campaign file"), h("pre", {tabindex: 0}, report.campaign.text)));
  }
});
