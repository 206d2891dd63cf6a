#include "enumerator/crystal/supercell_group.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>  // std::iota
#include <string>

#include "core/errors.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 30;

/// The operation of a row of the table.
struct Made {
  std::uint32_t point = 0;
  std::uint32_t cell = 0;
};

}  // namespace

std::optional<std::string> why_no_table(const SupercellOperations& operations) {
  const std::size_t degree = operations.site_count();
  if (degree > 65535) {
    return "the supercell has " + std::to_string(degree) + " varied sites, at most 65535 are possible";
  }
  if (degree != 0 && operations.count() > kMostBytes / sizeof(std::uint16_t) / degree) {
    return "the supercell has " + std::to_string(operations.count()) + " symmetry operations on " +
           std::to_string(degree) + " varied sites: more than fit in 4 GiB";
  }
  return std::nullopt;
}

SupercellGroup group_of(const Supercell& supercell) { return group_of(SupercellOperations(supercell)); }

SupercellGroup group_of(const SupercellOperations& operations) {
  if (const auto why = why_no_table(operations)) throw InputError(*why);
  SupercellGroup group;
  group.operation_count = operations.count();
  const std::size_t degree = operations.site_count();
  group.permutations.degree = degree;

  std::vector<std::uint16_t> images(group.operation_count * degree);
  std::vector<Made> made(group.operation_count);
  std::vector<std::uint32_t> row_images(degree);
  std::size_t row = 0;
  for (std::size_t cell = 0; cell < operations.cell_count(); ++cell) {
    for (std::size_t point = 0; point < operations.point_count(); ++point, ++row) {
      made[row] = {static_cast<std::uint32_t>(point), static_cast<std::uint32_t>(cell)};
      operations.images(point, cell, row_images);
      std::copy(row_images.begin(), row_images.end(), images.begin() + static_cast<std::ptrdiff_t>(row * degree));
    }
  }

  const auto operation = [&](std::size_t i) { return operations.operation(made[i].point, made[i].cell); };
  const auto row_of = [&](std::size_t i) { return std::span(images).subspan(i * degree, degree); };
  const auto same = [&](std::size_t i, std::size_t j) {
    return degree == 0 || std::memcmp(row_of(i).data(), row_of(j).data(), degree * sizeof(std::uint16_t)) == 0;
  };
  std::vector<std::size_t> order(group.operation_count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const auto a = row_of(i), b = row_of(j);
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin());
    return x == a.end() ? i < j : *x < *y;
  });

  const std::vector<std::uint32_t>& reference = operations.reference_cells();
  // The identity sorts first: it is the lexicographically smallest permutation.
  for (std::size_t o = 0; o < order.size(); ++o) {
    const std::size_t i = order[o];
    const bool fresh = o == 0 || !same(order[o - 1], i);
    if (fresh) {
      group.operation_of.push_back(operation(i));
      group.permutations.images.insert(group.permutations.images.end(), row_of(i).begin(), row_of(i).end());
    }
    if (group.operation_of.size() == 1) group.kernel.push_back(operation(i));
    if (operations.is_translation(made[i].point)) {
      const std::size_t permutation = group.operation_of.size() - 1;
      if (group.translations.empty() || group.translations.back() != permutation)
        group.translations.push_back(permutation);
      if (std::binary_search(reference.begin(), reference.end(), made[i].cell) &&
          (group.reference_translations.empty() || group.reference_translations.back() != permutation))
        group.reference_translations.push_back(permutation);
    }
  }
  return group;
}

}  // namespace hullscan
