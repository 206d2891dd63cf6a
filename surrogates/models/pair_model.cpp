#include "surrogates/models/pair_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "surrogates/byte_stream.hpp"

namespace hullscan {
namespace {

constexpr std::uint32_t kPairFormatVersion = 1;
// The first columns of a table: what a regression on the type of path and the number of dopants takes before trees.
constexpr const char* kPathTypeGroup = "path type";
constexpr const char* kDopantsGroup = "dopant sublattice";

/// Every dopant adds its row to that of the pair, so the rows of sites are worked out once.
class PairScorer final : public ConfigurationScorer {
 public:
  PairScorer(std::shared_ptr<const TableModel> model, const Supercell& supercell, const PairDescriptors& descriptors,
             const MarkedPair& pair)
      : model_(std::move(model)), columns_(descriptors.columns().names.size()), pair_(columns_) {
    descriptors.polar().fill(supercell, pair, {}, pair_);
    const std::size_t sites = supercell.varied_sites().size();
    of_site_.resize(sites * columns_);
    for (std::size_t site = 0; site < sites; ++site) {
      const auto& allowed = supercell.parent()
                                .sublattices[static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)))]
                                .allowed;
      std::vector<bool>& here = is_dopant_.emplace_back();
      for (std::size_t k = 0; k < allowed.size(); ++k)
        here.push_back(descriptors.is_dopant(site, static_cast<std::uint8_t>(k)));
      if (std::find(here.begin(), here.end(), true) == here.end()) continue;
      const std::span<double> row(of_site_.data() + site * columns_, columns_);
      const std::vector<std::size_t> alone{site};
      descriptors.polar().fill(supercell, pair, alone, row);
      for (std::size_t c = 0; c < columns_; ++c) row[c] -= pair_[c];
    }
  }

  [[nodiscard]] double score(std::span<const std::uint8_t> occupation) const override {
    double value = 0;
    score_batch(occupation, {&value, 1});
    return value;
  }

  void score_batch(std::span<const std::uint8_t> occupations, std::span<double> values) const override {
    const std::size_t sites = is_dopant_.size();
    std::vector<double> rows(values.size() * columns_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      double* const row = rows.data() + i * columns_;
      std::copy(pair_.begin(), pair_.end(), row);
      for (std::size_t site = 0; site < sites; ++site) {
        if (!is_dopant_[site][occupations[i * sites + site]]) continue;
        for (std::size_t c = 0; c < columns_; ++c) row[c] += of_site_[site * columns_ + c];
      }
    }
    model_->predict(rows, values);
  }

 private:
  std::shared_ptr<const TableModel> model_;
  std::size_t columns_;
  std::vector<double> pair_;                  ///< [columns] without any dopant
  std::vector<double> of_site_;               ///< [varied site][columns]
  std::vector<std::vector<bool>> is_dopant_;  ///< [varied site][occupant]
};

}  // namespace

PairModel::PairModel(std::shared_ptr<const ParentCrystal> parent, PairModelSettings settings)
    : parent_(std::move(parent)),
      settings_(std::move(settings)),
      model_(std::make_shared<TableModel>(settings_.table)) {}

TableFit PairModel::learn(const TableColumns& columns, const Eigen::MatrixXd& features,
                          const Eigen::VectorXd& targets) {
  columns_ = columns.names;
  const auto columns_of = [&](const char* group) {
    return static_cast<std::size_t>(std::count(columns.groups.begin(), columns.groups.end(), std::string(group)));
  };
  path_types_ = columns_of(kPathTypeGroup);
  auto model = std::make_shared<TableModel>(settings_.table);
  const TableFit fit = model->fit(features, targets, path_types_ + columns_of(kDopantsGroup));
  model_ = std::move(model);
  return fit;
}

PairDescriptors PairModel::descriptors(const Supercell& supercell, std::size_t path_types) const {
  return {supercell, path_types, {settings_.dopants.begin(), settings_.dopants.end()}, settings_.longest_angstrom};
}

