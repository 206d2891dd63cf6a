#include "scheduler/decisions/selection.hpp"

#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>  // std::inner_product
#include <set>
#include <tuple>

#include "core/errors.hpp"
#include "scheduler/decisions/prospect_order.hpp"
#include "scheduler/decisions/selection_by_symmetry.hpp"
#include "scheduler/decisions/selection_of_minima.hpp"

namespace hullscan {
namespace {

using Indices = std::vector<std::size_t>;

}  // namespace

std::vector<std::size_t> select_end_members(std::span<const Prospect> prospects) {
  Indices order = all_prospects(prospects);
  std::erase_if(order, [&](std::size_t i) { return !prospects[i].end_member; });
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(prospects[a].atoms, identity_of(prospects[a])) <
           std::tuple(prospects[b].atoms, identity_of(prospects[b]));
  });
  std::set<std::pair<std::uint32_t, Composition>> seen;
  std::erase_if(order, [&](std::size_t i) {
    return !seen.emplace(prospects[i].family, prospects[i].composition.reduced()).second;
  });
  return order;
}

std::vector<std::size_t> select_stratified(std::span<const Prospect> prospects, std::size_t count) {
  return one_of_every_composition(prospects, drawn_prospects(prospects), count, [&](Indices& members) {
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(prospects[a].atoms, prospects[a].draw, identity_of(prospects[a])) <
             std::tuple(prospects[b].atoms, prospects[b].draw, identity_of(prospects[b]));
    });
    const auto most_symmetric = std::min_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return more_symmetric(prospects[a], prospects[b]);
    });
    std::rotate(members.begin(), most_symmetric, most_symmetric + 1);
  });
}

std::vector<std::size_t> select_uniform(std::span<const Prospect> prospects, std::size_t count) {
  Indices order = drawn_prospects(prospects);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(prospects[a].draw, identity_of(prospects[a])) <
           std::tuple(prospects[b].draw, identity_of(prospects[b]));
  });
  return first_of(order, count);
}

std::vector<std::size_t> select_hull_distance(std::span<const Prospect> prospects, std::size_t count) {
  Indices order = all_prospects(prospects);
  // To 0.1 meV/atom: a model of few labels ties many configurations, and then symmetry decides, not rounding.
  const auto distance = [&](std::size_t i) {
    return std::round(1e4 * prospects[i].predicted_e_above_hull_ev_per_atom.value_or(1e6));
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (distance(a) != distance(b)) return distance(a) < distance(b);
    return more_symmetric(prospects[a], prospects[b]);
  });
  const std::size_t share = std::max<std::size_t>(1, count / 2);
  std::map<std::pair<std::uint32_t, Composition>, std::size_t> taken;
  Indices chosen, passed_over;
  for (const std::size_t i : order) {
    if (chosen.size() == count) break;
    auto& of_composition = taken[{prospects[i].candidate.stratum.space, prospects[i].composition.reduced()}];
    if (of_composition < share) {
      ++of_composition;
      chosen.push_back(i);
    } else {
      passed_over.push_back(i);
    }
  }
  for (const std::size_t i : passed_over) {
    if (chosen.size() < count) chosen.push_back(i);
  }
  return chosen;
}

std::vector<std::size_t> select_lower_confidence_bound(std::span<const Prospect> prospects, std::size_t count) {
  Indices order = all_prospects(prospects);
  std::vector<double> bound;
  for (const Prospect& p : prospects) {
    // To 0.1 meV/atom, as in select_hull_distance.
    bound.push_back(std::round(1e4 * (p.predicted_e_above_hull_ev_per_atom.value_or(1e6) -
                                      kConfidence * p.deviation_ev_per_atom.value_or(0))));
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (bound[a] != bound[b]) return bound[a] < bound[b];
    return more_symmetric(prospects[a], prospects[b]);
  });
  return first_of(order, count);
}

std::vector<std::size_t> select_maximum_variance(std::span<const Prospect> prospects, std::size_t count) {
  Indices order = drawn_prospects(prospects);
  std::vector<double> variance(prospects.size(), 0.0);
  double noise = 1e-12;
  bool factors = !prospects.empty();
  std::optional<double> smallest;
  for (std::size_t i = 0; i < prospects.size(); ++i) {
    const Prospect& p = prospects[i];
    const double deviation = p.deviation_ev_per_atom.value_or(0);
    if (deviation > 0) smallest = std::min(smallest.value_or(deviation), deviation);
    factors = factors && p.uncertainty_factor.size() == prospects.front().uncertainty_factor.size() &&
              !p.uncertainty_factor.empty();
    variance[i] = deviation * deviation;
  }
  if (factors) {
    for (std::size_t i = 0; i < prospects.size(); ++i) {
      const auto& f = prospects[i].uncertainty_factor;
      variance[i] = std::inner_product(f.begin(), f.end(), f.begin(), 0.0);
    }
  }
  if (smallest) noise = std::max(noise, *smallest * *smallest);
  // Ties by identity: the same answer in any order.
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return identity_of(prospects[a]) < identity_of(prospects[b]); });
  if (!factors) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return variance[a] > variance[b]; });
    return first_of(order, count);
  }
  std::vector<std::vector<double>> left;  // factors given what is chosen
  for (const Prospect& p : prospects) left.push_back(p.uncertainty_factor);
  Indices chosen;
  while (chosen.size() < count && !order.empty()) {
    const auto best = std::max_element(order.begin(), order.end(),
                                       [&](std::size_t a, std::size_t b) { return variance[a] < variance[b]; });
    const std::size_t taken = *best;
    chosen.push_back(taken);
    order.erase(best);
    // Knowing f up to the noise v turns every g into g - c (f.g) f with c = (1 - sqrt(v / (v + f.f))) / f.f.
    const std::vector<double> f = left[taken];
    const double square = variance[taken];
    if (!(square > 0)) continue;
    const double c = (1 - std::sqrt(noise / (noise + square))) / square;
    for (const std::size_t i : order) {
      const double along = std::inner_product(f.begin(), f.end(), left[i].begin(), 0.0);
      for (std::size_t k = 0; k < f.size(); ++k) left[i][k] -= c * along * f[k];
      variance[i] = std::inner_product(left[i].begin(), left[i].end(), left[i].begin(), 0.0);
    }
  }
  return chosen;
}

