#include "surrogates/models/prior_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/hash.hpp"
#include "surrogates/byte_stream.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kPriorFormatVersion = 2;                   // 1: without the share that the prior explains
constexpr double kCoefficients[] = {1, 0.75, 1.25, 0.5, 0.25, 0};  ///< of equally good ones the first
constexpr double kSpreadOfCoefficient = 0.5;
constexpr std::size_t kMostKnown = std::size_t{1} << 21U;

/// Of all models with that prior in this process: a pass asks again for what the one before it has asked.
std::shared_ptr<const PriorEnergies> energies_of(std::shared_ptr<const Surrogate> prior) {
  static std::mutex mutex;
  static std::map<std::pair<std::uint64_t, const ParentCrystal*>, std::weak_ptr<const PriorEnergies>> of_prior;
  static std::shared_ptr<const PriorEnergies> last;  // a pass's model goes before the next one's comes
  const std::lock_guard lock(mutex);
  auto& shared = of_prior[{hash64(prior->serialise()), &prior->parent()}];
  last = shared.lock();
  if (!last) shared = last = std::make_shared<const PriorEnergies>(std::move(prior));
  return last;
}

/// The prior's energy of a configuration by the references of the labels, eV/atom; +infinity where it has none.
double formation_energy(const ShiftedEnergies& shifted, std::span<const std::uint8_t> occupation,
                        double prior_ev_per_atom) {
  const int atoms = shifted.atoms().atoms(occupation);
  return atoms > 0 && std::isfinite(prior_ev_per_atom) ? shifted.per_atom(occupation, prior_ev_per_atom * atoms)
                                                       : std::numeric_limits<double>::infinity();
}

class PriorScorer final : public ConfigurationScorer {
 public:
  PriorScorer(std::unique_ptr<ConfigurationScorer> base, std::shared_ptr<const PriorEnergies> energies,
              std::shared_ptr<const LatticeFeatures> points, CompositionShift shift, double coefficient,
              const Supercell& supercell)
      : supercell_(supercell),
        base_(std::move(base)),
        energies_(std::move(energies)),
        prior_(energies_->prior().scorer(supercell_)),
        shifted_(std::move(points), std::move(shift), supercell_),
        coefficient_(coefficient) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    double energy = 0;
    score_batch(occupation, {&energy, 1});
    return energy;
  }
  void score_batch(std::span<const std::uint8_t> occupations, std::span<double> energies) const override {
    base_->score_batch(occupations, energies);
    if (coefficient_ == 0) return;
    std::vector<double> prior(energies.size());
    energies_->energies(supercell_, *prior_, occupations, prior);
    const std::size_t sites = supercell_.varied_sites().size();
    for (std::size_t i = 0; i < energies.size(); ++i)
      energies[i] += coefficient_ * formation_energy(shifted_, occupations.subspan(i * sites, sites), prior[i]);
  }
  [[nodiscard]] std::size_t batch() const override { return std::max(base_->batch(), prior_->batch()); }

 private:
  Supercell supercell_;
  std::unique_ptr<ConfigurationScorer> base_;
  std::shared_ptr<const PriorEnergies> energies_;
  std::unique_ptr<ConfigurationScorer> prior_;
  ShiftedEnergies shifted_;
  double coefficient_;
};

}  // namespace

