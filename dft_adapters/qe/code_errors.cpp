#include "dft_adapters/qe/code_errors.hpp"

#include <string_view>

namespace hullscan::qe {
namespace {

struct Signature {
  std::string_view routine;  ///< "" = any
  std::string_view message;  ///< part of it; "" = any
  FailureKind kind;
};

/// The first that fits counts. Measured with pw.x 6.7, the rest from its sources.
constexpr Signature kSignatures[] = {
    {"readpp", "not found", FailureKind::kMissingPseudopotential},
    {"readpp", "", FailureKind::kInputRefused},
    {"read_conf_from_file", "", FailureKind::kRestartUnreadable},
    {"", "fatal error reading xml file", FailureKind::kRestartUnreadable},
    {"", "smearing is needed", FailureKind::kNeedsSmearing},
    // The plane waves of the first cell no longer describe the cell that it has become.
    {"electrons", "charge is wrong", FailureKind::kIonicNotConverged},
    {"check_tempdir", "", FailureKind::kDiskTrouble},
    {"davcio", "", FailureKind::kDiskTrouble},
    {"", "error while reading from file", FailureKind::kDiskTrouble},
    {"diropn", "", FailureKind::kDiskTrouble},
    {"", "error writing", FailureKind::kDiskTrouble},
    {"", "error while writing", FailureKind::kDiskTrouble},
    {"", "problems computing cholesky", FailureKind::kDiagonalisation},
    {"", "S matrix not positive definite", FailureKind::kDiagonalisation},
    {"", "too many bands are not converged", FailureKind::kDiagonalisation},
    {"", "eigenvectors failed to converge", FailureKind::kDiagonalisation},
    {"cdiaghg", "", FailureKind::kDiagonalisation},
    {"rdiaghg", "", FailureKind::kDiagonalisation},
    {"laxlib", "", FailureKind::kDiagonalisation},
    {"", "diagonalization (ZHEGV", FailureKind::kDiagonalisation},
    {"", "diagonalization (DSYGV", FailureKind::kDiagonalisation},
    {"ppcg", "zhegvd failed", FailureKind::kDiagonalisation},
    {"ppcg", "dsygvd failed", FailureKind::kDiagonalisation},
    {"zhegvd", "", FailureKind::kDiagonalisation},
    {"", "Cholesky failed in invchol", FailureKind::kDiagonalisation},
    {"", "inversion failed in invchol", FailureKind::kDiagonalisation},
    {"gram_schmidt", "vectors are linear dependent", FailureKind::kDiagonalisation},
    {"broyden", "", FailureKind::kDiagonalisation},
    {"", "radial FFT", FailureKind::kIonicNotConverged},
    {"bfgs", "history already reset at previous step", FailureKind::kIonicNotConverged},
    {"checkallsym", "", FailureKind::kIonicNotConverged},  // a relaxed cell of another symmetry
    {"read_namelists", "", FailureKind::kInputRefused},
    {"read_cards", "", FailureKind::kInputRefused},
    {"card_", "", FailureKind::kInputRefused},
    {"iosys", "", FailureKind::kInputRefused},
    {"check_atoms", "", FailureKind::kInputRefused},
    {"set_dft_from_name", "", FailureKind::kInputRefused},
    {"invmat", "", FailureKind::kInputRefused},
    {"memory_report", "", FailureKind::kInputRefused},
    {"", "conflicting values for", FailureKind::kInputRefused},
    {"", "more bands than PWs", FailureKind::kInputRefused},
    {"", "too few bands", FailureKind::kInputRefused},
    {"", "some nodes have no k-points", FailureKind::kInputRefused},
    {"", "G_par is NOT a reciprocal lattice vector", FailureKind::kInputRefused},
    {"", "not orthogonal operation", FailureKind::kInputRefused},
    {"", "dexx is negative", FailureKind::kInputRefused},
    {"mp_start_pools", "", FailureKind::kInputRefused},
    {"mp_bands", "", FailureKind::kInputRefused},
    {"", "invalid number of pools", FailureKind::kInputRefused},
};

}  // namespace

FailureKind kind_of(const CodeError& error) {
  for (const Signature& signature : kSignatures) {
    if (error.routine.find(signature.routine) != std::string::npos &&
        error.message.find(signature.message) != std::string::npos) {
      return signature.kind;
    }
  }
  return FailureKind::kCrashed;
}

std::vector<std::string> known_messages() {
  std::vector<std::string> messages;
  for (const Signature& signature : kSignatures) {
    if (!signature.message.empty()) messages.emplace_back(signature.message);
  }
  return messages;
}

}  // namespace hullscan::qe
