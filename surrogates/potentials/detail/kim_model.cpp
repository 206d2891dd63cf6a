#include "surrogates/potentials/detail/kim_model.hpp"

extern "C" {  // the library's headers do not say it
#include <KIM_Log.h>
#include <KIM_SemVer.h>
#include <KIM_SimulatorHeaders.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "core/errors.hpp"

namespace hullscan::detail {
namespace {

/// Loading and unloading share tables of the library that have no lock of their own. Before the first of either the
/// library is told, for the whole process, not to keep a kim.log in the current folder.
std::mutex& loading() {
  static std::mutex mutex;
  [[maybe_unused]] static const bool silent = [] {
    KIM_Log_PushDefaultVerbosity(KIM_LOG_VERBOSITY_silent);
    return true;
  }();
  return mutex;
}

struct DestroyCollections {
  void operator()(KIM_Collections* collections) const noexcept { KIM_Collections_Destroy(&collections); }
};

}  // namespace

/// A particle and the images of the cell around it.
struct KimCluster {
  std::vector<double> coordinates;  ///< [3 * particles]; the first are the cell's atoms
  std::vector<int> codes, contributing, atom_of;
};

/// Neighbours of every particle within one cutoff.
struct KimNeighbourList {
  std::vector<int> begin, neighbours;
};

struct KimNeighbourLists {
  std::vector<KimNeighbourList> lists;
};

namespace {

int get_neighbours(void* const object, int const, double const* const, int const list, int const particle,
                   int* const count, int const** const neighbours) {
  const auto& lists = static_cast<const KimNeighbourLists*>(object)->lists;
  if (list < 0 || static_cast<std::size_t>(list) >= lists.size()) return 1;
  const KimNeighbourList& own = lists[static_cast<std::size_t>(list)];
  if (particle < 0 || static_cast<std::size_t>(particle) + 1 >= own.begin.size()) return 1;
  const int from = own.begin[static_cast<std::size_t>(particle)];
  *count = own.begin[static_cast<std::size_t>(particle) + 1] - from;
  *neighbours = own.neighbours.data() + from;
  return 0;
}

KimCluster cluster_about(const Structure& structure, const std::vector<int>& codes, double radius) {
  KimCluster cluster;
  const auto add = [&](const Eigen::Vector3d& x, std::size_t atom, bool contributes) {
    cluster.coordinates.insert(cluster.coordinates.end(), {x[0], x[1], x[2]});
    cluster.codes.push_back(codes[atom]);
    cluster.contributing.push_back(contributes ? 1 : 0);
    cluster.atom_of.push_back(static_cast<int>(atom));
  };
  std::vector<Eigen::Vector3d> inside;
  for (const Fractional& position : structure.positions) {
    inside.push_back(wrapped(position).x);
    add(structure.lattice.to_cartesian({inside.back()}).x, inside.size() - 1, true);
  }
  // An image matters if it is within `radius` of the cell: of the planes that bound it, then of some atom.
  const Eigen::Matrix3d reciprocal = structure.lattice.reciprocal_rows() / (2 * std::acos(-1.0));
  const Eigen::Vector3d margin = radius * reciprocal.rowwise().norm();
  Eigen::Vector3d low = inside.front(), high = inside.front();
  for (const Eigen::Vector3d& x : inside) {
    low = low.cwiseMin(x);
    high = high.cwiseMax(x);
  }
  const Eigen::Vector3i cells = (margin.array().ceil().cast<int>() + 1).matrix();
  for (int i = -cells[0]; i <= cells[0]; ++i) {
    for (int j = -cells[1]; j <= cells[1]; ++j) {
      for (int k = -cells[2]; k <= cells[2]; ++k) {
        if (i == 0 && j == 0 && k == 0) continue;
        for (std::size_t atom = 0; atom < inside.size(); ++atom) {
          const Eigen::Vector3d x = inside[atom] + Eigen::Vector3d(i, j, k);
          if (((x - high - margin).array() > 0).any() || ((low - margin - x).array() > 0).any()) continue;
          add(structure.lattice.to_cartesian({x}).x, atom, false);
        }
      }
    }
  }
  return cluster;
}

KimNeighbourList neighbours_within(const KimCluster& cluster, std::size_t atoms, double cutoff, bool of_images) {
  KimNeighbourList list;
  const std::size_t particles = cluster.codes.size();
  const Eigen::Map<const Eigen::Matrix3Xd> x(cluster.coordinates.data(), 3, static_cast<Eigen::Index>(particles));
  list.begin.push_back(0);
  for (std::size_t i = 0; i < particles; ++i) {
    if (i < atoms || of_images) {
      const Eigen::Vector3d own = x.col(static_cast<Eigen::Index>(i));
      for (std::size_t j = 0; j < particles; ++j) {
        if (j != i && (x.col(static_cast<Eigen::Index>(j)) - own).squaredNorm() < cutoff * cutoff) {
          list.neighbours.push_back(static_cast<int>(j));
        }
      }
    }
    list.begin.push_back(static_cast<int>(list.neighbours.size()));
  }
  return list;
}

}  // namespace

struct KimModel::Arranged {
  KimCluster cluster;
  KimNeighbourLists neighbours;  ///< by cutoff
};

std::vector<std::string> portable_models() {
  const std::scoped_lock lock(loading());
  KIM_Collections* raw = nullptr;
  std::vector<std::string> names;
  if (KIM_Collections_Create(&raw) == 0) {
    const std::unique_ptr<KIM_Collections, DestroyCollections> collections(raw);
    int count = 0;
    if (KIM_Collections_CacheListOfItemNamesByType(raw, KIM_COLLECTION_ITEM_TYPE_portableModel, &count) == 0) {
      for (int i = 0; i < count; ++i) {
        const char* name = nullptr;
        if (KIM_Collections_GetItemNameByType(raw, i, &name) == 0) names.emplace_back(name);
      }
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string kim_version() { return KIM_SEM_VER_GetSemVer(); }

void DestroyKimModel::operator()(KIM_Model* model) const noexcept { KIM_Model_Destroy(&model); }

KimModel::Handle KimModel::load(const std::string& name) {
  Handle model;
  {
    const std::scoped_lock lock(loading());
    KIM_Model* raw = nullptr;
    int units_accepted = 0;
    const int error =
        KIM_Model_Create(KIM_NUMBERING_zeroBased, KIM_LENGTH_UNIT_A, KIM_ENERGY_UNIT_eV, KIM_CHARGE_UNIT_e,
                         KIM_TEMPERATURE_UNIT_K, KIM_TIME_UNIT_ps, name.c_str(), &units_accepted, &raw);
    if (error == 0) model.reset(raw);
    if (error == 0 && units_accepted == 0) {
      throw InputError(fmt::format("KIM model {}: does not work in eV and Å", name));
    }
  }
  if (!model) {
    const std::vector<std::string> installed = portable_models();
    if (installed.empty()) {
      throw InputError(fmt::format("KIM model {}: no models are installed; Debian's package is openkim-models", name));
    }
    throw InputError(fmt::format(
        "KIM model {}: {}{}", name,
        std::binary_search(installed.begin(), installed.end(), name)
            ? "cannot be loaded"
            : fmt::format("not among the {} installed ones (kim-api-collections-management list shows them)",
                          installed.size()),
        did_you_mean(name, installed)));
  }
  return model;
}

KimModel::KimModel(const std::string& name) : name_(name), model_(load(name)) {
  KIM_Model_GetInfluenceDistance(model_.get(), &influence_angstrom_);
  int lists = 0;
  const double* cutoffs = nullptr;
  const int* without_images = nullptr;
  KIM_Model_GetNeighborListPointers(model_.get(), &lists, &cutoffs, &without_images);
  cutoffs_angstrom_.assign(cutoffs, cutoffs + lists);
  for (int i = 0; i < lists; ++i) needs_image_lists_ = needs_image_lists_ || without_images[i] == 0;
}

int KimModel::code(Species species) const {
  if (species.is_vacancy()) return -1;
  int supported = 0, code = -1;
  const std::string symbol(species.symbol());
  if (KIM_Model_GetSpeciesSupportAndCode(model_.get(), KIM_SpeciesName_FromString(symbol.c_str()), &supported, &code) !=
      0)
    return -1;
  return supported != 0 ? code : -1;
}

KimPoint KimModel::evaluate(const Structure& structure) const {
  if (structure.atom_count() == 0) throw InputError(fmt::format("KIM model {}: a structure without atoms", name_));
  std::map<Species, int> known;
  std::vector<int> codes;
  for (const Species species : structure.species) {
    auto found = known.find(species);
    if (found == known.end()) found = known.emplace(species, code(species)).first;
    if (found->second < 0) throw InputError(fmt::format("KIM model {}: does not know {}", name_, species.symbol()));
    codes.push_back(found->second);
  }
  Arranged arranged{cluster_about(structure, codes, influence_angstrom_), {}};
  for (const double cutoff : cutoffs_angstrom_)
    arranged.neighbours.lists.push_back(
        neighbours_within(arranged.cluster, structure.atom_count(), cutoff, needs_image_lists_));
  if (keeps_kinds_) return compute(load(name_).get(), structure, arranged);
  KimPoint point = compute(model_.get(), structure, arranged);
  if (!would_tell(arranged.cluster.codes)) return point;
  // A driver that keeps the kinds of the first structure's atoms says the energy of other atoms, without a word.
  KimPoint anew = compute(load(name_).get(), structure, arranged);
  keeps_kinds_ = std::abs(anew.energy_ev - point.energy_ev) > 1e-6 * static_cast<double>(structure.atom_count());
  return keeps_kinds_ ? anew : point;
}

bool KimModel::would_tell(const std::vector<int>& codes) const {
  if (tested_) return false;
  if (first_codes_.empty()) first_codes_ = codes;
  const std::size_t common = std::min(codes.size(), first_codes_.size());
  tested_ = !std::equal(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(common), first_codes_.begin());
  return tested_;
}

KimPoint KimModel::compute(KIM_Model* model, const Structure& structure, Arranged& arranged) const {
  const std::size_t atoms = structure.atom_count();
  const KimCluster& cluster = arranged.cluster;
  KIM_ComputeArguments* arguments = nullptr;
  if (KIM_Model_ComputeArgumentsCreate(model, &arguments) != 0) {
    throw InputError(fmt::format("KIM model {}: refuses to compute", name_));
  }
  const auto destroy = [model](KIM_ComputeArguments* of) { KIM_Model_ComputeArgumentsDestroy(model, &of); };
  const std::unique_ptr<KIM_ComputeArguments, decltype(destroy)> owner(arguments, destroy);

  const int particles = static_cast<int>(cluster.codes.size());
  double energy = 0;
  std::vector<double> forces(cluster.coordinates.size(), 0.0);
  int failed = 0;
  failed |= KIM_ComputeArguments_SetArgumentPointerInteger(arguments, KIM_COMPUTE_ARGUMENT_NAME_numberOfParticles,
                                                           &particles);
  failed |= KIM_ComputeArguments_SetArgumentPointerInteger(arguments, KIM_COMPUTE_ARGUMENT_NAME_particleSpeciesCodes,
                                                           cluster.codes.data());
  failed |= KIM_ComputeArguments_SetArgumentPointerInteger(arguments, KIM_COMPUTE_ARGUMENT_NAME_particleContributing,
                                                           cluster.contributing.data());
  failed |= KIM_ComputeArguments_SetArgumentPointerDouble(arguments, KIM_COMPUTE_ARGUMENT_NAME_coordinates,
                                                          cluster.coordinates.data());
  failed |= KIM_ComputeArguments_SetArgumentPointerDouble(arguments, KIM_COMPUTE_ARGUMENT_NAME_partialEnergy, &energy);
  failed |=
      KIM_ComputeArguments_SetArgumentPointerDouble(arguments, KIM_COMPUTE_ARGUMENT_NAME_partialForces, forces.data());
  failed |=
      KIM_ComputeArguments_SetCallbackPointer(arguments, KIM_COMPUTE_CALLBACK_NAME_GetNeighborList, KIM_LANGUAGE_NAME_c,
                                              reinterpret_cast<KIM_Function*>(&get_neighbours), &arranged.neighbours);
  if (failed != 0) throw InputError(fmt::format("KIM model {}: gives no energies or no forces", name_));
  if (KIM_Model_Compute(model, arguments) != 0 || !std::isfinite(energy)) {
    throw InputError(fmt::format("KIM model {}: no energy for this structure; its shortest distance is {:.2f} Å", name_,
                                 structure.shortest_distance_angstrom()));
  }

  KimPoint point;
  point.energy_ev = energy;
  point.forces_ev_per_angstrom = Eigen::Matrix3Xd::Zero(3, static_cast<Eigen::Index>(atoms));
  for (std::size_t p = 0; p < cluster.codes.size(); ++p) {
    const Eigen::Map<const Eigen::Vector3d> force(&forces[3 * p]), x(&cluster.coordinates[3 * p]);
    point.forces_ev_per_angstrom.col(cluster.atom_of[p]) += force;
    point.strain_derivative_ev -= force * x.transpose();
  }
  point.strain_derivative_ev = (0.5 * (point.strain_derivative_ev + point.strain_derivative_ev.transpose())).eval();
  return point;
}

}  // namespace hullscan::detail
