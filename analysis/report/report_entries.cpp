#include "analysis/report/report_entries.hpp"

#include "core/decimals.hpp"

namespace hullscan {
namespace {

using TextMap = std::map<std::string, std::string>;

/// Energies, lengths and coordinates.
void write_published(JsonWriter& json, const std::optional<double>& number) {
  number ? json.value(published_ev(*number)) : json.null();
}

template <class Vector>
void write_vector(JsonWriter& json, const Vector& x) {
  json.begin_array();
  for (int i = 0; i < 3; ++i) {
    if constexpr (std::is_same_v<typename Vector::Scalar, double>)
      write_published(json, x(i));
    else
      json.value(x(i));
  }
  json.end_array();
}

template <class Rows>
void write_rows(JsonWriter& json, const Rows& rows) {
  json.begin_array();
  for (int i = 0; i < 3; ++i) write_vector(json, rows.row(i));
  json.end_array();
}

void write_words(JsonWriter& json, const std::string& words) { words.empty() ? json.null() : json.value(words); }

/// Keys may hold anything: they are settings of codes.
void write_map(JsonWriter& json, const TextMap& map) {
  json.begin_object();
  for (const auto& [name, words] : map) {
    std::string quoted;
    JsonWriter(quoted).value(name);
    json.key(std::string_view(quoted).substr(1, quoted.size() - 2)).value(words);
  }
  json.end_object();
}

void write_structure(JsonWriter& json, const Structure& structure) {
  json.begin_object();
  write_rows(json.key("lattice"), structure.lattice.rows());
  json.key("sites").begin_array();
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    json.begin_object();
    json.key("element").value(structure.species[i].symbol());
    write_vector(json.key("abc"), structure.positions[i].x);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_crystal(JsonWriter& json, const ReportCrystal& crystal) {
  json.begin_object();
  json.key("space_group_number").value(crystal.space_group_number);
  json.key("space_group_symbol").value(crystal.space_group_symbol);
  for (const auto& [name, value] : {std::pair{"a", crystal.a},
                                    {"b", crystal.b},
                                    {"c", crystal.c},
                                    {"alpha", crystal.alpha},
                                    {"beta", crystal.beta},
                                    {"gamma", crystal.gamma},
                                    {"volume_per_atom", crystal.volume_per_atom_cubic_angstrom}})
    json.key(name).value(value);
  json.key("prototype");
  if (crystal.example.empty()) {
    json.null();
  } else {
    json.begin_object();
    write_words(json.key("strukturbericht"), crystal.strukturbericht);
    json.key("example").value(crystal.example);
    json.key("aflow").value(crystal.aflow_label);
    json.end_object();
  }
  json.end_object();
}

void write_pymatgen_structure(JsonWriter& json, const Structure& structure) {
  json.begin_object();
  json.key("@module").value("pymatgen.core.structure");
  json.key("@class").value("Structure");
  json.key("charge").value(0.0);
  json.key("lattice").begin_object();
  write_rows(json.key("matrix"), structure.lattice.rows());
  json.end_object();
  json.key("sites").begin_array();
  for (std::size_t i = 0; i < structure.atom_count(); ++i) {
    const std::string_view symbol = structure.species[i].symbol();
    json.begin_object();
    json.key("species").begin_array();
    json.begin_object();
    json.key("element").value(symbol);
    json.key("occu").value(1.0);
    json.end_object();
    json.end_array();
    write_vector(json.key("abc"), structure.positions[i].x);
    write_vector(json.key("xyz"), structure.lattice.to_cartesian(structure.positions[i]).x);
    json.key("label").value(symbol);
    json.key("properties").raw("{}");
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

/// What a ComputedEntry and a ComputedStructureEntry have in common, up to `data`.
void write_pymatgen_head(JsonWriter& json, const char* kind, const std::string& id, const Composition& composition,
                         double energy_ev, const std::string& keys) {
  json.key("@module").value("pymatgen.entries.computed_entries");
  json.key("@class").value(kind);
  write_published(json.key("energy"), energy_ev);
  json.key("composition").begin_object();
  for (const auto& [species, count] : composition.counts()) {
    if (!species.is_vacancy()) json.key(species.symbol()).value(static_cast<double>(count));
  }
  json.end_object();
  json.key("entry_id").value(id);
  json.key("correction").value(0.0);
  json.key("energy_adjustments").raw("[]");
  json.key("parameters").raw(keys);
}

}  // namespace

EntryTexts::EntryTexts(const Report& report) : report_(report) {
  if (report.hull) space_.emplace(report.hull->end_members);
}

const EntryTexts::OfComposition& EntryTexts::of(const Composition& composition) {
  const auto [found, is_new] = compositions_.try_emplace(composition);
  OfComposition& texts = found->second;
  if (!is_new) return texts;
  texts.formula = composition.formula();
  texts.reduced_formula = composition.reduced().formula();
  JsonWriter counts(texts.counts);
  counts.begin_object();
  for (const auto& [species, count] : composition.counts()) {
    if (!species.is_vacancy()) counts.key(species.symbol()).value(count);
  }
  counts.end_object();
  JsonWriter list(texts.shares);
  const auto shares = space_ ? space_->shares(composition) : std::nullopt;
  if (!shares) {
    list.null();
  } else {
    list.begin_array();
    for (const double share : *shares) list.value(at_decimals(share, kShareDecimals));
    list.end_array();
  }
  return texts;
}

const std::string& EntryTexts::keys_text(const TextMap& keys) {
  if (keys_text_.empty() || keys != keys_) {
    keys_ = keys;
    keys_text_.clear();
    JsonWriter json(keys_text_);
    write_map(json, keys);
  }
  return keys_text_;
}

const std::string& EntryTexts::symbol_of(const std::optional<int>& space_group_number) const {
  static const std::string kUnknown;
  const auto found = report_.content.space_group_symbols.find(space_group_number.value_or(0));
  return found == report_.content.space_group_symbols.end() ? kUnknown : found->second;
}

void EntryTexts::add_hull(JsonWriter& json, const HullEntryResult& result) {
  json.key("x").raw(of(result.composition).shares);
  write_published(json.key("energy_per_atom"), result.energy_ev_per_atom);
  write_published(json.key("formation_energy_per_atom"), result.formation_energy_ev_per_atom);
  write_published(json.key("e_above_hull"), result.e_above_hull_ev_per_atom);
  json.key("on_hull").value(result.on_hull);
  json.key("vertex").value(result.vertex);
  write_words(json.key("vertex_kind"), name_of(vertex_kind(*report_.hull, result)));
  write_published(json.key("phase_separation"), result.phase_separation_ev_per_atom);
  write_published(json.key("equilibrium_reaction"), result.equilibrium_reaction_ev_per_atom);
  json.key("decomposition").begin_array();
  for (const DecompositionPart& part : result.decomposition) {
    json.begin_object();
    json.key("id").value(part.id);
    json.key("fraction").value(at_decimals(part.fraction, kShareDecimals));
    json.end_object();
  }
  json.end_array();
}

std::string EntryTexts::entry(std::size_t i, bool with_structure) {
  const ReportEntry& entry = report_.content.entries[i];
  const OfComposition& texts = of(entry.composition);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("id").value(entry.id);
  json.key("space").value(entry.space);
  write_rows(json.key("supercell"), entry.matrix);
  json.key("formula").value(texts.formula);
  json.key("reduced_formula").value(texts.reduced_formula);
  json.key("composition").raw(texts.counts);
  write_words(json.key("degeneracy"), decimal_text(entry.degeneracy));
  json.key("space_group_number").value(entry.space_group_number);
  write_words(json.key("space_group_symbol"), symbol_of(entry.space_group_number));
  write_published(json.key("energy"), entry.energy_ev);
  write_published(json.key("predicted_formation_energy_per_atom"), entry.predicted_ev_per_atom);
  if (entry.prior_rank) json.key("prior_rank").value(static_cast<std::int64_t>(*entry.prior_rank));
  json.key("counts").begin_object();
  for (const auto& [name, count] : entry.counts) {
    std::string quoted;
    JsonWriter(quoted).value(name);
    json.key(std::string_view(quoted).substr(1, quoted.size() - 2)).value(count);
  }
  json.end_object();
  write_words(json.key("directory"), entry.directory);
  json.key("round").value(entry.round);
  if (entry.revision > 1) json.key("revision").value(entry.revision);
  json.key("attempts").value(entry.attempts);
  if (entry.displacement_angstrom || entry.left_lattice) {
    write_published(json.key("displacement_angstrom"), entry.displacement_angstrom);
    write_published(json.key("shear_strain"), entry.shear_strain);
    json.key("left_lattice").value(entry.left_lattice);
  }
  if (const auto& became = entry.became) {
    json.key("became").begin_object();
    json.key("space").value(became->space);
    json.key("formula").value(became->formula);
    json.key("degeneracy").value(std::to_string(became->degeneracy));
    json.end_object();
  }
  if (!entry.lower_result.empty()) json.key("lower_result").value(entry.lower_result);
  if (entry.pulay_correction_ev_per_atom)
    write_published(json.key("pulay_correction_per_atom"), *entry.pulay_correction_ev_per_atom);
  if (!entry.remarks.empty()) {
    json.key("remarks").begin_array();
    for (const std::string& remark : entry.remarks) json.value(remark);
    json.end_array();
  }
  if (report_.hull) add_hull(json, report_.of_entry(i));
  if (const auto crystal = report_.content.crystals.find(entry.id); crystal != report_.content.crystals.end())
    write_crystal(json.key("crystal"), crystal->second);
  json.key("keys").raw(keys_text(entry.keys));
  json.key("structure");
  entry.structure&& with_structure ? write_structure(json, *entry.structure) : json.null();
  json.end_object();
  return text;
}

std::string EntryTexts::reference(std::size_t i) {
  const ReportReference& reference = report_.content.references[i];
  const OfComposition& texts = of(reference.entry.composition);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("id").value(reference.entry.id);
  json.key("source").value(reference.source);
  json.key("formula").value(texts.formula);
  json.key("reduced_formula").value(texts.reduced_formula);
  json.key("composition").raw(texts.counts);
  write_published(json.key("energy"), reference.entry.energy_ev);
  if (report_.hull) add_hull(json, report_.of_reference(i));
  json.key("keys").raw(keys_text(reference.entry.keys));
  json.end_object();
  return text;
}

std::string EntryTexts::pymatgen_entry(std::size_t i) {
  const ReportEntry& entry = report_.content.entries[i];
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_pymatgen_head(json, entry.structure ? "ComputedStructureEntry" : "ComputedEntry", entry.id, entry.composition,
                      entry.energy_ev, keys_text(entry.keys));
  json.key("data").begin_object();
  json.key("space").value(entry.space);
  json.key("degeneracy").value(decimal_text(entry.degeneracy));
  if (report_.hull) {
    write_published(json.key("formation_energy_per_atom"), report_.of_entry(i).formation_energy_ev_per_atom);
    write_published(json.key("e_above_hull"), report_.of_entry(i).e_above_hull_ev_per_atom);
  }
  json.end_object();
  if (entry.structure) write_pymatgen_structure(json.key("structure"), *entry.structure);
  json.end_object();
  return text;
}

std::string EntryTexts::pymatgen_reference(std::size_t i) {
  const ReportReference& reference = report_.content.references[i];
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_pymatgen_head(json, "ComputedEntry", reference.entry.id, reference.entry.composition, reference.entry.energy_ev,
                      keys_text(reference.entry.keys));
  json.key("data").begin_object();
  json.key("source").value(reference.source);
  json.end_object();
  json.end_object();
  return text;
}

}  // namespace hullscan