void PriorEnergies::energies(const Supercell& supercell, const ConfigurationScorer& scorer,
                             std::span<const std::uint8_t> occupations, std::span<double> energies) const {
  const std::size_t sites = supercell.varied_sites().size();
  const SupercellMatrix& matrix = supercell.matrix();
  const std::string cell(reinterpret_cast<const char*>(matrix.data()),
                         static_cast<std::size_t>(matrix.size()) * sizeof(int));
  std::vector<std::string> keys;
  std::vector<std::size_t> asked;
  std::vector<std::uint8_t> packed;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < energies.size(); ++i) {
      const auto occupation = occupations.subspan(i * sites, sites);
      keys.push_back(cell + std::string(occupation.begin(), occupation.end()));
      const auto found = known_.find(keys.back());
      if (found != known_.end()) {
        energies[i] = found->second;
      } else {
        asked.push_back(i);
        packed.insert(packed.end(), occupation.begin(), occupation.end());
      }
    }
  }
  if (asked.empty()) return;
  std::vector<double> fresh(asked.size());
  scorer.score_batch(packed, fresh);
  const std::lock_guard lock(mutex_);
  for (std::size_t k = 0; k < asked.size(); ++k) {
    energies[asked[k]] = fresh[k];
    if (known_.size() < kMostKnown) known_.emplace(std::move(keys[asked[k]]), fresh[k]);
  }
}

PriorModel::PriorModel(std::unique_ptr<Surrogate> base, std::shared_ptr<const Surrogate> prior)
    : base_(std::move(base)),
      energies_(energies_of(std::move(prior))),
      points_(std::make_shared<LatticeFeatures>(
          std::shared_ptr<const ParentCrystal>(energies_, &energies_->prior().parent()), FeatureSettings{})),
      shift_{0, std::vector<double>(points_->count(), 0.0), 0} {}

std::string PriorModel::kind() const { return base_->kind() + std::string(kWithPrior); }

std::vector<double> PriorModel::shifted_energies(std::span<const LabelledConfiguration> labels) {
  std::map<const Supercell*, std::vector<std::size_t>> of_supercell;
  for (std::size_t i = 0; i < labels.size(); ++i) of_supercell[labels[i].configuration.supercell.get()].push_back(i);
  std::vector<double> raw(labels.size());
  for (const auto& [supercell, members] : of_supercell) {
    std::vector<std::uint8_t> occupations;
    for (const std::size_t i : members) {
      const auto& occupation = labels[i].configuration.occupation;
      occupations.insert(occupations.end(), occupation.begin(), occupation.end());
    }
    std::vector<double> energies(members.size());
    energies_->energies(*supercell, *energies_->prior().scorer(*supercell), occupations, energies);
    for (std::size_t k = 0; k < members.size(); ++k) raw[members[k]] = energies[k];
  }
  std::vector<LabelledConfiguration> known(labels.begin(), labels.end());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!std::isfinite(raw[i])) known[i].weight = 0;
  }
  if (std::none_of(raw.begin(), raw.end(), [](double energy) { return std::isfinite(energy); })) return raw;
  std::map<const Supercell*, ShiftedEnergies> counters;
  const auto of = [&](std::size_t i) -> const ShiftedEnergies& {
    const Supercell& supercell = *labels[i].configuration.supercell;
    return counters.try_emplace(&supercell, points_, shift_, supercell).first->second;
  };
  (void)fit_composition_shift(
      *points_, known, [&](std::size_t i) { return raw[i] * of(i).atoms().atoms(labels[i].configuration.occupation); },
      shift_);
  counters.clear();
  for (std::size_t i = 0; i < labels.size(); ++i)
    raw[i] = formation_energy(of(i), labels[i].configuration.occupation, raw[i]);
  return raw;
}

namespace {

/// @param predicted [labels] eV/atom; not finite: left out.
double explained_by(std::span<const double> predicted, std::span<const LabelledConfiguration> labels) {
  double weights = 0, mean = 0, variance = 0, residual = 0;
  const auto weight = [&](std::size_t i) { return std::isfinite(predicted[i]) ? labels[i].weight : 0; };
  for (std::size_t i = 0; i < labels.size(); ++i) {
    weights += weight(i);
    mean += weight(i) * labels[i].formation_energy_ev_per_atom;
  }
  if (!(weights > 0)) return 0;
  mean /= weights;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (weight(i) == 0) continue;
    const double energy = labels[i].formation_energy_ev_per_atom;
    variance += weight(i) * (energy - mean) * (energy - mean);
    residual += weight(i) * (energy - predicted[i]) * (energy - predicted[i]);
  }
  return variance > 0 ? 1 - residual / variance : 0;
}

}  // namespace