std::vector<std::size_t> select_mixed(std::span<const Prospect> prospects, std::size_t count) {
  const std::size_t by_bound = (6 * count + 9) / 10, by_variance = std::min(count - by_bound, (3 * count + 9) / 10);
  Indices chosen;
  std::vector<bool> taken(prospects.size(), false);
  const auto add = [&](SelectionPolicy policy, std::size_t wanted) {
    for (const std::size_t i : policy(prospects, chosen.size() + wanted)) {
      if (wanted == 0) break;
      if (taken[i]) continue;
      taken[i] = true;
      chosen.push_back(i);
      --wanted;
    }
  };
  add(select_lower_confidence_bound, by_bound);
  add(select_maximum_variance, by_variance);
  add(select_uniform, std::min(count, prospects.size()) - chosen.size());
  return chosen;
}

std::vector<std::size_t> select_all(std::span<const Prospect> prospects, std::size_t /*count*/) {
  Indices order = all_prospects(prospects);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return identity_of(prospects[a]) < identity_of(prospects[b]); });
  return order;
}

std::vector<std::size_t> select_with_prior(SelectionPolicy policy, std::span<const Prospect> prospects,
                                           std::size_t count) {
  Indices by_prior = all_prospects(prospects);
  std::erase_if(by_prior, [&](std::size_t i) {
    return !prospects[i].prior_leads || !prospects[i].prior_e_above_hull_ev_per_atom;
  });
  const std::size_t share = std::min((2 * count + 2) / 5, by_prior.size());
  Indices chosen = policy(prospects, count - share);
  const std::set<std::size_t> taken(chosen.begin(), chosen.end());
  std::erase_if(by_prior, [&](std::size_t i) { return taken.count(i) != 0; });
  std::sort(by_prior.begin(), by_prior.end(), [&](std::size_t a, std::size_t b) {
    const double high_a = *prospects[a].prior_e_above_hull_ev_per_atom;
    const double high_b = *prospects[b].prior_e_above_hull_ev_per_atom;
    return high_a != high_b ? high_a < high_b : more_symmetric(prospects[a], prospects[b]);
  });
  by_prior = first_of(std::move(by_prior), share);
  chosen.insert(chosen.end(), by_prior.begin(), by_prior.end());
  return chosen;
}

namespace {

struct Policy {
  const char* name = "";
  SelectionPolicy choose = nullptr;
  bool needs_uncertainty = false;  ///< uses the model's own error
  bool needs_prediction = false;   ///< has no order without a model
  bool uses_draw = true;           ///< chooses among the survey's draw too
  bool initial_too = false;        ///< chooses the labels of the first fit as well
  bool follows_hull = false;       ///< looks for the hull by predictions
};

constexpr Policy kPolicies[] = {
    {.name = "lower-confidence-bound",
     .choose = select_lower_confidence_bound,
     .needs_uncertainty = true,
     .needs_prediction = true,
     .follows_hull = true},
    {.name = "mixed",
     .choose = select_mixed,
     .needs_uncertainty = true,
     .needs_prediction = true,
     .follows_hull = true},
    {.name = "hull-distance",
     .choose = select_hull_distance,
     .needs_prediction = true,
     .uses_draw = false,
     .follows_hull = true},
    {.name = "composition-minima", .choose = select_composition_minima, .needs_prediction = true, .uses_draw = false},
    {.name = "maximum-variance",
     .choose = select_maximum_variance,
     .needs_uncertainty = true,
     .needs_prediction = true},
    {.name = "stratified", .choose = select_stratified},
    {.name = "uniform", .choose = select_uniform},
    {.name = "low-symmetry", .choose = select_low_symmetry, .initial_too = true},
    {.name = "high-symmetry", .choose = select_high_symmetry, .initial_too = true},
    {.name = "all", .choose = select_all, .initial_too = true},
};

const Policy* policy_named(const std::string& name) {
  for (const Policy& policy : kPolicies) {
    if (name == policy.name) return &policy;
  }
  return nullptr;
}

}  // namespace

bool policy_needs_uncertainty(const std::string& name) {
  const Policy* policy = policy_named(name);
  return policy != nullptr && policy->needs_uncertainty;
}

bool policy_needs_prediction(const std::string& name) {
  const Policy* policy = policy_named(name);
  return policy != nullptr && policy->needs_prediction;
}

bool policy_follows_hull(const std::string& name) {
  const Policy* policy = policy_named(name);
  return policy != nullptr && policy->follows_hull;
}

bool policy_uses_draw(const std::string& name) {
  const Policy* policy = policy_named(name);
  return policy != nullptr && policy->uses_draw;
}

bool policy_chooses_initial(const std::string& name) {
  const Policy* policy = policy_named(name);
  return policy != nullptr && policy->initial_too;
}

SelectionPolicy find_policy(const std::string& name) {
  if (const Policy* policy = policy_named(name)) return policy->choose;
  std::vector<std::string> names;
  for (const Policy& policy : kPolicies) names.emplace_back(policy.name);
  throw InputError(fmt::format("select.policy: expected one of \"{}\", found \"{}\"{}", fmt::join(names, "\", \""),
                               name, did_you_mean(name, names)));
}

}  // namespace hullscan
