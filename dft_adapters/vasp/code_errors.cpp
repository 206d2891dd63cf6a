#include "dft_adapters/vasp/code_errors.hpp"

#include <cctype>

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
const Rung kAlgoFast = {"vasp-algo-fast", 1, {{How::kSet, "ALGO", "Fast"}}, false, "ALGO = Fast"};
const Rung kAlgoAll = {"vasp-algo-all", 1, {{How::kSet, "ALGO", "All"}}, false, "all bands at once: ALGO = All"};
const Rung kAlgoExact = {"vasp-algo-exact", 1, {{How::kSet, "ALGO", "Exact"}}, false, "ALGO = Exact"};
const Rung kHalfStep = {"vasp-half-potim", 1, {{How::kScale, "POTIM", "0.5", "0.5"}}, true, "half the step: POTIM"};
const Rung kQuasiNewton = {"vasp-ibrion-1", 1, {{How::kSet, "IBRION", "1"}}, true, "quasi-Newton: IBRION = 1"};
const Rung kOneCore = {"vasp-ncore-1", 1, {{How::kSet, "NCORE", "1"}, {How::kErase, "NPAR", ""}}, false, "NCORE = 1"};
const Rung kAgain = {"vasp-same-again", 1, {}, true, "the same once more"};

std::vector<KnownError> input_errors() {
  return {
      // Nothing helps: the input or the potential is wrong.
      {"incar",
       {"Error reading item", "there must be 1 or 3 items on line", "No INCAR found, STOPPING",
        "number of potentials on File POTCAR incompatible with number of species"},
       Kind::kInputRefused,
       {}},
      {"core_wave_functions", {"internal error in SET_CORE_WF"}, Kind::kMissingPseudopotential, {}},
      {"triple_product", {"triple product of the basis vectors"}, Kind::kInputRefused, {}},
      {"harris",
       {"Spin polarized Harris functional dynamics is a good joke"},
       Kind::kInputRefused,
       {{"vasp-own-density", 1, {{How::kErase, "ICHARG", ""}}, false, "a self-consistent density: without ICHARG"}}},
      {"bands",
       {"number of bands is not sufficient to hold all electrons"},
       Kind::kInputRefused,
       {{"vasp-default-bands", 1, {{How::kErase, "NBANDS", ""}}, false, "the default number of bands"}}},
  };
}

std::vector<KnownError> symmetry_errors() {
  return {
      {"k_mesh",
       {"Fatal error detecting k-mesh", "Fatal error: unable to match k-point"},
       Kind::kInputRefused,
       {kFineSymmetry, kNoSymmetry}},
      {"tetrahedra",
       {"Tetrahedron method fails", "Routine TETIRR needs special values",
        "linear tetrahedron method can not be used with the KPOINTS file"},
       Kind::kInputRefused,
       {kGamma, kGaussian}},
      {"dentet", {"DENTET: can't reach specified precision"}, Kind::kInputRefused, {kGamma, kGaussian}, true},
      {"shifts", {"Could not get correct shifts"}, Kind::kInputRefused, {kGamma}},
      {"k_lattice",
       {"k-point generating vectors and reciprocal lattice are incommensurate",
        "k-point generating lattice and reciprocal lattice incommensurate", "HNFORM: k-point generating"},
       Kind::kInputRefused,
       {kFineSymmetry, kGamma, kNoSymmetry}},
      {"k_symmetry",
       {"not all point group operations associated with the symmetry"},
       Kind::kInputRefused,
       {kFineSymmetry, kGamma, kNoSymmetry}},
      {"k_stars",
       {"number of G-vector changed in star", "GENERATE_KPOINTS_TRANS: G vector not found"},
       Kind::kCrashed,
       {kFineSymmetry, kGamma, kNoSymmetry}},
      // The lattice types are compared without symmetry too: SYMPREC has to change.
      {"bravais",
       {"Inconsistent Bravais lattice types"},
       Kind::kInputRefused,
       {kFineSymmetry, kCoarseSymmetry, kNoSymmetry}},
      {"rotation_matrix", {"rotation matrix was not found"}, Kind::kInputRefused, {kFinestSymmetry, kNoSymmetry}},
      {"rotation_elements",
       {"internal error in subroutine SGRCON", "Found some non-integer element in rotation matrix"},
       Kind::kInputRefused,
       {kFineSymmetry, kGamma, kNoSymmetry}},
      {"point_group",
       {"point group operation missing", "not integer symmetry operations"},
       Kind::kInputRefused,
       {kFinestSymmetry, kNoSymmetry}},
      {"rhosyg", {"RHOSYG internal error", "stars are not distinct"}, Kind::kCrashed, {kCoarseSymmetry, kNoSymmetry}},
      {"posmap",
       {"POSMAP internal error", "symmetry equivalent atom not found"},
       Kind::kCrashed,
       {kFineSymmetry, kCoarseSymmetry, kNoSymmetry}},
      {"pricelv",
       {"PRICELV: current lattice and primitive lattice are incommensurate"},
       Kind::kCrashed,
       {kFineSymmetry, kCoarseSymmetry, kNoSymmetry}},
      {"pricel", {"internal error in subroutine PRICEL"}, Kind::kCrashed, {kFinestSymmetry, kNoSymmetry}},
      {"symmetry_noise",
       {"determination of the symmetry of your systems shows a strong"},
       Kind::kCrashed,
       {kFineSymmetry, kNoSymmetry},
       true},
  };
}

