#include "dft_adapters/vasp/incar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string normalised_word(const std::string& word) {
  const std::string upper = upper_case(word);
  if (upper == "T" || upper == ".T." || upper == ".TRUE." || upper == "TRUE") return ".TRUE.";
  if (upper == "F" || upper == ".F." || upper == ".FALSE." || upper == "FALSE") return ".FALSE.";
  if (const auto number = detail::to_number(word)) return fmt::format("{}", *number);
  return word;
}

void take_assignment(const std::string& text, std::size_t line, Incar& incar, std::vector<std::string>& problems) {
  const std::string plain = detail::trimmed(text);
  if (plain.empty()) return;
  const std::size_t equals = plain.find('=');
  const std::string tag = upper_case(detail::trimmed(plain.substr(0, equals)));
  if (equals == std::string::npos || tag.empty() || tag.find(' ') != std::string::npos) {
    problems.push_back(fmt::format("{}: expected TAG = value, found \"{}\"", line, plain.substr(0, 60)));
    return;
  }
  const std::string value = normalised_value(plain.substr(equals + 1));
  if (value.empty()) problems.push_back(fmt::format("{}: {}: expected a value, found none", line, tag));
  if (incar.contains(tag)) problems.push_back(fmt::format("{}: {}: given twice", line, tag));
  incar[tag] = value;
}

}  // namespace

std::string normalised_value(std::string_view value) {
  std::string plain = detail::trimmed(value);
  if (plain.size() >= 2 && (plain.front() == '"' || plain.front() == '\'') && plain.back() == plain.front())
    plain = detail::trimmed(std::string_view(plain).substr(1, plain.size() - 2));
  std::string joined;
  for (const std::string& word : detail::words(plain)) joined += (joined.empty() ? "" : " ") + normalised_word(word);
  return joined;
}

Incar parse_incar(std::string_view text, std::vector<std::string>& problems) {
  Incar incar;
  const auto all = detail::lines(text);
  std::string pending;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string line = detail::trimmed(std::string_view(all[i]).substr(0, all[i].find_first_of("#!")));
    const bool goes_on = !line.empty() && line.back() == '\\';
    if (goes_on) line.pop_back();
    pending += line + " ";
    if (goes_on && i + 1 < all.size()) continue;
    for (const std::string& part : detail::split(pending, ';')) take_assignment(part, i + 1, incar, problems);
    pending.clear();
  }
  return incar;
}

std::string incar_text(const Incar& incar, const std::string& title) {
  std::string text = fmt::format("SYSTEM = {}\n", title);
  for (const auto& [tag, value] : incar) {
    if (tag != "SYSTEM") text += fmt::format("{} = {}\n", tag, value);
  }
  return text;
}

const std::vector<std::string>& known_tags() {
  static const std::vector<std::string> kTags = detail::words(
      "ADDGRID AEXX AGGAC AGGAX ALDAC ALDAX ALGO AMIN AMIX AMIX_MAG BMIX BMIX_MAG BPARAM CMBJ DEPER DIPOL EBREAK "
      "EDIFF "
      "EDIFFG EFIELD EMAX EMIN ENAUG ENCUT ENCUTFOCK ENCUTGW ENINI EPSILON FERDO FERWE GGA GGA_COMPAT HFRCUT "
      "HFSCREEN "
      "IALGO IBRION ICHARG IDIPOL IMIX INIMIX INIWAV ISEARCH ISIF ISMEAR ISPIN ISTART ISYM IVDW IVDW_NL "
      "KERNEL_TRUNCATION KGAMMA KPAR "
      "KSPACING LAECHG LAMBDA LASPH LCHARG LDAU LDAUJ LDAUL LDAUPRINT LDAUTYPE LDAUU LDIPOL LELF LHFCALC LMAXFOCK "
      "LMAXFOCKAE LMAXMIX LMAXPAW LMAXTAU LMIXTAU LNONCOLLINEAR LOPTICS LORBIT LPARD LPLANE LREAL LSCALAPACK LSCALU "
      "LSOL LSORBIT LSUBROT LTRUNCATE LUSE_VDW LVDW LVHAR LVTOT LWAVE MAGMOM MAXMIX METAGGA MIXPRE NBANDS NCORE "
      "NELECT NELM NELMDL NELMIN NGX NGXF NGY NGYF NGZ NGZF NKRED NKREDX NKREDY NKREDZ NPAR NSIM NSW NUPDOWN NWRITE "
      "PARAM1 PARAM2 POTIM PREC PRECFOCK PSTRESS RANDOM_SEED ROPT RWIGS SAXIS SCALEE SIGMA SMASS SYMPREC SYSTEM TIME "
      "VDW_A1 VDW_A2 VDW_ALPHA VDW_C6 VDW_CNRADIUS VDW_D VDW_KERNEL VDW_R0 VDW_RADIUS VDW_S6 VDW_S8 VDW_SCALING "
      "VDW_SR "
      "WEIMIN ZAB_VDW");
  return kTags;
}

std::string where_to_say(const std::string& tag) {
  if (tag == "MAGMOM") return "magmom = { Ni = 5.0 }";
  if (tag == "LDAU" || tag == "LDAUU" || tag == "LDAUJ" || tag == "LDAUL" || tag == "LDAUTYPE")
    return "hubbard_u = { Ni = 6.2 }";
  if (tag == "RWIGS" || tag == "FERWE" || tag == "FERDO" || tag == "VDW_C6" || tag == "VDW_R0" || tag == "NUPDOWN" ||
      tag == "NELECT")
    return "nothing: its value depends on the structure";
  return "";
}

}  // namespace hullscan::vasp
