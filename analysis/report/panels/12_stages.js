// Which species the first stage left to the second, and what was searched without being generated.
panels.push({
  title: "What the first stage decided", wide: true, long: true, applies: () => report.judgements.length > 0,
  draw(body, head) {
    const j = report.judgements[0];
    body.append(h("p", {class: "note"}, `Energy of the lowest cell above the hull, a site of the species, in meV; kept: ${j.rule}.`));
    const list = table({caption: "Species of the second stage", rows: report.judgements, columns: [
      {name: "species", tight: true, text: r => r.type}, {name: "space", text: r => r.space}, {name: "judged by", text: r => r.by},
      {name: "cost", number: true, value: r => r.cost_per_site === null ? -1 : r.cost_per_site, text: r => r.cost_per_site === null ? "not known" : meV(r.cost_per_site)},
      {name: "lowest", text: r => subscripts(r.formula)}, {name: "from", text: r => r.unopposed ? "no other phase could make it" : r.formula === "" ? "" : r.calculated ? "a calculation" : "a prediction"},
      {name: "second stage", tight: true, text: r => r.kept ? "kept" : "refused"}]});
    head.append(list.take("species"));
    body.append(list.element);
  }
});
panels.push({
  title: "Compositions of which only the lowest were searched", wide: true, long: true, applies: () => report.searched.length > 0,
  draw(body, head) {
    const list = table({caption: "By branch and bound, meV/atom", rows: report.searched, limit: 20, columns: [
      {name: "formula", tight: true, text: r => subscripts(r.formula)}, {name: "space", text: r => r.space}, {name: "inequivalent", text: r => r.inequivalent || ""},
      {name: "lowest found", number: true, value: r => r.lowest_predicted === null ? 1e9 : r.lowest_predicted, text: r => r.lowest_predicted === null ? "" : meV(r.lowest_predicted)},
      {name: "nothing below", number: true, value: r => r.bound === null ? 1e9 : r.bound, text: r => r.bound === null ? "" : meV(r.bound)},
      {name: "gap", number: true, value: r => r.gap === null ? 1e9 : r.gap, text: r => r.proven ? "proven" : r.gap === null ? "" : meV(r.gap)}]});
    head.append(list.take("searched"));
    body.append(list.element);
  }
});