std::vector<KnownError> electronic_errors() {
  return {
      {"brmix",
       {"BRMIX: very serious problems"},
       Kind::kDiagonalisation,
       {{"vasp-kerker-mixing", 1, {{How::kSet, "IMIX", "1"}}, false, "Kerker mixing: IMIX = 1"}, kGamma, kNoSymmetry},
       true},
      {"subspace", {"Sub-Space-Matrix is not hermitian"}, Kind::kDiagonalisation, {kReciprocal, kAlgoNormal}, true},
      {"rspher", {"ERROR RSPHER", "RSPHER: internal ERROR"}, Kind::kDiagonalisation, {kReciprocal}},
      {"real_optlay",
       {"REAL_OPTLAY: internal error", "REAL_OPT: internal ERROR"},
       Kind::kDiagonalisation,
       {kReciprocal}},
      {"nicht_konv", {"ERROR: SBESSELITER : nicht konvergent"}, Kind::kDiagonalisation, {kReciprocal}},
      {"edddav", {"Error EDDDAV: Call to ZHEGV failed"}, Kind::kDiagonalisation, {kAlgoAll, kOneCore}},
      {"eddrmm",
       {"WARNING in EDDRMM: call to ZHEGV failed", "WARNING in EDDRMM: call to GGEEV failed"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kHalfStep},
       true},
      {"zheev",
       {"EDDIAG: Call to routine ZHEEV failed", "ERROR in EDDIAG: call to ZHEEV/ZHEEVX/DSYEV/DSYEVX failed"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kAlgoExact}},
      {"subspace_rotation",
       {"ERROR in subspace rotation PSSYEVX", "ERROR in subspace rotation PDSYEVX",
        "ERROR in subspace rotation PZHEEVX"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kOneCore}},
      {"gradient",
       {"EDWAV: internal error, the gradient is not orthogonal"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kAlgoFast}},
      {"algo_tetrahedra",
       {"ALGO=A and IALGO=5X tend to fail with the tetrahedron method", "ALGO=A and IALGO=5X tend to fail"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kGaussian},
       true},
      {"commutator",
       {"LRF_COMMUTATOR internal error"},
       Kind::kDiagonalisation,
       {{"vasp-lpead", 1, {{How::kSet, "LPEAD", ".TRUE."}}, false, "derivatives by finite differences: LPEAD"}},
       true},
      {"zpotrf",
       {"LAPACK: Routine ZPOTRF failed", "Routine ZPOTRF ZTRTRI"},
       Kind::kDiagonalisation,
       {kNoSymmetry, kOneCore, kHalfStep}},
      {"exchange_table",
       {"supplied exchange-correlation table is too small", "supplied Exchange-correletion table is too small"},
       Kind::kDiagonalisation,
       {kAlgoNormal, kHalfStep}},
      {"augmentation", {"internal ERROR SETYLM_AUG"}, Kind::kCrashed, {kHalfStep}},
      {"amin",
       {"One of the lattice vectors is very long (>50 A), but AMIN"},
       Kind::kDiagonalisation,
       {{"vasp-amin-0.01", 1, {{How::kSet, "AMIN", "0.01"}}, false, "AMIN = 0.01 for a long cell"}},
       true},
      {"too_few_bands",
       {"you have included TOO FEW BANDS", "TOO FEW BANDS", "Your highest band is occupied at some k-points"},
       Kind::kDiagonalisation,
       {{"vasp-more-bands", 3, {{How::kScaleUp, "NBANDS", "1.1"}}, false, "a tenth more bands"}},
       true},
  };
}

