/// @file
/// Stored surrogate models of every kind: read back, and asked for an energy where they can be read.

#include <array>
#include <memory>
#include <string>

#include "core/campaign/settings.hpp"
#include "parser.hpp"
#include "surrogates/external/scorer_process.hpp"
#include "surrogates/surrogate_set.hpp"
#include "symmetric_crystals.hpp"

namespace hullscan::fuzz {
namespace {

using Parents = std::vector<std::shared_ptr<const ParentCrystal>>;

const Parents& parents() {
  static const Parents alloy = {test::fcc({"Al", "Ni"})};
  return alloy;
}

const std::vector<SurrogateSpec>& specs() {
  static const std::vector<SurrogateSpec> all = [] {
    std::vector<SurrogateSpec> made;
    for (const char* text :
         {"kind = 'cluster-expansion'\npairs = 6.0\ntriplets = 4.1", "kind = 'ridge'", "kind = 'gaussian-process'",
          "kind = 'random-forest'\ntrees = 3", "kind = 'gradient-boosting'\ntrees = 3",
          "kind = 'external'\ncommand = ['cat']\nneeds = 'labels'"}) {
      const SettingsTable table = parse_settings_toml(text, "campaign.toml");
      made.push_back({std::get<std::string>(table.find("kind")->value), table});
    }
    return made;
  }();
  return all;
}

std::shared_ptr<const Supercell> eight_sites() {
  static const auto supercell = std::make_shared<const Supercell>(parents()[0], SupercellMatrix::Identity() * 2);
  return supercell;
}

/// A fitted set of each kind, serialised; an unfitted one where a kind cannot be fitted here.
const std::vector<std::vector<std::byte>>& stored_sets() {
  static const std::vector<std::vector<std::byte>> all = [] {
    std::vector<std::vector<std::byte>> sets;
    for (const SurrogateSpec& spec : specs()) {
      Problems problems;
      SurrogateSet set = SurrogateSet::make(spec, parents(), problems);
      if (!problems.empty()) continue;
      std::vector<LabelledConfiguration> labels;
      for (std::uint64_t seed = 0; seed < 12; ++seed) {
        labels.push_back({{eight_sites(), test::random_occupation(*eight_sites(), seed)},
                          0.01 * static_cast<double>(seed * seed % 7),
                          1,
                          std::to_string(seed)});
      }
      try {
        (void)set.space(0).fit(labels);
      } catch (const Error&) {  // the library of trees is not installed
      }
      sets.push_back(set.serialise());
    }
    return sets;
  }();
  return all;
}

/// The bytes say how a stored model is damaged, since the models themselves are not files of a corpus: the first byte
/// the kind, then (place, value) of three bytes each; a place beyond the end cuts the model there.
void read_model(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::vector<std::byte> model = stored_sets()[byte(0) % stored_sets().size()];
  for (std::size_t i = 1; i + 3 <= bytes.size() && !model.empty(); i += 3) {
    const std::size_t place = (static_cast<std::size_t>(byte(i)) << 8U) + byte(i + 1);
    if (place >= 0xff00)
      model.resize(model.size() - model.size() % (place - 0xff00 + 1));
    else
      model[place % model.size()] = std::byte{byte(i + 2)};
  }
  const SurrogateSet set = SurrogateSet::deserialise(model, parents());
  if (set.fitted()) (void)set.space(0).predict_ev_per_atom({eight_sites(), test::random_occupation(*eight_sites(), 3)});
}

void read_bytes_of_model(std::string_view bytes) {
  (void)SurrogateSet::deserialise(std::as_bytes(std::span(bytes)), parents());
}

/// What a scorer says, from its hello on.
void read_scorer(std::string_view bytes) {
  ScorerMessageReader reader;
  ScorerMessage message;
  // As from a pipe: in pieces.
  for (std::size_t at = 0; at < bytes.size(); at += 64) {
    reader.add(std::as_bytes(std::span(bytes.substr(at, 64))));
    while (reader.next(message)) {
      if (message.head.contains("hello")) (void)scorer_hello(message.head);
      if (message.head.contains("done") && message.head["done"] == "score")
        (void)scorer_numbers(message, message.bytes.size() / 8, "energies");
    }
  }
}

}  // namespace

std::span<const Parser> model_parsers() {
  static const std::array parsers = {
      Parser{"model-damaged", {}, read_model},
      Parser{"model-bytes", {}, read_bytes_of_model},
      Parser{"scorer", {}, read_scorer},
  };
  return parsers;
}

}  // namespace hullscan::fuzz
