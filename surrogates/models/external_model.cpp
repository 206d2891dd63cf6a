#include "surrogates/models/external_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/foreign_text.hpp"
#include "surrogates/byte_stream.hpp"
#include "surrogates/regression/shared_shift.hpp"
#include "surrogates/spaces_together.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kExternalFormatVersion = 1;
constexpr double kMostEvPerAtom = 1e6;  ///< what is larger is no energy of matter

void require_same_model(ScorerPool& pool, const std::string& expected) {
  if (expected.empty()) return;
  const std::string now = pool.hello().model;
  if (now != expected) {
    throw ScorerError(fmt::format("the scorer computes with \"{}\", and the campaign's scores are of \"{}\"",
                                  readable_line(now), readable_line(expected)));
  }
}

/// Asks the pool for whole batches. What has no atom is not asked for.
class ExternalScorer final : public ConfigurationScorer {
 public:
  ExternalScorer(std::shared_ptr<ScorerPool> pool, ScorerModel model,
                 const std::shared_ptr<const LatticeFeatures>& points, const CompositionShift& shift, std::size_t batch,
                 const Supercell& supercell)
      : pool_(std::move(pool)),
        model_(std::move(model)),
        supercell_(supercell),
        shifted_(points, shift, supercell_),
        batch_(batch) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    double energy = 0;
    score_batch(occupation, std::span(&energy, 1));
    return energy;
  }

  void score_batch(std::span<const std::uint8_t> occupations, std::span<double> energies) const override {
    const std::size_t sites = occupations.size() / energies.size();
    std::vector<std::uint8_t> asked;
    std::vector<std::size_t> of;
    for (std::size_t first = 0; first < energies.size(); first += batch_) {
      asked.clear();
      of.clear();
      for (std::size_t i = first; i < std::min(energies.size(), first + batch_); ++i) {
        const auto occupation = occupations.subspan(i * sites, sites);
        energies[i] = std::numeric_limits<double>::infinity();
        if (shifted_.atoms().atoms(occupation) == 0) continue;
        asked.insert(asked.end(), occupation.begin(), occupation.end());
        of.push_back(i);
      }
      if (of.empty()) continue;
      const std::vector<double> answer = pool_->score(model_, supercell_, asked, of.size());
      for (std::size_t k = 0; k < of.size(); ++k) {
        const auto occupation = occupations.subspan(of[k] * sites, sites);
        if (!(std::abs(answer[k]) <= kMostEvPerAtom))
          throw ScorerError(fmt::format("the scorer answered an energy of {:g} eV/atom", answer[k]));
        energies[of[k]] = shifted_.per_atom(occupation, answer[k] * shifted_.atoms().atoms(occupation));
      }
    }
  }

  [[nodiscard]] std::size_t batch() const override { return batch_; }

 private:
  std::shared_ptr<ScorerPool> pool_;
  ScorerModel model_;
  Supercell supercell_;
  ShiftedEnergies shifted_;
  std::size_t batch_;
};

double number_of(const Json& report, const char* key) {
  const auto found = report.find(key);
  return found != report.end() && found->is_number() ? found->get<double>() : std::numeric_limits<double>::infinity();
}

/// What a scorer says of its fit. @param order of the labels as it was sent them, among `count`.
FitReport report_of(const Json& said, const std::vector<std::size_t>& order, std::size_t count) {
  FitReport report;
  report.labels = order.size();
  report.rmse_mev_per_atom = number_of(said, "rmse_mev_per_atom");
  report.loo_rmse_mev_per_atom = number_of(said, "loo_rmse_mev_per_atom");
  if (const auto features = said.find("features"); features != said.end() && features->is_number_unsigned())
    report.features = features->get<std::size_t>();
  if (const auto warnings = said.find("warnings"); warnings != said.end() && warnings->is_array()) {
    for (const Json& warning : *warnings) {
      if (warning.is_string()) report.warnings.push_back(readable_line(warning.get<std::string>()));
    }
  }
  if (const auto residuals = said.find("loo_residuals_per_atom");
      residuals != said.end() && residuals->is_array() && residuals->size() == order.size()) {
    report.loo_residuals_ev_per_atom.assign(count, 0.0);
    for (std::size_t i = 0; i < order.size(); ++i) {
      if ((*residuals)[i].is_number()) report.loo_residuals_ev_per_atom[order[i]] = (*residuals)[i].get<double>();
    }
  }
  return report;
}

}  // namespace