std::vector<KnownError> ionic_and_machine_errors() {
  return {
      {"brions",
       {"BRIONS problems: POTIM should be increased"},
       Kind::kIonicNotConverged,
       {{"vasp-larger-potim", 2, {{How::kScale, "POTIM", "1.2", "0.5"}}, true, "a longer step: POTIM"},
        {"vasp-ibrion-2", 1, {{How::kSet, "IBRION", "2"}}, true, "conjugate gradients: IBRION = 2"}}},
      {"zbrent",
       {"ZBRENT: fatal internal in", "ZBRENT: fatal error in bracketing", "ZBRENT: fatal error: bracketing",
        "ZBRENT: can not reach accuracy"},
       Kind::kIonicNotConverged,
       {{"vasp-tight-electrons",
         1,
         {{How::kSet, "EDIFF", "1e-06"}, {How::kSet, "NELMIN", "8"}},
         true,
         "tighter electronic steps: EDIFF = 1e-6, NELMIN = 8"},
        kQuasiNewton}},
      {"elf_kpar",
       {"ELF: KPAR>1 not implemented"},
       Kind::kInputRefused,
       {{"vasp-kpar-1", 1, {{How::kSet, "KPAR", "1"}}, false, "KPAR = 1"}}},
      {"npar",
       {"remove the tag NPAR from the INCAR file", "PEAD routines do not work for NCORE"},
       Kind::kInputRefused,
       {{"vasp-default-cores",
         1,
         {{How::kErase, "NPAR", ""}, {How::kErase, "NCORE", ""}},
         false,
         "without NPAR and NCORE"}}},
      {"wavecar", {"ERROR: while reading WAVECAR", "ERROR: while reading plane"}, Kind::kRestartUnreadable, {kAgain}},
      {"memory",
       {"Allocation would exceed memory limit", "insufficient virtual memory", "oom-kill event", "oom_kill event",
        "Out Of Memory"},
       Kind::kCrashed,
       {{"vasp-half-kpar", 2, {{How::kScale, "KPAR", "0.5"}}, true, "half of KPAR"}}},
      {"disk",
       {"No space left on device", "Disk quota exceeded", "forrtl: severe (38): error during write"},
       Kind::kDiskTrouble,
       {}},
  };
}

std::vector<KnownError> errors() {
  std::vector<KnownError> all;
  for (auto part : {input_errors(), symmetry_errors(), electronic_errors(), ionic_and_machine_errors()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Without blanks, in small letters.
std::string squeezed(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isspace(letter) == 0) plain += static_cast<char>(std::tolower(letter));
  }
  return plain;
}

struct Signature {
  std::string squeezed;
  const KnownError* error;
};

const std::vector<Signature>& signatures() {
  static const std::vector<Signature> kSignatures = [] {
    std::vector<Signature> all;
    for (const KnownError& error : known_errors()) {
      for (const std::string_view signature : error.signatures) all.push_back({squeezed(signature), &error});
    }
    return all;
  }();
  return kSignatures;
}

}  // namespace

std::span<const KnownError> known_errors() {
  static const std::vector<KnownError> kErrors = errors();
  return kErrors;
}

const KnownError* find_error(std::string_view text) {
  const std::string plain = squeezed(text);
  for (const Signature& one : signatures()) {
    if (plain.find(one.squeezed) != std::string::npos) return one.error;
  }
  return nullptr;
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
