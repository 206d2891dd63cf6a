#include "dft_adapters/vasp/code_errors.hpp"

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

using How = Change::How;
using Kind = FailureKind;

const Rung kGaussian = {"vasp-gaussian-smearing",
                        1,
                        {{How::kSet, "ISMEAR", "0"}, {How::kSet, "SIGMA", "0.05"}},
                        false,
                        "Gaussian smearing of 0.05 eV instead of tetrahedra"};
const Rung kGamma = {"vasp-gamma-centred", 1, {{How::kSet, "@gamma", "1"}}, false, "k-points centred at Gamma"};
const Rung kFineSymmetry = {"vasp-symprec-1e-6", 1, {{How::kSet, "SYMPREC", "1e-06"}}, false, "SYMPREC = 1e-6"};
const Rung kCoarseSymmetry = {"vasp-symprec-1e-4", 1, {{How::kSet, "SYMPREC", "0.0001"}}, false, "SYMPREC = 1e-4"};
const Rung kFinestSymmetry = {"vasp-symprec-1e-8", 1, {{How::kSet, "SYMPREC", "1e-08"}}, false, "SYMPREC = 1e-8"};
const Rung kNoSymmetry = {"vasp-no-symmetry", 1, {{How::kSet, "ISYM", "0"}}, false, "without symmetry: ISYM = 0"};
const Rung kReciprocal = {"vasp-reciprocal-projection",
                          1,
                          {{How::kSet, "LREAL", ".FALSE."}},
                          false,
                          "projection in reciprocal space: LREAL = .FALSE."};
const Rung kAlgoNormal = {"vasp-algo-normal", 1, {{How::kSet, "ALGO", "Normal"}}, false, "ALGO = Normal"};
const Rung kAlgoAll = {"vasp-algo-all", 1, {{How::kSet, "ALGO", "All"}}, false, "all bands at once: ALGO = All"};
const Rung kAlgoExact = {"vasp-algo-exact", 1, {{How::kSet, "ALGO", "Exact"}}, false, "ALGO = Exact"};
const Rung kHalfStep = {"vasp-half-potim", 1, {{How::kScale, "POTIM", "0.5", "0.5"}}, true, "half the step: POTIM"};
const Rung kQuasiNewton = {"vasp-ibrion-1", 1, {{How::kSet, "IBRION", "1"}}, true, "quasi-Newton: IBRION = 1"};
const Rung kOneCore = {"vasp-ncore-1", 1, {{How::kSet, "NCORE", "1"}, {How::kErase, "NPAR", ""}}, false, "NCORE = 1"};
const Rung kAgain = {"vasp-same-again", 1, {}, true, "the same once more"};