ExternalModel::ExternalModel(std::shared_ptr<const ParentCrystal> parent, ExternalSettings settings)
    : settings_(std::move(settings)),
      points_(std::make_shared<LatticeFeatures>(parent, FeatureSettings{})),
      pool_(ScorerPool::of(settings_.scorer)),
      model_(parent),
      shift_{0, std::vector<double>(points_->count(), 0.0), 0} {}

FitReport ExternalModel::fit(std::span<const LabelledConfiguration> labels) {
  Surrogate* const only[] = {this};
  const std::vector<LabelledConfiguration> all[] = {{labels.begin(), labels.end()}};
  return fit_together(only, all);
}

double ExternalModel::energy_ev(const Configuration& configuration) const {
  const double per_atom = pool_->score(model_, *configuration.supercell, configuration.occupation, 1).front();
  return per_atom * AtomCounter(*configuration.supercell).atoms(configuration.occupation);
}

FitReport ExternalModel::fit_together(std::span<Surrogate* const> members,
                                      std::span<const std::vector<LabelledConfiguration>> labels) {
  std::vector<ExternalModel*> models;
  std::vector<LabelledConfiguration> all;
  std::vector<std::size_t> model_of;  // [all]
  std::vector<std::shared_ptr<const ParentCrystal>> parents;
  for (std::size_t m = 0; m < members.size(); ++m) {
    models.push_back(&dynamic_cast<ExternalModel&>(*members[m]));
    parents.push_back(models.back()->model_.parent);
    if (!labels[m].empty() || members.size() == 1)
      (void)training_table(*models.back()->points_, labels[m]);  // refuses wrong labels by name
    all.insert(all.end(), labels[m].begin(), labels[m].end());
    model_of.insert(model_of.end(), labels[m].size(), m);
  }
  const ScorerHello hello = pool_->hello();
  if (!hello.fits) {
    if (settings_.needs_labels) {
      throw ScorerError(
          "the campaign file says needs = \"labels\", and the scorer cannot fit: it does not name \"fit\" "
          "in its hello");
    }
    std::vector<ShiftMember> shifts;
    for (std::size_t m = 0; m < members.size(); ++m)
      shifts.push_back({models[m]->points_.get(), labels[m],
                        [&, m](std::size_t label) { return models[m]->energy_ev(labels[m][label].configuration); },
                        &models[m]->shift_});
    return fit_shifts(shifts);
  }
  const bool one_crystal = std::all_of(parents.begin(), parents.end(),
                                       [&](const auto& one) { return same_crystal(*one, *parents.front()); });
  if (!one_crystal && !hello.several_crystals) {
    throw ScorerError(
        "surrogate.spaces asks for one fit over spaces of several crystals, and the scorer does not say that it can: "
        "it "
        "does not name \"several-crystals\" in its hello (in Python: several_crystals = True); leave out `spaces`, or "
        "let its fit take labels of several crystals");
  }
  const std::vector<std::size_t> order = usable_labels(all);
  std::vector<ScorerPool::LabelOfCrystal> in_order;
  for (const std::size_t label : order) in_order.emplace_back(&all[label], parents[model_of[label]]);
  ScorerPool::Fitted fitted = pool_->fit(parents, in_order);
  FitReport report = report_of(fitted.report, order, all.size());
  const double error =
      std::isfinite(report.loo_rmse_mev_per_atom) ? report.loo_rmse_mev_per_atom : report.rmse_mev_per_atom;
  for (ExternalModel* model : models) {
    model->model_.set_fitted(fitted.model);
    model->error_ev_per_atom_ = std::isfinite(error) && error > 0 ? 1e-3 * error : 0;
  }
  return report;
}

std::unique_ptr<ConfigurationScorer> ExternalModel::scorer(const Supercell& supercell) const {
  points_->require_own_parent(supercell, "supercell");
  if (!fitted()) throw InputError("the external model was not fitted yet");
  require_same_model(*pool_, expected_);
  return std::make_unique<ExternalScorer>(pool_, model_, points_, shift_, settings_.batch, supercell);
}

