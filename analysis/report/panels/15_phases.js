// Every entry of the hull.
panels.push({
  title: "Stable and near-stable phases", wide: true, long: true, applies: () => points.length > 0,
  draw(body, head) {
    const any = test => points.some(test), columns = [
      {name: "formula", tight: true, text: p => subscripts(p.formula)},
      members.length === 2 && {name: "x", number: true, value: p => p.x && along(p.x), text: p => p.x ? fixed(along(p.x), 4) : ""},
      report.spaces.length > 1 && {name: "space", tight: true, text: p => p.space || ""},
      {name: "E above hull (meV/atom)", number: true, value: p => p.vertex ? -1 + (p.phase_separation === null ? -1 : p.phase_separation) : p.e_above_hull, text: p => meV(p.e_above_hull),
        node: p => p.vertex ? h("span", {class: "badge " + kinds[p.vertex_kind][0]}, kinds[p.vertex_kind][1]) : meV(p.e_above_hull)},
      {name: "depth (meV/atom)", number: true, value: p => p.vertex && p.phase_separation !== null ? -p.phase_separation : null, text: p => p.vertex && p.phase_separation !== null ? meV(-p.phase_separation) : ""},
      {name: "E form (meV/atom)", number: true, value: p => p.formation_energy_per_atom, text: p => meV(p.formation_energy_per_atom)},
      any(p => prototypeOf(p)) && {name: "type", tight: true, text: prototypeText, node: p => prototypeOf(p) ? fill(typeName(prototypeText(p)), {title: `${prototypeOf(p).example}, AFLOW ${prototypeOf(p).aflow}`}, []) : ""},
      any(p => p.space_group_number) && {name: "space group", tight: true, value: p => p.space_group_number, text: spaceGroups},
      any(p => p.crystal) && {name: "cell (Å)", tight: true, value: p => p.crystal ? p.crystal.a : null, text: p => p.crystal ? cellText(p.crystal) : ""},
      {name: "decomposes to", broad: true, text: decomposition},
      {name: "id", tight: true, text: p => p.id, node: p => h("code", null, p.id)},
      any(p => p.structure || p.kind === "reference") && {name: "structure", screen: true, tight: true, text: p => p.kind === "reference" ? "reference" : p.structure ? "known" : "", node: p => p.structure
        ? h("button", {class: "button", type: "button", "aria-label": "show the structure of " + p.id, onclick: () => selection.choose(p)}, "show") : h("span", null, p.kind === "reference" ? p.source : "")},
      // A path and no link: the page may be read elsewhere, and finished calculations are packed.
      any(p => p.directory) && {name: "files", screen: true, tight: true, text: p => p.directory || "", node: p => p.directory
        ? h("code", {title: p.directory + "; hullscan tasks DIR --log " + p.id}, p.directory.replace(/^(tasks\/[0-9a-f]{8})[0-9a-f]+/, "$1…")) : ""},
      any(p => p.crystal) && {name: "volume (Å³/atom)", number: true, value: p => p.crystal ? p.crystal.volume_per_atom : null, text: p => p.crystal ? fixed(p.crystal.volume_per_atom, 2) : ""},
      any(p => p.predicted_formation_energy_per_atom !== null && p.predicted_formation_energy_per_atom !== undefined) &&
        {name: "predicted", screen: true, number: true, value: p => p.predicted_formation_energy_per_atom, text: p => meV(p.predicted_formation_energy_per_atom)},
      any(p => p.degeneracy) && {name: "degeneracy", screen: true, number: true, value: p => p.degeneracy ? BigInt(p.degeneracy) : null, text: p => p.degeneracy ? grouped(p.degeneracy) : ""}
    ].filter(Boolean);
    const list = table({caption: "Entries of the hull; depth: energy that a stable phase would lose by decomposing into the others (meV/atom); end members are the references, on the hull by construction", rows: points, columns, sort: "E above hull (meV/atom)", chosen: p => p === selection.entry});
    selection.watchers.push(() => update());
    const words = h("input", {type: "search", placeholder: "formula, id, space", oninput: () => update()}), near = h("input", {type: "checkbox", onchange: () => update()});
    const count = h("span", {class: "note", role: "status"});
    function update() {
      const asked = words.value.trim().toLowerCase();
      const kept = points.filter(p => (!near.checked || p.vertex || p.e_above_hull <= hull.near_hull) &&
        (!asked || [p.formula, p.id, p.space || "", p.source || ""].some(text => text.toLowerCase().includes(asked))));
      count.textContent = plural(kept.length, "entry").replace("entrys", "entries");
      list.show(kept);
    }
    head.append(count, list.take("stable and near-stable phases"), h("label", null, near, "within " + meV(hull.near_hull, 0) + " meV/atom"), h("label", null, "filter", words));
    update();
    body.append(list.element);
    if (any(p => p.crystal)) body.append(h("p", {class: "note"}, `Space groups are those of the configuration on its lattice; after an arrow, of the relaxed structure (within ${report.crystals.symprec} Å), to which type and conventional cell belong. ` +
      `They are worked out for the ${report.crystals.described} phases nearest to the hull. A type is named where the positions fit one of the common ones, and one alone.`));
  }
});