std::vector<KnownError> errors() {
  return {
      // Nothing helps: the input or the potential is wrong.
      {"incar", {"Error reading item", "ERROR: there must be 1 or 3 items on line"}, Kind::kInputRefused, {}},
      {"core_wave_functions", {"internal error in SET_CORE_WF"}, Kind::kMissingPseudopotential, {}},
      {"harris", {"Harris functional must not be used", "ERROR: non-selfconsistent"}, Kind::kInputRefused, {}},
      {"triple_product", {"triple product of the basis vectors"}, Kind::kInputRefused, {}},
      // Symmetry and k-points.
      {"tetrahedra",
       {"Tetrahedron method fails", "Fatal error detecting k-mesh", "Fatal error: unable to match k-point",
        "Routine TETIRR needs special values", "BZINTS"},
       Kind::kInputRefused,
       {kGamma, kGaussian}},
      {"dentet", {"DENTET"}, Kind::kInputRefused, {kGamma, kGaussian}},
      {"shifts", {"Could not get correct shifts"}, Kind::kInputRefused, {kGamma}},
      {"bravais", {"Inconsistent Bravais lattice types"}, Kind::kInputRefused, {kFineSymmetry, kNoSymmetry}},
      {"rotation_matrix", {"rotation matrix was not found"}, Kind::kInputRefused, {kFinestSymmetry, kNoSymmetry}},
      {"point_group",
       {"group operation missing", "not integer symmetry operations"},
       Kind::kInputRefused,
       {kFinestSymmetry, kNoSymmetry}},
      {"rhosyg", {"RHOSYG internal error", "RHOSYG"}, Kind::kCrashed, {kCoarseSymmetry, kNoSymmetry}},
      {"posmap", {"POSMAP internal error", "POSMAP"}, Kind::kCrashed, {kFineSymmetry, kCoarseSymmetry, kNoSymmetry}},
      {"pricel", {"internal error in subroutine PRICEL"}, Kind::kCrashed, {kFinestSymmetry, kNoSymmetry}},
      // Mixing and diagonalisation.
      {"brmix",
       {"BRMIX: very serious problems"},
       Kind::kDiagonalisation,
       {{"vasp-kerker-mixing", 1, {{How::kSet, "IMIX", "1"}}, false, "Kerker mixing: IMIX = 1"},
        kGamma,
        kNoSymmetry}},
      {"subspace", {"Sub-Space-Matrix is not hermitian"}, Kind::kDiagonalisation, {kReciprocal, kAlgoNormal}},
      {"rspher", {"ERROR RSPHER"}, Kind::kDiagonalisation, {kReciprocal}},
      {"real_optlay",
       {"REAL_OPTLAY: internal error", "REAL_OPT: internal ERROR"},
       Kind::kDiagonalisation,
       {kReciprocal}},
      {"nicht_konv", {"ERROR: SBESSELITER : nicht konvergent"}, Kind::kDiagonalisation, {kReciprocal}},
      {"edddav", {"Error EDDDAV: Call to ZHEGV failed"}, Kind::kDiagonalisation, {kAlgoAll, kOneCore}},
      {"eddrmm", {"WARNING in EDDRMM: call to ZHEGV failed"}, Kind::kDiagonalisation, {kAlgoNormal, kHalfStep}},
      {"zheev", {"EDDIAG: Call to routine ZHEEV failed"}, Kind::kDiagonalisation, {kAlgoNormal, kAlgoExact}},
      {"subspace_rotation",
       {"ERROR in subspace rotation PSSYEVX", "ERROR in subspace rotation PDSYEVX"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kOneCore}},
      {"zpotrf",
       {"LAPACK: Routine ZPOTRF failed", "Routine ZPOTRF ZTRTRI"},
       Kind::kDiagonalisation,
       {kNoSymmetry, kOneCore, kHalfStep}},
      {"amin",
       {"One of the lattice vectors is very long (>50 A), but AMIN"},
       Kind::kDiagonalisation,
       {{"vasp-amin-0.01", 1, {{How::kSet, "AMIN", "0.01"}}, false, "AMIN = 0.01 for a long cell"}}},
      {"too_few_bands",
       {"TOO FEW BANDS", "Your highest band is occupied at some k-points"},
       Kind::kDiagonalisation,
       {{"vasp-more-bands", 3, {{How::kScaleUp, "NBANDS", "1.1"}}, false, "a tenth more bands"}}},
      {"bands",
       {"number of bands is not sufficient", "ERROR: the number of bands"},
       Kind::kInputRefused,
       {{"vasp-default-bands", 1, {{How::kErase, "NBANDS", ""}}, false, "the default number of bands"}}},
      // Optimisation.
      {"brions",
       {"BRIONS problems: POTIM should be increased"},
       Kind::kIonicNotConverged,
       {{"vasp-larger-potim", 2, {{How::kScale, "POTIM", "1.2", "0.5"}}, true, "a longer step: POTIM"},
        {"vasp-ibrion-2", 1, {{How::kSet, "IBRION", "2"}}, true, "conjugate gradients: IBRION = 2"}}},
      {"zbrent",
       {"ZBRENT: fatal internal in", "ZBRENT: fatal error in bracketing", "ZBRENT: can not reach accuracy"},
       Kind::kIonicNotConverged,
       {{"vasp-tight-electrons",
         1,
         {{How::kSet, "EDIFF", "1e-06"}, {How::kSet, "NELMIN", "8"}},
         true,
         "tighter electronic steps: EDIFF = 1e-6, NELMIN = 8"},
        kQuasiNewton}},
      // The machine and old files.
      {"wavecar", {"ERROR: while reading WAVECAR", "ERROR: while reading plane"}, Kind::kRestartUnreadable, {kAgain}},
      {"memory",
       {"Allocation would exceed memory limit", "insufficient virtual memory", "Out Of Memory"},
       Kind::kCrashed,
       {{"vasp-half-kpar", 2, {{How::kScale, "KPAR", "0.5"}}, true, "half of KPAR"}}},
      {"disk", {"No space left on device", "Disk quota exceeded"}, Kind::kDiskTrouble, {}},
  };
}

}  // namespace

