// Where the surrogate expects the hull to move: the lowest prediction of every composition against the calculated hull.
panels.push({
  title: () => hull ? "Surrogate hull against calculated hull" : "Ranked by the model", wide: true, long: true,
  applies: () => report.candidates.length > 0 || (hull && compositions.some(c => c.lowest_predicted !== null && c.hull_formation_energy !== null)),
  draw(body, head) {
    const rows = compositions.filter(c => c.x && c.lowest_predicted !== null && c.hull_formation_energy !== null).map(c => ({...c, above: c.lowest_predicted - c.hull_formation_energy}));
    const below = rows.filter(c => c.above < -1e-6);
    const errors = report.rounds.filter(r => r.round === report.rounds[report.rounds.length - 1].round && r.loo_rmse !== null).map(r => r.loo_rmse);
    if (hull && errors.length && Math.max(...errors) > hull.near_hull) body.append(h("p", {class: "note warn"},
      `The surrogate's error (leave-one-out, ${meV(Math.max(...errors))} meV/atom) is larger than the window near the hull (${meV(hull.near_hull, 0)} meV/atom): the order within it says little.`));
    if (rows.length) {
      body.append(h("p", {class: "note"}, below.length ? `At ${plural(below.length, "composition")} of ${rows.length} the surrogate expects a configuration below the calculated hull.`
        : `At none of ${plural(rows.length, "composition")} does the surrogate expect a configuration below the calculated hull.`));
      const known = new Set(points.map(p => p.reduced_formula + "|" + p.space));
      const list = table({caption: "Lowest prediction against the calculated hull, meV/atom", rows, sort: "predicted above hull", limit: 12, columns: [
        {name: "formula", tight: true, text: placeName}, report.spaces.length > 1 && {name: "space", text: c => c.space},
        {name: "predicted above hull", number: true, value: c => c.above, text: c => meV(c.above)},
        {name: "lowest predicted", number: true, value: c => c.lowest_predicted, text: c => meV(c.lowest_predicted)},
        {name: "calculated hull", number: true, value: c => c.hull_formation_energy, text: c => meV(c.hull_formation_energy)}].filter(Boolean)});
      head.append(list.take("surrogate hull against calculated hull"));
      body.append(list.element);
    }
    for (const one of report.indistinguishable) body.append(h("p", {class: "note warn"}, one.text + "."));
    if (!report.candidates.length) return;
    const ranked = report.candidates.some(c => c.id), mixed = report.candidates.some(c => c.id && c.predicted_mixing_energy_per_atom !== null);
    if (!hull) body.append(h("p", {class: "note"}, mixed ? "Predicted, not calculated: above the lowest of the composition, and against the end members by the same model."
      : "Predicted, not calculated. The model's energies say nothing between compositions: compare them within one."));
    const next = table({caption: "Configurations that rank highest and are not calculated, meV/atom", rows: report.candidates, sort: hull ? "predicted above hull" : mixed ? "above predicted hull" : ranked ? "above lowest" : null, limit: 12, columns: [
      {name: "formula", tight: true, text: c => subscripts(c.formula)}, report.spaces.length > 1 && {name: "space", text: c => c.space},
      hull && {name: "predicted above hull", number: true, value: c => c.predicted_e_above_hull, text: c => meV(c.predicted_e_above_hull)},
      !hull && ranked && {name: "above lowest", number: true, value: c => c.predicted_above_lowest, text: c => meV(c.predicted_above_lowest)},
      !hull && mixed && {name: "against end members", number: true, value: c => c.predicted_mixing_energy_per_atom, text: c => meV(c.predicted_mixing_energy_per_atom)},
      !hull && mixed && {name: "above predicted hull", number: true, value: c => c.e_above_predicted_hull, text: c => meV(c.e_above_predicted_hull)},
      {name: "predicted", number: true, value: c => c.predicted_formation_energy_per_atom, text: c => meV(c.predicted_formation_energy_per_atom)},
      {name: "degeneracy", number: true, value: c => BigInt(c.degeneracy), text: c => grouped(c.degeneracy)},
      {name: "state", text: c => c.state},
      {name: "structure", tight: true, text: () => "", node: c => c.structure ? button("POSCAR", "save POSCAR of " + c.formula, () => save(c.formula + ".vasp", poscar({...c, id: "not relaxed"}))) : ""}].filter(Boolean)});
    head.append(next.take("ranked and not calculated"));
    body.append(next.element);
  }
});
