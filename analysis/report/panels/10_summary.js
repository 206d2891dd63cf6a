// Tiles, and whether every generated orbit is accounted for.
panels.push({
  title: "Summary", wide: true, applies: () => report.spaces.length > 0 || !report.validations.length,
  draw(body) {
    const add = key => report.spaces.reduce((total, space) => total + BigInt(space[key]), 0n).toString();
    const lastRound = report.rounds[report.rounds.length - 1], tiles = [];
    if (report.spaces.length) tiles.push([short(add("total")), "configurations"], [short(add("inequivalent")), "inequivalent"]);
    tiles.push([report.page.entries + (report.failures.length ? " / " + report.page.failures : ""), report.failures.length ? "calculated / failed" : "calculated"]);
    // This counts all calculations, also those that the page holds as points only.
    const near = p => !p.vertex && p.e_above_hull <= hull.near_hull;
    const nearCount = () => cloud ? cloud.place.filter((at, k) => cloud.energy[k] - cloud.places[at].hull <= hull.near_hull).length - report.entries.filter(e => e.vertex).length
      + report.references.filter(near).length : points.filter(near).length;
    if (hull) tiles.push([String(onHull("stable")), (onHull("stable") === 1 ? "stable phase" : "stable phases") + " beside the end members"],
      [String(nearCount()), "within " + meV(hull.near_hull, 0) + " meV/atom of the hull"]);
    if (lastRound && lastRound.loo_rmse !== null) tiles.push([meV(lastRound.loo_rmse) + " meV", "surrogate error per atom (leave-one-out)"]);
    body.append(h("div", {class: "tiles"}, ...tiles.map(([value, what]) => h("div", {class: "tile"}, h("b", null, value), h("span", null, what)))));
    for (const one of report.indistinguishable) body.append(h("p", {class: "note warn"}, one.text + "."));
    if (!report.spaces.length) return;
    const words = {closed: ["good", "books closed"], open: ["warn", "not fully enumerated"], wrong: ["bad", "books do not close"]};
    for (const space of report.spaces) {
      const [tone, word] = space.sampled ? ["warn", "sampled"] : words[space.books];
      const rows = space.supercells.flatMap(cell => cell.compositions.map(c => ({...c, cell})));
      const list = table({caption: "Configurations of " + space.name + " by composition; orbits and their degeneracies against exact counts", rows, limit: 60, columns: [
        {name: "formula", tight: true, text: r => subscripts(r.formula)},
        {name: "supercell", text: r => r.cell.matrix.map(row => row.join(" ")).join(", ")},
        {name: "configurations", number: true, value: r => BigInt(r.total || 0), text: r => grouped(r.total || "")},
        {name: "Σ degeneracy", number: true, value: r => BigInt(r.degeneracy_sum || 0), text: r => grouped(r.degeneracy_sum || "")},
        {name: "inequivalent", number: true, value: r => BigInt(r.inequivalent || 0), text: r => grouped(r.inequivalent || "")},
        {name: "orbits found", number: true, value: r => BigInt(r.enumerated || 0), text: r => grouped(r.enumerated || "")},
        {name: "books", tight: true, text: r => r.books}]});
      if (rows.length < report.page.compositions && report.page.predictions) list.element.prepend(h("p", {class: "note"}, `Of ${report.page.compositions} compositions, those whose books do not close: ${rows.length}. report.json lists all.`));
      else list.element.prepend(list.take("configurations of " + space.name));
      body.append(h("details", null, h("summary", null, space.name + ": " + space.structure + ", " + spaceGroup(space.space_group, space.space_group_number) + ", " +
        plural(space.supercells.length, "supercell") + ", " + plural(rows.length, "composition") + " ", h("span", {class: "badge " + tone}, word)), list.element));
    }
  }
});
