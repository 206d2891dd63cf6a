/// @file
/// The same parsers under Clang's libFuzzer; the environment says which: HULLSCAN_FUZZ_PARSER=cif fuzz_parsers
/// corpus/cif

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "core/log.hpp"
#include "parser.hpp"

namespace {

const hullscan::fuzz::Parser* parser = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("HULLSCAN_FUZZ_PARSER");
  parser = hullscan::fuzz::find_parser(name == nullptr ? "" : name);
  if (parser == nullptr) {
    std::fprintf(stderr, "HULLSCAN_FUZZ_PARSER must be one of:\n");
    for (const auto* known : hullscan::fuzz::all_parsers()) std::fprintf(stderr, "  %s\n", known->name);
    std::exit(2);
  }
  hullscan::set_log_level(hullscan::LogLevel::kError);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)hullscan::fuzz::read_one(*parser, {reinterpret_cast<const char*>(bytes), size});
  return 0;
}
