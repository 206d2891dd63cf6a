#include "campaign/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "campaign/marked_pairs.hpp"
#include "storage/shard_files.hpp"
#include "storage/shard_writer.hpp"
#include "workers/worker_loop.hpp"

namespace hullscan {
namespace {

/// Strata below this size are not cut: a part does them in a fraction of a second.
constexpr std::uint64_t kWorthCutting = 100'000;

struct Piece {
  WorkUnit unit;
  BigInteger size;
};

}  // namespace

std::int64_t energy_atoms(const SpaceStratum& stratum) {
  if (stratum.marker) return 0;
  return stratum.space->composition(stratum.supercell(), stratum.counts()).without_vacancies().atom_count();
}

UnitRunnerParts runner_parts(const Campaign& campaign, const std::vector<SearchSpace>& spaces,
                             const std::filesystem::path& directory, const std::string& identity,
                             const std::shared_ptr<ShardArchive>& archive) {
  UnitRunnerParts parts;
  parts.seed = campaign.seed;
  parts.spare_threads = waiting_workers;
  for (const SearchSpace& space : spaces) parts.parents.push_back(space.parent());
  parts.stratum = [strata = Strata(spaces)](const Stratum& stratum) -> UnitStratum {
    const SpaceStratum& at = strata.at(stratum);
    const SearchSpace& space = *at.space;
    const auto& supercell = space.supercells()[at.supercell()];
    UnitStratum unit_stratum{std::make_shared<OrbitEnumerator>(at.enumerator()), supercell, energy_atoms(at),
                             std::nullopt};
    if (at.marker) {
      const MarkerOrbit& orbit = space.markers(stratum.supercell)[*at.marker];
      if (orbit.sites.size() == 2)
        unit_stratum.marked = marked_pair(*supercell, orbit, *at.marker, site_classes(*supercell));
    }
    if (!at.marker) unit_stratum.action = space.action(stratum.supercell);
    unit_stratum.options = space.options(stratum.supercell);
    return unit_stratum;
  };
  parts.shard_sink = [archive, identity](std::uint32_t pass) -> std::unique_ptr<ShardSink> {
    return std::make_unique<ShardWriter>(archive, identity, static_cast<int>(pass));
  };
  parts.faults_of_shards = [directory](std::span<const ShardReceipt> shards) {
    ShardChecker checker(directory);
    std::vector<std::string> faults;
    for (const ShardReceipt& shard : shards) faults.push_back(checker.fault_of(shard));
    return faults;
  };
  return parts;
}

Part parse_part(const std::string& text) {
  Part part;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, part.index);
  if (index.ec == std::errc() && index.ptr != end && *index.ptr == '/') {
    const auto count = std::from_chars(index.ptr + 1, end, part.count);
    if (count.ec == std::errc() && count.ptr == end && part.count >= 1 && part.count <= 1'000'000 && part.index >= 1 &&
        part.index <= part.count)
      return part;
  }
  throw InputError(fmt::format("--part: expected I/N with 1 <= I <= N, such as 3/8, found \"{}\"", text));
}

std::string to_string(const Part& part) { return fmt::format("{}/{}", part.index, part.count); }

std::vector<WorkUnit> units_of_part(const CampaignView& view, const std::vector<SearchSpace>& spaces,
                                    const Part& part) {
  const auto count = static_cast<std::size_t>(part.count);
  const Strata strata(spaces);
  std::vector<Piece> pieces;
  for (const StratumView& stratum : view.strata) {
    const Stratum& at = stratum.stratum;
    const BigInteger size = stratum.inequivalent.value_or(stratum.total);
    std::vector<Cursor> cuts;
    if (size >= kWorthCutting && !stratum.by_branch_and_bound) cuts = strata.at(at).enumerator().split({}, {}, count);
    const BigInteger of_piece = size / (cuts.size() + 1) + 1;
    Cursor begin;
    for (Cursor& cut : cuts) {
      pieces.push_back({{0, at, begin, cut}, of_piece});
      begin = std::move(cut);
    }
    pieces.push_back({{0, at, begin, {}}, of_piece});
  }
  // The largest first, each to whoever has least so far.
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.size > b.size; });
  std::vector<BigInteger> load(count, 0);
  std::vector<WorkUnit> mine;
  for (Piece& piece : pieces) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += piece.size;
    if (least - load.begin() == part.index - 1) mine.push_back(std::move(piece.unit));
  }
  return mine;
}

}  // namespace hullscan