void PairModel::require_columns(const Supercell& supercell, std::size_t path_types) const {
  const std::vector<std::string> names = descriptors(supercell, path_types).columns().names;
  if (names == columns_) return;
  throw InputError(fmt::format("its descriptors are \"{}\", those of the marked pairs here \"{}\"",
                               fmt::join(columns_, "\", \""), fmt::join(names, "\", \"")));
}

FitReport PairModel::fit(std::span<const LabelledConfiguration>) {
  throw InputError("a model of marked pairs learns from its table of labels, not from calculations");
}

std::unique_ptr<ConfigurationScorer> PairModel::scorer(const Supercell&) const {
  throw InputError("a model of marked pairs scores pairs, and nothing is marked here");
}

std::unique_ptr<ConfigurationScorer> PairModel::pair_scorer(const Supercell& supercell, const MarkedPair& pair) const {
  if (!fitted()) throw InputError("the model of marked pairs has not been fitted");
  return std::make_unique<PairScorer>(model_, supercell, descriptors(supercell, path_types_), pair);
}

std::vector<std::byte> PairModel::serialise() const {
  ByteWriter out;
  out.write(kPairFormatVersion);
  out.write(settings_.longest_angstrom);
  out.write(static_cast<std::uint64_t>(settings_.dopants.size()));
  for (const Species dopant : settings_.dopants) out.write(dopant.symbol());
  out.write(static_cast<std::uint64_t>(path_types_));
  out.write(static_cast<std::uint64_t>(columns_.size()));
  for (const std::string& name : columns_) out.write(std::string_view(name));
  model_->write(out);
  return out.take();
}

std::unique_ptr<Surrogate> deserialise_pair_model(std::span<const std::byte> bytes,
                                                  std::shared_ptr<const ParentCrystal> parent) {
  ByteReader in(bytes);
  if (const auto version = in.read<std::uint32_t>(); version != kPairFormatVersion) {
    throw StorageError(
        fmt::format("stored model of marked pairs has format {}, this version reads {}", version, kPairFormatVersion));
  }
  PairModelSettings settings;
  settings.longest_angstrom = in.read_double();
  const auto dopants = in.read<std::uint64_t>();
  for (std::uint64_t i = 0; i < dopants; ++i) settings.dopants.push_back(Species::from_symbol(in.read_text()));
  const auto path_types = in.read<std::uint64_t>(), columns = in.read<std::uint64_t>();
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < columns; ++i) names.push_back(in.read_text());
  TableModel model = TableModel::read(in);
  in.finish();
  if (model.fitted() && model.column_count() != names.size())
    throw StorageError("stored model of marked pairs is damaged: its columns are not those of its descriptors");
  settings.table = model.settings();
  auto result = std::make_unique<PairModel>(std::move(parent), std::move(settings));
  result->columns_ = std::move(names);
  result->path_types_ = path_types;
  result->model_ = std::make_shared<TableModel>(std::move(model));
  return result;
}

std::unique_ptr<Surrogate> make_pair_model(const SurrogateSpec& spec, std::shared_ptr<const ParentCrystal> parent,
                                           Problems& problems) {
  const std::size_t problems_before = problems.lines().size();
  SettingsReader reader(spec.settings, "surrogate", problems);
  reader.text("kind");
  PairModelSettings settings;
  const std::string method = reader.choice("method", table_method_names(), "ridge");
  if (const auto why = method == "ridge" ? std::nullopt : why_no_trees())
    problems.add(reader.where("method"), "surrogate.method: " + *why);
  settings.table = read_table_model_settings(reader, table_method(method).value_or(TableMethod::kRidge));
  reader.require("labels", "a descriptor table (hullscan descriptors) with a column of labels");
  settings.labels = reader.text("labels", "");
  settings.labels_where = reader.where("labels");
  reader.require("target", "the column of labels");
  settings.target = reader.text("target", "");
  settings.longest_angstrom = reader.number("longest", 12, 1, 1000);
  for (const std::string& name : reader.texts("dopants")) {
    try {
      settings.dopants.push_back(Species::from_symbol(name));
    } catch (const InputError& error) {
      reader.problem("dopants", error.what());
    }
  }
  reader.finish();
  if (problems.lines().size() > problems_before) return nullptr;
  return std::make_unique<PairModel>(std::move(parent), std::move(settings));
}

}  // namespace hullscan