FitReport PriorModel::fit(std::span<const LabelledConfiguration> labels) {
  const std::vector<double> prior = shifted_energies(labels);
  const auto lost = std::count_if(prior.begin(), prior.end(), [](double energy) { return !std::isfinite(energy); });
  if (lost == std::ssize(prior)) {  // a prior of nothing
    coefficient_ = explained_ = 0;
    return base_->fit(labels);
  }
  const auto fit_with = [&](double coefficient) {
    std::vector<LabelledConfiguration> differences(labels.begin(), labels.end());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (std::isfinite(prior[i])) {
        differences[i].formation_energy_ev_per_atom -= coefficient * prior[i];
      } else {
        differences[i].weight = 0;
      }
    }
    return base_->fit(differences);
  };
  double best = std::numeric_limits<double>::infinity(), chosen = 1;
  const auto count = static_cast<double>(labels.size());
  for (const double coefficient : kCoefficients) {
    const double error = fit_with(coefficient).loo_rmse_mev_per_atom;
    const double away = (coefficient - 1) / kSpreadOfCoefficient;
    const double cost = 2 * count * std::log(std::max(error, 1e-6)) + away * away;
    if (std::isfinite(cost) && cost < best - 1e-9) {
      best = cost;
      chosen = coefficient;
    }
  }
  coefficient_ = chosen;
  explained_ = explained_by(prior, labels);
  FitReport report = fit_with(chosen);
  report.coefficients.push_back({fmt::format("prior {}", energies_->prior().kind()), 0, 0, 1, chosen, {}, 0});
  if (lost > 0)
    report.warnings.push_back(fmt::format("{} label{}: the prior has no energy for {}", lost, lost == 1 ? "" : "s",
                                          lost == 1 ? "it" : "them"));
  return report;
}

std::unique_ptr<ConfigurationScorer> PriorModel::scorer(const Supercell& supercell) const {
  return std::make_unique<PriorScorer>(base_->scorer(supercell), energies_, points_, shift_, coefficient_, supercell);
}

std::vector<Uncertainty> PriorModel::uncertainties(const Supercell& supercell,
                                                   std::span<const std::uint8_t> occupations) const {
  return base_->uncertainties(supercell, occupations);
}

PriorOpinion PriorModel::prior_opinion(const Supercell& supercell, std::span<const std::uint8_t> occupations) const {
  if (!fitted() || coefficient_ == 0) return {};
  const std::size_t sites = supercell.varied_sites().size();
  std::vector<double> energies(occupations.size() / std::max<std::size_t>(1, sites));
  energies_->energies(supercell, *energies_->prior().scorer(supercell), occupations, energies);
  const ShiftedEnergies shifted(points_, shift_, supercell);
  for (std::size_t i = 0; i < energies.size(); ++i)
    energies[i] = formation_energy(shifted, occupations.subspan(i * sites, sites), energies[i]);
  return {std::move(energies), explained_ >= kLeads};
}

std::vector<std::byte> PriorModel::serialise() const {
  ByteWriter out;
  out.write(kPriorFormatVersion);
  out.write(coefficient_);
  out.write(explained_);
  out.write(shift_.constant_ev);
  out.write(std::span<const double>(shift_.slopes_ev));
  for (const Surrogate* model : std::initializer_list<const Surrogate*>{base_.get(), &energies_->prior()}) {
    out.write(std::string_view(model->kind()));
    out.write(std::span<const std::byte>(model->serialise()));
  }
  return out.take();
}