std::vector<Uncertainty> ExternalModel::uncertainties(const Supercell& supercell,
                                                      std::span<const std::uint8_t> occupations) const {
  const std::size_t sites = supercell.varied_sites().size();
  if (sites == 0 || occupations.empty() || !fitted()) return {};
  const std::size_t count = occupations.size() / sites;
  if (pool_->hello().deviations) {
    std::vector<Uncertainty> uncertainties;
    const std::size_t batch = settings_.batch;
    for (std::size_t first = 0; first < count; first += batch) {
      const std::size_t here = std::min(batch, count - first);
      const auto answer = pool_->score(model_, supercell, occupations.subspan(first * sites, here * sites), here, true);
      for (std::size_t i = 0; i < here; ++i) uncertainties.push_back({std::abs(answer[here + i]), {}});
    }
    return uncertainties;
  }
  const double scatter = error_ev_per_atom_ > 0 ? error_ev_per_atom_ : shift_.scatter_ev_per_atom;
  if (scatter <= 0) return {};
  return std::vector<Uncertainty>(count, Uncertainty{scatter, {}});
}

std::vector<std::byte> ExternalModel::serialise() const {
  ByteWriter out;
  out.write(kExternalFormatVersion);
  points_->write(out);
  out.write(static_cast<std::uint64_t>(settings_.scorer.command.size()));
  for (const std::string& word : settings_.scorer.command) out.write(std::string_view(word));
  out.write(static_cast<std::uint32_t>(settings_.scorer.processes));
  out.write(settings_.scorer.answer_within_s);
  out.write(static_cast<std::uint64_t>(settings_.batch));
  out.write(static_cast<std::uint8_t>(settings_.needs_labels ? 1 : 0));
  out.write(std::string_view(fitted() ? (expected_.empty() ? pool_->hello().model : expected_) : ""));
  out.write(std::span<const std::byte>(model_.fitted()));
  out.write(shift_.constant_ev);
  out.write(std::span<const double>(shift_.slopes_ev));
  out.write(shift_.scatter_ev_per_atom);
  out.write(error_ev_per_atom_);
  return out.take();
}

std::unique_ptr<Surrogate> make_external(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                         Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  reader.require("command", "the program that scores and its arguments, as a list of texts");
  ExternalSettings settings;
  settings.scorer.command = reader.texts("command");
  settings.scorer.processes = static_cast<int>(reader.integer("processes", 1, 1, 1024));
  settings.scorer.answer_within_s = reader.number("answer_within_s", 600, 1, 1e6);
  settings.batch = static_cast<std::size_t>(reader.integer("batch", 512, 1, 1 << 20));
  settings.needs_labels = reader.choice("needs", {"nothing", "labels"}, "nothing") == "labels";
  if (reader.has("command")) {
    if (const std::string why = why_not_startable(settings.scorer.command); !why.empty())
      reader.problem("command", why);
  }
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  return std::make_unique<ExternalModel>(std::move(parent), std::move(settings));
}

std::unique_ptr<Surrogate> deserialise_external(std::span<const std::byte> bytes,
                                                std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kExternalFormatVersion) {
    throw StorageError(
        fmt::format("stored external model has format {}, this version reads {}", version, kExternalFormatVersion));
  }
  (void)LatticeFeatures::read(in, parent, "external model");
  ExternalSettings settings;
  const auto words = in.read<std::uint64_t>();
  if (words == 0 || words > bytes.size()) throw StorageError("stored external model is damaged: its command");
  for (std::uint64_t i = 0; i < words; ++i) settings.scorer.command.push_back(in.read_text());
  const auto processes = in.read<std::uint32_t>();
  if (processes < 1 || processes > 1024) throw StorageError("stored external model is damaged: number of processes");
  settings.scorer.processes = static_cast<int>(processes);
  settings.scorer.answer_within_s = in.read_double();
  const auto batch = in.read<std::uint64_t>();
  if (!(settings.scorer.answer_within_s >= 1 && settings.scorer.answer_within_s <= 1e6) || batch < 1 ||
      batch > (1 << 20))
    throw StorageError("stored external model is damaged: its settings");
  settings.batch = batch;
  const auto needs = in.read<std::uint8_t>();
  if (needs > 1) throw StorageError("stored external model is damaged: what it needs");
  settings.needs_labels = needs == 1;
  auto model = std::make_unique<ExternalModel>(std::move(parent), std::move(settings));
  model->expected_ = in.read_text();
  const auto fitted = in.read_bytes();
  model->model_.set_fitted({fitted.begin(), fitted.end()});
  model->shift_.constant_ev = in.read_double();
  std::vector<double> slopes = in.read_doubles();
  if (slopes.size() != model->shift_.slopes_ev.size())
    throw StorageError("stored external model is damaged: the number of slopes does not fit");
  model->shift_.slopes_ev = std::move(slopes);
  model->shift_.scatter_ev_per_atom = in.read_double();
  model->error_ev_per_atom_ = in.read_double();
  in.finish();
  return model;
}

}  // namespace hullscan
