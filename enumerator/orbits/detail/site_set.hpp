/// @file
/// A set of up to 64 W sites in machine words, site x in bit x % 64 of word x / 64. Compiled once for every
/// instruction set: HULLSCAN_INSTRUCTION_SET names the namespace.
#ifndef HULLSCAN_INSTRUCTION_SET
#error "include this from a file that names the instruction set"
#endif

namespace hullscan::HULLSCAN_INSTRUCTION_SET {

template <int W>
struct SiteSet {
  std::uint64_t word[W];

  static SiteSet none() {
    SiteSet s;
    for (int i = 0; i < W; ++i) s.word[i] = 0;
    return s;
  }
  static SiteSet load(const std::uint64_t* from) {
    SiteSet s;
    for (int i = 0; i < W; ++i) s.word[i] = from[i];
    return s;
  }
  void insert(std::uint32_t x) { word[W == 1 ? 0 : x / 64] |= std::uint64_t{1} << (x % 64); }
  void erase(std::uint32_t x) { word[W == 1 ? 0 : x / 64] &= ~(std::uint64_t{1} << (x % 64)); }
  [[nodiscard]] bool contains(std::uint32_t x) const { return (word[W == 1 ? 0 : x / 64] >> (x % 64) & 1U) != 0; }
  [[nodiscard]] bool any() const {
    std::uint64_t all = 0;
    for (int i = 0; i < W; ++i) all |= word[i];
    return all != 0;
  }
  [[nodiscard]] std::uint32_t size() const {
    int n = 0;
    for (int i = 0; i < W; ++i) n += __builtin_popcountll(word[i]);
    return static_cast<std::uint32_t>(n);
  }
  /// Takes the smallest member out; the set is not empty.
  std::uint32_t take_first() {
    std::uint32_t i = 0;
    if constexpr (W > 1) {
      while (word[i] == 0) ++i;
    }
    const auto x = i * 64 + static_cast<std::uint32_t>(__builtin_ctzll(word[i]));
    word[i] &= word[i] - 1;
    return x;
  }
  /// Adds 0, …, x.
  void insert_up_to(std::uint32_t x) {
    for (std::uint32_t i = 0; i < (W == 1 ? 0 : x / 64); ++i) word[i] = ~std::uint64_t{0};
    word[W == 1 ? 0 : x / 64] |= ~std::uint64_t{0} >> (63 - x % 64);
  }
  friend SiteSet operator&(SiteSet a, const SiteSet& b) {
    for (int i = 0; i < W; ++i) a.word[i] &= b.word[i];
    return a;
  }
  friend SiteSet operator|(SiteSet a, const SiteSet& b) {
    for (int i = 0; i < W; ++i) a.word[i] |= b.word[i];
    return a;
  }
  friend SiteSet operator~(SiteSet a) {
    for (int i = 0; i < W; ++i) a.word[i] = ~a.word[i];
    return a;
  }
  void remove(const SiteSet& b) {
    for (int i = 0; i < W; ++i) word[i] &= ~b.word[i];
  }
};

}  // namespace hullscan::HULLSCAN_INSTRUCTION_SET
