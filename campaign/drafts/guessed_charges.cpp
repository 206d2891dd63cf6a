#include "campaign/drafts/guessed_charges.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "campaign/drafts/common_oxidation_states.hpp"
#include "core/composition.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostAssignments = 20'000, kMostCompositions = 500;
/// Charge left per charge of the cations, for occupancies that are rounded in their file.
constexpr double kNeutral = 2e-3;

using Assignment = std::vector<double>;  ///< [species]

struct Known {
  Species species;
  std::vector<double> states;  ///< commonest first
  bool stated = false;         ///< by the file
};

std::vector<Species> species_of_parent(const ParentCrystal& parent) {
  std::vector<Species> all;
  for (const Species species : parent.formula_order()) {
    if (!species.is_vacancy() && std::find(all.begin(), all.end(), species) == all.end()) all.push_back(species);
  }
  return all;
}

/// Mean of the states that the file gives to a species; nothing where it leaves one out.
std::optional<double> stated_charge(const Crystal& crystal, Species species) {
  double sum = 0, atoms = 0;
  for (const CrystalSite& site : crystal.sites) {
    for (const Occupant& occupant : site.occupants) {
      if (occupant.species != species) continue;
      if (!occupant.oxidation_state) return std::nullopt;
      sum += *occupant.oxidation_state * occupant.occupancy;
      atoms += occupant.occupancy;
    }
  }
  return atoms > 0 ? std::optional(sum / atoms) : std::nullopt;
}

template <std::size_t N>
bool is_one_of(Species species, const std::string_view (&symbols)[N]) {
  return std::find(std::begin(symbols), std::end(symbols), species.symbol()) != std::end(symbols);
}

/// Halides, chalcogenides and nitrides of any metal are ionic by convention, also where the metal is the more
/// electronegative. Carbides, silicides and pnictides are only with electropositive partners.
bool may_be_anion_of(Species anion, Species cation) {
  constexpr std::string_view kUsual[] = {"N", "O", "F", "S", "Cl", "Se", "Br", "Te", "I", "At"};
  constexpr std::string_view kFurtherNonmetals[] = {"H", "D", "C", "Si", "P", "Ge", "As", "Sb"};
  constexpr std::string_view kCarbonGroup[] = {"C", "Si", "Ge"}, kNitrogenGroup[] = {"P", "As", "Sb"};
  const bool metal = !is_one_of(cation, kUsual) && !is_one_of(cation, kFurtherNonmetals);
  if (metal && is_one_of(anion, kUsual)) return true;
  const double least = is_one_of(anion, kCarbonGroup) ? 0.4 : is_one_of(anion, kNitrogenGroup) ? 0.2 : 0;
  return electronegativity(anion) - electronegativity(cation) > least;
}

class Guess {
 public:
  Guess(const Crystal& crystal, const SearchSpace& space) : crystal_(crystal), space_(space) {}

  ChargeGuess make() {
    ChargeGuess guess;
    for (const bool from_file : {true, false}) {
      if (!learn(from_file)) continue;
      list_assignments();
      if (const auto found = neutral_in_file()) return told(*found, guess);
      if (const auto found = neutral_by_a_mean()) return told(*found, guess);
      if (const auto found = neutral_somewhere()) return told(*found, guess);
    }
    guess.why_none = !without_.empty() ? fmt::format("{} has no common oxidation state", without_)
                                       : "no common oxidation states of these elements make a neutral crystal";
    return guess;
  }

 private:
  struct Found {
    Assignment charges;
    std::string neutral;
    std::optional<std::size_t> mean_of = {};
  };

