panels.push({
  title: "Calculations that failed", wide: true, long: true, applies: () => report.failures.length > 0,
  draw(body) {
    body.append(table({caption: "Given up; the campaign went on without them", rows: report.failures, columns: [
      {name: "formula", tight: true, text: f => subscripts(f.formula)}, {name: "space", text: f => f.space}, {name: "state", tight: true, text: f => f.state},
      {name: "attempts", number: true, value: f => f.attempts, text: f => String(f.attempts)}, {name: "reason", text: f => f.reason}, {name: "task", text: f => f.id, node: f => h("code", null, f.id)}]}).element);
  }
});
