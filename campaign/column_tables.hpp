/// @file
/// The key `columns` of a [[surrogate]]: a user's table of numbers and categories, one row for each orbit of the
/// campaign, that descriptor models take as further descriptors. Read and compared with the spaces, orbit by orbit,
/// before anything is computed (docs/formats/orbit-columns.md).
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/campaign/campaign.hpp"
#include "core/errors.hpp"
#include "enumerator/space/search_space.hpp"
#include "surrogates/features/orbit_columns.hpp"

namespace hullscan {

/// [space] what the model of that space is given, null where nothing is varied; empty: the [[surrogate]] has no
/// `columns`.
using SpaceColumns = std::vector<std::shared_ptr<const OrbitColumns>>;

/// What the models of a campaign are given.
struct ModelColumns {
  std::vector<SpaceColumns> of_surrogate;  ///< [campaign.surrogates], or empty
  [[nodiscard]] SpaceColumns of(std::size_t surrogate) const {
    return surrogate < of_surrogate.size() ? of_surrogate[surrogate] : SpaceColumns{};
  }
};

struct ColumnTable {
  std::size_t surrogate = 0;   ///< index of its [[surrogate]]
  std::filesystem::path file;  ///< from the campaign file's folder
};

/// The tables that the campaign's models name, as paths. What is no table is left out.
std::vector<ColumnTable> column_tables(const Campaign& campaign);
/// Makes the campaign read a copy. @param table one of column_tables().
void read_columns_from(Campaign& campaign, const ColumnTable& table, const std::filesystem::path& copy);

/// Every table, with a row for every orbit of `spaces` and no other. What is wrong goes to `problems`: at the line of
/// the campaign file, or of the table.
ModelColumns read_model_columns(const Campaign& campaign, const std::vector<SearchSpace>& spaces, Problems& problems);

/// The specification as the model itself reads it, and what it is then given: a group of the table that `leave_out`
/// names is left out here.
SurrogateSpec without_columns(SurrogateSpec spec, SpaceColumns& columns);

}  // namespace hullscan
