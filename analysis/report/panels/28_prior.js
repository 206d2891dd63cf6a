// Where the prior of the model, a potential for example, ranks what lies on the hull, by its own energies alone.
panels.push({
  title: "The prior alone", applies: () => report.ranked_by_prior > 0 && points.some(p => p.vertex && p.prior_rank),
  draw(body, head) {
    const ranked = points.filter(p => p.vertex && p.prior_rank).sort((a, b) => a.prior_rank - b.prior_rank);
    const last = ranked[ranked.length - 1].prior_rank;
    body.append(h("p", {}, `By its own energies, without any label, the prior of the model ranks ${ranked.length === 1 ? "the one phase" : `all ${ranked.length} phases`} on the hull among the first ${last} of ${report.ranked_by_prior} configurations.`));
    body.append(h("p", {class: "note"}, "The rank is by energy above the hull that the prior's own energies make. A prior whose ranks are much larger than the number of phases knows this system badly."));
    const list = table({caption: "Phases on the hull by rank of the prior", rows: ranked, columns: [
      {name: "formula", tight: true, text: r => subscripts(r.formula)}, {name: "space", text: r => r.space},
      {name: "rank by the prior", number: true, value: r => r.prior_rank, text: r => String(r.prior_rank)}]});
    head.append(list.take("rank by the prior"));
    body.append(list.element);
  }
});
