#include "dft_adapters/vasp/incar_tags.hpp"

#include <algorithm>
#include <map>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

using Kinds = std::map<std::string, TagKind, std::less<>>;

constexpr std::string_view kNumberTags =
    "AEXX AGGAC AGGAX ALDAC ALDAX AMIN AMIX AMIX_MAG BMIX BMIX_MAG BPARAM DEPER EBREAK EDIFF EDIFFG EFIELD EMAX EMIN "
    "ENAUG ENCUT ENCUTFOCK ENCUTGW ENINI EPSILON HFRCUT HFSCREEN IALGO IBRION ICHARG IDIPOL IMIX INIMIX INIWAV "
    "ISEARCH ISIF ISMEAR ISPIN ISTART ISYM IVDW IVDW_NL KERNEL_TRUNCATION KPAR KSPACING LAMBDA LDAUPRINT LDAUTYPE "
    "LMAXFOCK LMAXFOCKAE LMAXMIX LMAXPAW LMAXTAU LORBIT MAXMIX MIXPRE NBANDS NCORE NELECT NELM NELMDL NELMIN NGX "
    "NGXF "
    "NGY NGYF NGZ NGZF NKRED NKREDX NKREDY NKREDZ NPAR NSIM NSW NUPDOWN NWRITE PARAM1 PARAM2 POTIM PSTRESS SCALEE "
    "SIGMA SMASS SYMPREC TIME VDW_A1 VDW_A2 VDW_CNRADIUS VDW_D VDW_KERNEL VDW_RADIUS VDW_S6 VDW_S8 VDW_SCALING "
    "VDW_SR "
    "WEIMIN ZAB_VDW";
constexpr std::string_view kNumbersTags =
    "CMBJ DIPOL FERDO FERWE LDAUJ LDAUL LDAUU MAGMOM RANDOM_SEED ROPT RWIGS SAXIS VDW_ALPHA VDW_C6 VDW_R0";
constexpr std::string_view kLogicalTags =
    "ADDGRID GGA_COMPAT KGAMMA LAECHG LASPH LCHARG LDAU LDIPOL LELF LHFCALC LMIXTAU LNONCOLLINEAR LOPTICS LPARD "
    "LPLANE LSCALAPACK LSCALU LSOL LSORBIT LSUBROT LTRUNCATE LUSE_VDW LVDW LVHAR LVTOT LWAVE";
constexpr std::string_view kWordTags = "ALGO GGA LREAL METAGGA PREC PRECFOCK";
/// Tags of runs that hullscan judges and does not start; a campaign may not use them.
constexpr std::string_view kNumberTagsOfOthers =
    "ENMAX IMAGES IOPT MDALGO NEDOS NFREE OMEGAMAX SPRING "
    "TEBEG TEEND";
constexpr std::string_view kLogicalTagsOfOthers = "LCLIMB LEPSILON LPEAD LRPA ML_LMLFF";

const Kinds& kinds(bool of_others) {
  static const auto make = [](bool others) {
    Kinds table;
    const auto add = [&](std::string_view tags, TagKind kind) {
      for (const std::string& tag : detail::words(tags)) table[tag] = kind;
    };
    add(others ? kNumberTagsOfOthers : kNumberTags, TagKind::kNumber);
    add(others ? kLogicalTagsOfOthers : kLogicalTags, TagKind::kLogical);
    if (others) return table;
    add(kNumbersTags, TagKind::kNumbers);
    add(kWordTags, TagKind::kWord);
    add("SYSTEM", TagKind::kText);
    return table;
  };
  static const Kinds kCampaign = make(false), kOthers = make(true);
  return of_others ? kOthers : kCampaign;
}

}  // namespace

TagKind kind_of(std::string_view tag) {
  for (const bool of_others : {false, true}) {
    const auto found = kinds(of_others).find(tag);
    if (found != kinds(of_others).end()) return found->second;
  }
  // Inside a block the last part is a tag like any other: KERNEL_TRUNCATION/LTRUNCATE.
  const std::size_t stroke = tag.rfind('/');
  return stroke == std::string_view::npos ? TagKind::kUnknown : kind_of(tag.substr(stroke + 1));
}

const std::vector<std::string>& known_tags() {
  static const std::vector<std::string> kTags = [] {
    std::vector<std::string> tags;
    for (const auto& [tag, kind] : kinds(false)) tags.push_back(tag);
    return tags;
  }();
  return kTags;
}

std::string where_to_say(const std::string& tag) {
  if (tag == "MAGMOM") return "magmom = { Ni = 5.0 }";
  if (tag == "LDAU" || tag == "LDAUU" || tag == "LDAUJ" || tag == "LDAUL" || tag == "LDAUTYPE")
    return "hubbard_u = { Ni = 6.2 }";
  if (tag == "RWIGS" || tag == "FERWE" || tag == "FERDO" || tag == "VDW_C6" || tag == "VDW_R0" || tag == "NUPDOWN" ||
      tag == "NELECT")
    return "nothing here, and leave the tag out";
  return "";
}

}  // namespace hullscan::vasp