  /// @returns false if this adds nothing, or a species has no state.
  bool learn(bool from_file) {
    known_.clear();
    without_.clear();
    bool any_stated = false;
    for (const Species species : species_of_parent(*space_.parent())) {
      const auto stated = from_file ? stated_charge(crystal_, species) : std::nullopt;
      const auto common = common_oxidation_states(species);
      Known one{species, {common.begin(), common.end()}, stated.has_value()};
      if (stated) one.states = {*stated};
      any_stated = any_stated || stated;
      if (one.states.empty() && without_.empty()) without_ = species.symbol();
      known_.push_back(std::move(one));
    }
    of_file_.assign(known_.size(), 0);
    for (const CrystalSite& site : crystal_.sites) {
      for (const Occupant& occupant : site.occupants) {
        for (std::size_t s = 0; s < known_.size(); ++s)
          if (known_[s].species == occupant.species) of_file_[s] += occupant.occupancy;
      }
    }
    return without_.empty() && (!from_file || any_stated);
  }

  [[nodiscard]] bool is_sensible(const Assignment& charges) const {
    bool cation = false, anion = false;
    for (std::size_t a = 0; a < charges.size(); ++a) {
      cation = cation || charges[a] > 0;
      anion = anion || charges[a] < 0;
      for (std::size_t c = 0; charges[a] < 0 && c < charges.size(); ++c) {
        const bool stated = known_[a].stated && known_[c].stated;
        if (charges[c] > 0 && !stated && !may_be_anion_of(known_[a].species, known_[c].species)) return false;
      }
    }
    return cation && anion;
  }

  /// Every choice of a state for every species, the commonest first.
  void list_assignments() {
    struct Choice {
      std::size_t cost = 0;
      Assignment charges;
    };
    std::vector<Choice> all{{}};
    for (const Known& one : known_) {
      std::vector<Choice> longer;
      for (const Choice& begun : all) {
        for (std::size_t i = 0; i < one.states.size() && longer.size() < kMostAssignments; ++i) {
          longer.push_back(begun);
          longer.back().cost += i;
          longer.back().charges.push_back(one.states[i]);
        }
      }
      all = std::move(longer);
    }
    std::stable_sort(all.begin(), all.end(), [](const Choice& a, const Choice& b) { return a.cost < b.cost; });
    assignments_.clear();
    for (Choice& choice : all) {
      if (is_sensible(choice.charges)) assignments_.push_back(std::move(choice.charges));
    }
  }

  static bool is_neutral(const Assignment& charges, const std::vector<double>& atoms) {
    double sum = 0, positive = 0;
    for (std::size_t s = 0; s < charges.size(); ++s) {
      sum += charges[s] * atoms[s];
      positive += std::max(0.0, charges[s] * atoms[s]);
    }
    return positive > 0 && std::abs(sum) <= kNeutral * positive;
  }

  /// Species that the file does not hold have the state of what they replace, where they have it.
  void fit_added(Assignment& charges) const {
    for (const Sublattice& sublattice : space_.parent()->sublattices) {
      std::optional<double> host;
      for (std::size_t s = 0; s < known_.size(); ++s) {
        if (!host && of_file_[s] > 0 && contains(sublattice, s)) host = charges[s];
      }
      for (std::size_t s = 0; host && s < known_.size(); ++s) {
        if (of_file_[s] > 0 || known_[s].stated || !contains(sublattice, s)) continue;
        const auto& states = known_[s].states;
        const auto like = std::find_if(states.begin(), states.end(), [&](double state) { return state == *host; });
        const auto sign = std::find_if(states.begin(), states.end(), [&](double state) { return state * *host > 0; });
        charges[s] = like != states.end() ? *like : sign != states.end() ? *sign : states.front();
      }
    }
  }

  [[nodiscard]] bool contains(const Sublattice& sublattice, std::size_t s) const {
    return std::find(sublattice.allowed.begin(), sublattice.allowed.end(), known_[s].species) !=
           sublattice.allowed.end();
  }

