panels.push({
  title: "Results that do not count", wide: true, long: true, applies: () => (report.set_aside || []).length > 0,
  draw(body) {
    body.append(table({caption: "Set aside: in no fit and on no hull. hullscan accept lets one count, exclude takes one out, include takes a decision back", rows: report.set_aside, columns: [
      {name: "formula", tight: true, text: r => subscripts(r.formula)}, {name: "space", text: r => r.space}, {name: "standing", tight: true, text: r => r.standing},
      {name: "energy (eV)", number: true, value: r => r.energy, text: r => String(r.energy)}, {name: "by", text: r => r.who}, {name: "why", text: r => r.why}, {name: "task", text: r => r.id, node: r => h("code", null, r.id)}]}).element);
  }
});
