// References whose settings differ: a hull of their own, never mixed with the campaign's.
panels.push({
  title: "References with other settings", wide: true, long: true, applies: () => report.other_hulls.length > 0,
  draw(body, head) {
    report.other_hulls.forEach((other, k) => {
      body.append(h("p", {class: "note"}, h("span", {class: "badge warn"}, "not on the campaign's hull"), " " + other.differs));
      if (other.problem) body.append(h("p", {class: "note"}, "They have no hull of their own: " + other.problem));
      const list = table({caption: "Their own hull, meV/atom", rows: other.entries, sort: "above their hull", limit: 20, columns: [
        {name: "formula", tight: true, text: e => subscripts(e.formula)}, {name: "above their hull", number: true, value: e => e.e_above_hull, text: e => e.e_above_hull === undefined ? "" : meV(e.e_above_hull),
          node: e => e.vertex ? h("span", {class: "badge"}, "stable") : e.e_above_hull === undefined ? "" : meV(e.e_above_hull)},
        {name: "E form", number: true, value: e => e.formation_energy_per_atom, text: e => e.formation_energy_per_atom === undefined ? "" : meV(e.formation_energy_per_atom)},
        {name: "id", text: e => e.id, node: e => h("code", null, e.id)}, {name: "file", text: e => e.source}]});
      head.append(list.take("references with other settings " + (k + 1)));
      body.append(list.element);
    });
  }
});
