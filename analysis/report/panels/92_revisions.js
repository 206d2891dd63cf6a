// How the campaign file has changed, and which calculations each version of it asked for.
panels.push({
  title: "Revisions of the campaign file", applies: () => (report.revisions || []).length > 1,
  draw(body) {
    const asked = number => report.entries.filter(e => (e.revision || 1) === number).length;
    body.append(table({caption: "Every version that ran; calculations that count now", rows: report.revisions, columns: [
      {name: "revision", number: true, text: r => String(r.number), value: r => r.number},
      {name: "date", text: r => r.at === "" ? "not known" : r.at},
      {name: "changes", text: r => r.number === 1 ? "begun" : r.changes.join("; ")},
      {name: "calculations", number: true, value: r => asked(r.number), text: r => String(asked(r.number))}]}).element);
    if (report.calculations_outside > 0) body.append(h("p", {class: "note"}, report.calculations_outside + (report.calculations_outside === 1 ? " calculation takes" : " calculations take") +
      " no part in the campaign as its file is now: other settings, or configurations outside its spaces. hullscan tasks DIR --outside lists them."));
  }
});