  [[nodiscard]] std::optional<Found> neutral_in_file() const {
    for (const Assignment& charges : assignments_) {
      if (!is_neutral(charges, of_file_)) continue;
      Found found{charges, "the file's composition is neutral"};
      fit_added(found.charges);
      if (is_sensible(found.charges)) return found;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Found> neutral_somewhere() const {
    std::vector<std::pair<std::string, std::vector<double>>> compositions;
    for (std::size_t i = 0; i < space_.supercells().size() && compositions.size() < kMostCompositions; ++i) {
      const auto& all = space_.compositions(i);
      // Both ends are there, and as many between as are looked at.
      const std::size_t step = std::max<std::size_t>(1, all.size() / kMostCompositions);
      for (std::size_t c = 0; c < all.size(); c += step) add(i, all[c], compositions);
      add(i, all.back(), compositions);
    }
    for (const Assignment& charges : assignments_) {
      for (const auto& [formula, atoms] : compositions) {
        if (is_neutral(charges, atoms)) return Found{charges, formula + " is neutral, others are not"};
      }
    }
    return std::nullopt;
  }

  void add(std::size_t supercell, const CompositionCounts& counts,
           std::vector<std::pair<std::string, std::vector<double>>>& compositions) const {
    const Composition composition = space_.composition(supercell, counts);
    std::vector<double> atoms;
    for (const Known& one : known_) atoms.push_back(static_cast<double>(composition.count(one.species)));
    compositions.emplace_back(composition.without_vacancies().reduced().formula(), std::move(atoms));
  }

  [[nodiscard]] std::optional<Found> neutral_by_a_mean() const {
    for (const Assignment& charges : assignments_) {
      for (std::size_t s = 0; s < charges.size(); ++s) {
        if (of_file_[s] <= 0 || known_[s].stated || known_[s].states.size() < 2) continue;
        double others = 0;
        for (std::size_t t = 0; t < charges.size(); ++t)
          if (t != s) others += charges[t] * of_file_[t];
        const double mean = -others / of_file_[s];
        double low = charges[s], high = charges[s];
        for (const double state : known_[s].states) {
          if (state * charges[s] <= 0) continue;
          low = std::min(low, state);
          high = std::max(high, state);
        }
        if (mean < low || mean > high) continue;
        Found found{charges, "the file's composition is neutral", s};
        found.charges[s] = mean;
        fit_added(found.charges);
        if (is_sensible(found.charges)) return found;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string why(const Found& found, std::size_t s) const {
    const Known& one = known_[s];
    if (one.stated) return "as the file states";
    if (found.mean_of == s) return "a guess: the mean of its states that is neutral";
    std::vector<std::string> others;
    for (const double state : one.states)
      if (state != found.charges[s]) others.push_back(fmt::format("{:+g}", state));
    if (others.empty()) return "a guess: its common state";
    return fmt::format("a guess; {} {} common too", fmt::join(others, ", "), others.size() == 1 ? "is" : "are");
  }

  ChargeGuess& told(const Found& found, ChargeGuess& guess) const {
    std::size_t mixed = 0;
    std::vector<std::string> blind;
    for (const Sublattice& sublattice : space_.parent()->sublattices) {
      std::set<double> charges;
      std::vector<std::string> names;
      for (const Species species : sublattice.allowed) {
        names.emplace_back(species.symbol());
        if (species.is_vacancy()) charges.insert(0);
        for (std::size_t s = 0; s < known_.size(); ++s)
          if (known_[s].species == species) charges.insert(found.charges[s]);
      }
      if (names.size() < 2) continue;
      ++mixed;
      if (charges.size() == 1)
        blind.push_back(fmt::format("{} have the same charge ({:+g}), so point charges cannot tell them apart",
                                    fmt::join(names, " and "), *charges.begin()));
    }
    if (mixed > 0 && blind.size() == mixed) {
      guess.why_none = fmt::format("{}", fmt::join(blind, "; "));
      return guess;
    }
    guess.remarks = blind;
    guess.neutral = found.neutral;
    for (std::size_t s = 0; s < known_.size(); ++s)
      guess.charges.push_back({known_[s].species, found.charges[s], why(found, s)});
    return guess;
  }

  const Crystal& crystal_;
  const SearchSpace& space_;
  std::vector<Known> known_;
  std::vector<double> of_file_;  ///< [species] atoms of the file's cell
  std::vector<Assignment> assignments_;
  std::string without_;
};

}  // namespace

ChargeGuess guess_charges(const Crystal& crystal, const SearchSpace& space) { return Guess(crystal, space).make(); }

}  // namespace hullscan