std::optional<SurrogateSpec> prior_of(const SurrogateSpec& spec) {
  const Setting* written = spec.settings.find("prior");
  if (written == nullptr) return std::nullopt;
  const Setting& prior = *written;
  if (const auto* table = std::get_if<SettingsTable>(&prior.value)) {
    const Setting* kind = table->find("kind");
    const auto* name = kind == nullptr ? nullptr : std::get_if<std::string>(&kind->value);
    if (name == nullptr) return std::nullopt;
    return SurrogateSpec{*name, *table};
  }
  const auto* text = std::get_if<std::string>(&prior.value);
  if (text == nullptr || !text->starts_with("kim:")) return std::nullopt;
  SettingsTable table{prior.where, {}};
  table.entries.emplace_back("kind", Setting{prior.where, prior.key_where, std::string("kim")});
  table.entries.emplace_back("model", Setting{prior.where, prior.key_where, text->substr(4)});
  return SurrogateSpec{"kim", std::move(table)};
}

std::unique_ptr<Surrogate> make_with_prior(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                           Problems& problems) {
  const Setting& written = *spec.settings.find("prior");
  SurrogateSpec own = spec;
  std::erase_if(own.settings.entries, [](const auto& entry) { return entry.first == "prior"; });
  std::unique_ptr<Surrogate> base = make_surrogate(own, parent, problems);
  const SurrogateAbilities* abilities = surrogate_abilities(spec.kind);
  if (abilities != nullptr && !abilities->needs_labels) {
    problems.add(written.key_where,
                 fmt::format("surrogate.prior: a model of kind \"{}\" is not fitted to labels, so it "
                             "has no use for a prior; leave the key out",
                             spec.kind));
    return nullptr;
  }
  const std::optional<SurrogateSpec> other = prior_of(spec);
  if (!other) {
    problems.add(written.where,
                 "surrogate.prior: expected \"kim:MODEL\", or a table with the kind and the keys of a model that needs "
                 "no labels, as { kind = \"external\", command = [\"python3\", \"score.py\"] }");
    return nullptr;
  }
  const SurrogateAbilities* of_prior = surrogate_abilities(other->kind);
  if (of_prior != nullptr && (of_prior->needs_labels || of_prior->sees == SurrogateAbilities::Sees::kMarkedPairs)) {
    problems.add(written.where, fmt::format("surrogate.prior: a model of kind \"{}\" gives no energies without labels; "
                                            "\"kim\" and \"external\" do",
                                            other->kind));
    return nullptr;
  }
  std::shared_ptr<Surrogate> prior = make_surrogate(*other, std::move(parent), problems);
  if (prior && !prior->fitted()) {
    problems.add(written.where, "surrogate.prior: this model needs labels, and a prior has none");
    return nullptr;
  }
  if (!base || !prior) return nullptr;
  return std::make_unique<PriorModel>(std::move(base), std::move(prior));
}

std::unique_ptr<Surrogate> deserialise_with_prior(std::span<const std::byte> bytes,
                                                  std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  const auto version = in.read<std::uint32_t>();
  if (version < 1 || version > kPriorFormatVersion) {
    throw StorageError(
        fmt::format("stored model with a prior has format {}, this version reads {}", version, kPriorFormatVersion));
  }
  const double coefficient = in.read_double();
  const double explained = version >= 2 ? in.read_double() : 0;
  const double constant = in.read_double();
  std::vector<double> slopes = in.read_doubles();
  const std::string base_kind = in.read_text();
  std::unique_ptr<Surrogate> base = deserialise_surrogate(base_kind, in.read_bytes(), parent);
  const std::string prior_kind = in.read_text();
  std::shared_ptr<Surrogate> prior = deserialise_surrogate(prior_kind, in.read_bytes(), std::move(parent));
  in.finish();
  auto model = std::make_unique<PriorModel>(std::move(base), std::move(prior));
  if (slopes.size() != model->shift_.slopes_ev.size() || !std::isfinite(coefficient) || !std::isfinite(explained))
    throw StorageError("stored model with a prior is damaged: the number of slopes does not fit");
  model->coefficient_ = coefficient;
  model->explained_ = explained;
  model->shift_.constant_ev = constant;
  model->shift_.slopes_ev = std::move(slopes);
  return model;
}

}  // namespace hullscan