std::span<const KnownError> known_errors() {
  static const std::vector<KnownError> kErrors = errors();
  return kErrors;
}

const KnownError* find_error(std::string_view text) {
  for (const KnownError& error : known_errors()) {
    for (const std::string_view signature : error.signatures) {
      if (text.find(signature) != std::string_view::npos) return &error;
    }
  }
  return nullptr;
}

std::string line_of(std::string_view text, const KnownError& error) {
  for (const std::string_view signature : error.signatures) {
    const std::size_t at = text.find(signature);
    if (at == std::string_view::npos) continue;
    const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 = 0
    return detail::trimmed(text.substr(begin, text.find('\n', at) - begin)).substr(0, 300);
  }
  return "";
}

const std::vector<Rung>& ladder_of(FailureKind kind) {
  static const std::vector<Rung> kElectronic = {
      kAlgoNormal,
      {"vasp-slow-mixing",
       1,
       {{How::kSet, "ALGO", "Normal"},
        {How::kSet, "AMIX", "0.1"},
        {How::kSet, "BMIX", "0.01"},
        {How::kSet, "NELM", "200"}},
       true,
       "slow mixing: AMIX = 0.1, BMIX = 0.01"},
      {"vasp-algo-all",
       1,
       {{How::kSet, "ALGO", "All"}, {How::kErase, "AMIX", ""}, {How::kErase, "BMIX", ""}},
       true,
       "all bands at once: ALGO = All"}};
  static const std::vector<Rung> kIonic = {{"vasp-continue-ionic", 2, {}, true, "on from the last structure"},
                                           kQuasiNewton,
                                           {"vasp-continue-quasi-newton", 1, {}, true, "on from the last structure"}};
  static const std::vector<Rung> kTime = {{"vasp-continue-after-time", 3, {}, true, "on from the last structure"}};
  static const std::vector<Rung> kOnce = {kAgain};
  static const std::vector<Rung> kNone;
  switch (kind) {
    case FailureKind::kElectronicNotConverged:
      return kElectronic;
    case FailureKind::kIonicNotConverged:
      return kIonic;
    case FailureKind::kStoppedByTime:
    case FailureKind::kTimeLimit:
      return kTime;
    case FailureKind::kStoppedByUser:
    case FailureKind::kTruncated:
    case FailureKind::kNotStarted:
    case FailureKind::kRestartUnreadable:
    case FailureKind::kHung:
      return kOnce;
    case FailureKind::kDiagonalisation:
    case FailureKind::kInputRefused:
    case FailureKind::kMissingPseudopotential:
    case FailureKind::kNeedsSmearing:
    case FailureKind::kRequestNotEchoed:
    case FailureKind::kUnphysical:
    case FailureKind::kDiskTrouble:
    case FailureKind::kCrashed:
      return kNone;
  }
  return kNone;
}

}  // namespace hullscan::vasp
