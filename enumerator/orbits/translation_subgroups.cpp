#include "enumerator/orbits/translation_subgroups.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace hullscan {
namespace {

using Product = std::function<std::size_t(std::size_t, std::size_t)>;

std::size_t order_of(std::size_t element, const Product& product) {
  std::size_t order = 1;
  for (std::size_t power = element; power != 0; power = product(power, element)) ++order;
  return order;
}

bool is_prime(std::size_t n) {
  for (std::size_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return n > 1;
}

/// What the elements of one prime order generate, smaller subgroups first.
class ElementarySubgroups {
 public:
  ElementarySubgroups(std::span<const std::size_t> elements, std::size_t prime, const Product& product) {
    std::set<std::set<std::size_t>> seen;
    found_.push_back({{{}, 1}, {0}});
    // What is found is extended in its turn: a subgroup stands behind all that it contains.
    for (std::size_t i = 0; i < found_.size(); ++i) {
      for (const std::size_t t : elements) {
        if (found_[i].members.count(t) != 0) continue;
        std::set<std::size_t> span;
        for (const std::size_t member : found_[i].members) {
          std::size_t element = member;
          for (std::size_t n = 0; n < prime; ++n) {
            span.insert(element);
            element = product(element, t);
          }
        }
        if (!seen.insert(span).second) continue;
        std::vector<std::size_t> generators = found_[i].subgroup.generators;
        generators.push_back(t);
        found_.push_back({{std::move(generators), 0}, std::move(span)});
      }
    }
    for (std::size_t i = 1; i < found_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (found_[i].contains(found_[j].subgroup)) found_[i].subgroup.weight -= found_[j].subgroup.weight;
      }
    }
  }

  [[nodiscard]] std::vector<TranslationSubgroup> subgroups() const {
    std::vector<TranslationSubgroup> all;
    for (const Found& one : found_) all.push_back(one.subgroup);
    return all;
  }

 private:
  struct Found {
    TranslationSubgroup subgroup;
    std::set<std::size_t> members;
    [[nodiscard]] bool contains(const TranslationSubgroup& other) const {
      return std::all_of(other.generators.begin(), other.generators.end(),
                         [&](std::size_t g) { return members.count(g) != 0; });
    }
  };
  std::vector<Found> found_;
};

}  // namespace

std::vector<TranslationSubgroup> translation_subgroups(std::span<const std::size_t> repeating, const Product& product) {
  std::map<std::size_t, std::vector<std::size_t>> of_order;
  for (const std::size_t t : repeating) of_order[order_of(t, product)].push_back(t);
  std::vector<TranslationSubgroup> found{{{}, 1}};
  for (const auto& [order, elements] : of_order) {
    if (!is_prime(order)) continue;
    std::vector<TranslationSubgroup> products;
    for (const TranslationSubgroup& b : ElementarySubgroups(elements, order, product).subgroups()) {
      for (const TranslationSubgroup& a : found) {
        if (a.weight * b.weight == 0) continue;
        TranslationSubgroup joint{a.generators, a.weight * b.weight};
        joint.generators.insert(joint.generators.end(), b.generators.begin(), b.generators.end());
        products.push_back(std::move(joint));
      }
    }
    found = std::move(products);
  }
  return found;
}

}  // namespace hullscan
