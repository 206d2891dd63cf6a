#include "enumerator/orbits/detail/random_stream.hpp"

namespace hullscan::detail {

BigInteger RandomStream::below(const BigInteger& bound) {
  const unsigned width = static_cast<unsigned>(msb(bound)) + 1;
  BigInteger draw;
  do {
    draw = 0;
    unsigned have = 0;
    for (; have < width; have += 64) {
      draw <<= 64;
      draw += bits();
    }
    draw >>= have - width;
  } while (draw >= bound);
  return draw;
}

}  // namespace hullscan::detail
