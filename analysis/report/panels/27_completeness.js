// What was not calculated and may lie below the hull, by the errors of the last model.
panels.push({
  title: "What the hull may still lack", applies: () => report.hull_outlook !== null,
  draw(body, head) {
    const o = report.hull_outlook, percent = 100 * o.probability_complete;
    body.append(h("p", {}, `With a probability of ${percent > 99.9 ? "more than 99.9" : percent.toFixed(percent > 99 ? 1 : 0)} % the hull of ${o.calculated} results is complete: of ${o.looked_at} predictions ${o.expected_missing.toPrecision(2)} are expected to lie below it. ` +
      (o.possible_error > 0 ? `Something may lie as much as ${meV(o.possible_error)} meV/atom below it` : "Nothing lies below it") + `, if predictions are too high by ${o.sigmas} deviations.`));
    body.append(h("p", {class: "note"}, `After round ${o.round}. Deviations are those of the model, times ${o.deviation_factor.toFixed(2)}: so far its earlier predictions were off.` +
      (o.bounded > 0 ? ` Of ${o.bounded.toPrecision(3)} more configurations only a bound was asked.` : "")));
    if (o.likeliest.length === 0) return;
    const list = table({caption: "Likeliest to lie below the hull, meV/atom", rows: o.likeliest, columns: [
      {name: "formula", tight: true, text: r => subscripts(r.formula)}, {name: "space", text: r => r.space},
      {name: "predicted above", number: true, value: r => r.above, text: r => meV(r.above)}, {name: "deviation", number: true, value: r => r.deviation, text: r => meV(r.deviation)}]});
    head.append(list.take("what the hull may lack"));
    body.append(list.element);
  }
});
