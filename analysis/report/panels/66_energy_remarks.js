// Closing single points, and what was done to single energies and not to all: nothing of that may pass unseen.
panels.push({
  title: "What touched these energies", wide: true, long: true, applies: () => report.entries.some(e => e.pulay_correction_per_atom !== undefined || e.remarks),
  draw(body, head) {
    const closed = report.entries.filter(e => e.pulay_correction_per_atom !== undefined), remarked = report.entries.filter(e => e.remarks);
    if (closed.length) {
      const sizes = closed.map(e => Math.abs(e.pulay_correction_per_atom)), mean = sizes.reduce((a, b) => a + b, 0) / sizes.length;
      body.append(h("p", {class: "note"}, "The energies of " + closed.length + " entries are of a last step in the relaxed cell, with a basis and k-points of its own. It changed them by " +
        meV(mean) + " meV/atom on average and by " + meV(Math.max(...sizes)) + " at most (Pulay correction; it is in the energies)."));
    }
    if (remarked.length) body.append(h("p", {class: "note"}, h("span", {class: "badge warn"}, String(remarked.length)), " entries were computed otherwise than asked, keep the basis of their first cell, left their lattice, or are not the only result of their configuration."));
    const list = table({caption: "Pulay correction in meV/atom, and remarks", rows: report.entries.filter(e => e.pulay_correction_per_atom !== undefined || e.remarks), sort: "Pulay correction", descending: true, limit: 20, columns: [
      {name: "formula", tight: true, text: e => subscripts(e.formula)},
      {name: "Pulay correction", number: true, value: e => e.pulay_correction_per_atom === undefined ? 0 : Math.abs(e.pulay_correction_per_atom), text: e => e.pulay_correction_per_atom === undefined ? "" : meV(e.pulay_correction_per_atom)},
      {name: "remarks", text: e => (e.remarks || []).join("; ")},
      {name: "id", text: e => e.id, node: e => h("code", null, e.id)}]});
    head.append(list.take("energy remarks"));
    body.append(list.element);
  }
});
