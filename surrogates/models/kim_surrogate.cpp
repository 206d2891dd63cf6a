#include "surrogates/models/kim_surrogate.hpp"

#include <fmt/format.h>

#include <limits>

#include "surrogates/regression/shared_shift.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kKimFormatVersion = 1;

std::vector<Species> species_of_model(const ParentCrystal& parent) {
  std::vector<Species> species;
  for (const ParentSite& site : parent.sites) {
    if (site.sublattice == kFixedSite) species.push_back(site.fixed_species);
  }
  for (const Sublattice& sublattice : parent.sublattices)
    species.insert(species.end(), sublattice.allowed.begin(), sublattice.allowed.end());
  return species;
}

class KimScorer final : public ConfigurationScorer {
 public:
  KimScorer(const std::shared_ptr<const LatticeFeatures>& points, std::shared_ptr<const KimEnergies> energies,
            const CompositionShift& shift, const Supercell& supercell)
      : supercell_(supercell), shifted_(points, shift, supercell_), energies_(std::move(energies)) {}

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    if (shifted_.atoms().atoms(occupation) == 0) return std::numeric_limits<double>::infinity();
    return shifted_.per_atom(occupation, energies_->energy_ev(supercell_.structure(occupation)));
  }

 private:
  Supercell supercell_;
  ShiftedEnergies shifted_;
  std::shared_ptr<const KimEnergies> energies_;
};

}  // namespace

KimSurrogate::KimSurrogate(std::shared_ptr<const ParentCrystal> parent, const KimSettings& settings)
    : points_(std::make_shared<LatticeFeatures>(parent, FeatureSettings{})),
      energies_(std::make_shared<KimEnergies>(settings, species_of_model(*parent))),
      shift_{0, std::vector<double>(points_->count(), 0.0), 0} {}

double KimSurrogate::energy_ev(const Configuration& configuration) const {
  return energies_->energy_ev(configuration.supercell->structure(configuration.occupation));
}

FitReport KimSurrogate::fit(std::span<const LabelledConfiguration> labels) {
  return fit_composition_shift(
      *points_, labels, [&](std::size_t label) { return energy_ev(labels[label].configuration); }, shift_);
}

FitReport KimSurrogate::fit_together(std::span<Surrogate* const> members,
                                     std::span<const std::vector<LabelledConfiguration>> labels) {
  std::vector<ShiftMember> shifts;
  for (std::size_t m = 0; m < members.size(); ++m) {
    auto* model = &dynamic_cast<KimSurrogate&>(*members[m]);
    shifts.push_back({model->points_.get(), labels[m],
                      [&, m, model](std::size_t label) { return model->energy_ev(labels[m][label].configuration); },
                      &model->shift_});
  }
  return fit_shifts(shifts);
}

std::unique_ptr<ConfigurationScorer> KimSurrogate::scorer(const Supercell& supercell) const {
  points_->require_own_parent(supercell, "supercell");
  return std::make_unique<KimScorer>(points_, energies_, shift_, supercell);
}

std::vector<Uncertainty> KimSurrogate::uncertainties(const Supercell& supercell,
                                                     std::span<const std::uint8_t> occupations) const {
  const std::size_t sites = supercell.varied_sites().size();
  if (shift_.scatter_ev_per_atom <= 0 || sites == 0) return {};
  return std::vector<Uncertainty>(occupations.size() / sites, Uncertainty{shift_.scatter_ev_per_atom, {}});
}

std::vector<std::byte> KimSurrogate::serialise() const {
  ByteWriter out;
  out.write(kKimFormatVersion);
  points_->write(out);
  out.write(std::string_view(energies_->settings().model));
  out.write(static_cast<std::uint8_t>(energies_->settings().relaxation));
  out.write(shift_.constant_ev);
  out.write(std::span<const double>(shift_.slopes_ev));
  return out.take();
}

std::unique_ptr<Surrogate> make_kim_surrogate(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                              Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  const KimSettings settings = read_kim_settings(reader, "model");
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  try {
    return std::make_unique<KimSurrogate>(std::move(parent), settings);
  } catch (const InputError& error) {
    problems.add(reader.where("model"), std::string("surrogate.model: ") + error.what());
    return nullptr;
  }
}

std::unique_ptr<Surrogate> deserialise_kim_surrogate(std::span<const std::byte> bytes,
                                                     std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kKimFormatVersion) {
    throw StorageError(
        fmt::format("stored KIM model has format {}, this version reads {}", version, kKimFormatVersion));
  }
  (void)LatticeFeatures::read(in, parent, "KIM model");
  KimSettings settings{in.read_text(), {}};
  const auto relaxation = in.read<std::uint8_t>();
  if (relaxation > 2) throw StorageError("stored KIM model is damaged: unknown relaxation");
  settings.relaxation = static_cast<KimRelaxation>(relaxation);
  const double constant = in.read_double();
  std::vector<double> slopes = in.read_doubles();
  in.finish();
  std::unique_ptr<KimSurrogate> model;
  try {
    model = std::make_unique<KimSurrogate>(std::move(parent), settings);
  } catch (const InputError& error) {
    throw StorageError(std::string("stored model: ") + error.what());
  }
  if (slopes.size() != model->shift_.slopes_ev.size())
    throw StorageError("stored KIM model is damaged: the number of slopes does not fit");
  model->shift_.constant_ev = constant;
  model->shift_.slopes_ev = std::move(slopes);
  return model;
}

}  // namespace hullscan
