#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "dft_adapters/qe/output_text.hpp"
#include "dft_adapters/qe/output_xml.hpp"
#include "dft_adapters/qe/pseudopotential.hpp"
#include "qe_code.hpp"
#include "recorded_outputs.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

std::vector<std::string> recorded_files(const std::string& extension) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(recorded())) {
    if (entry.path().extension() == extension) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Some bits turned, at places drawn by the property.
std::string with_flipped_bits(std::string text) {
  const int flips = *rc::gen::inRange(1, 20);
  for (int i = 0; i < flips && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1u << *rc::gen::inRange(0, 8)));
  }
  return text;
}

}  // namespace

TEST_CASE("an output cut anywhere before its end marker is never accepted and never throws", "[dft_adapters][qe]") {
  for (const char* name :
       {"good_scf_al", "good_vcrelax_al", "good_relax_si", "good_scf_mpi2", "restart_after_term_midopt"}) {
    TemporaryDirectory dir;
    lay_out({name, "0", "1", "", ""}, dir.path());
    const std::string whole = text_of(dir.path() / "pw.out");
    const std::size_t marker = whole.rfind("JOB DONE.");
    REQUIRE(marker != std::string::npos);

    for (int i = 0; i < 60; ++i) {
      const std::size_t length = (marker + 8) * static_cast<std::size_t>(i) / 59;
      write_text(dir.path() / "pw.out", whole.substr(0, length));
      INFO(name << " cut at " << length);

      CHECK(std::holds_alternative<DftFailure>(qe_code().read_outputs(dir.path())));
    }
  }
}

TEST_CASE("an XML file cut anywhere is never accepted and never throws", "[dft_adapters][qe]") {
  for (const char* name : {"good_scf_al", "good_vcrelax_al"}) {
    TemporaryDirectory dir;
    lay_out({name, "0", "1", "", ""}, dir.path());
    const fs::path xml = dir.path() / "scratch" / name / (std::string(name) + ".xml");
    const std::string whole = text_of(xml);
    const std::size_t end = whole.rfind("</qes:espresso>");
    REQUIRE(end != std::string::npos);

    for (int i = 0; i < 80; ++i) {
      const std::size_t length = (end + 14) * static_cast<std::size_t>(i) / 79;
      write_text(xml, whole.substr(0, length));
      INFO(name << " cut at " << length);

      CHECK(std::holds_alternative<DftFailure>(qe_code().read_outputs(dir.path())));
    }
  }
}

TEST_CASE("any recorded output can be cut and bent without throwing", "[dft_adapters][qe][property]") {
  const auto outputs = recorded_files(".out");
  REQUIRE(outputs.size() > 20);

  CHECK(rc::check("text", [&] {
    const std::string text = text_of(*rc::gen::elementOf(outputs));
    const std::string bent = with_flipped_bits(text.substr(0, *rc::gen::inRange<std::size_t>(0, text.size() + 1)));
    const auto output = qe::parse_output_text(bent);
    RC_ASSERT(!output.last_structure || output.last_structure->atom_count() > 0);
    (void)qe::parse_crash(bent);
    (void)qe::parse_request(bent);
    std::string problem;
    (void)qe::parse_upf_header(bent, problem);
  }));
}

TEST_CASE("any recorded XML can be bent without throwing", "[dft_adapters][qe][property]") {
  const auto files = recorded_files(".xml");
  TemporaryDirectory dir;

  CHECK(rc::check("xml", [&] {
    write_text(dir.path() / "bent.xml", with_flipped_bits(text_of(*rc::gen::elementOf(files))));
    std::string problem;
    const auto read = qe::read_output_xml(dir.path() / "bent.xml", problem);
    RC_ASSERT(read.has_value() || !problem.empty());
  }));
}

TEST_CASE("any recorded input can be bent without throwing", "[dft_adapters][qe][property]") {
  const auto inputs = recorded_files(".in");

  CHECK(rc::check("input", [&] { (void)qe::parse_request(with_flipped_bits(text_of(*rc::gen::elementOf(inputs)))); }));
}

TEST_CASE("a whole calculation with bent files is judged without throwing", "[dft_adapters][qe][property]") {
  TemporaryDirectory dir;
  lay_out({"good_vcrelax_al", "0", "1", "", ""}, dir.path());
  const std::vector<std::string> files = {"pw.in", "pw.out", "scratch/good_vcrelax_al/good_vcrelax_al.xml"};

  CHECK(rc::check("directory", [&] {
    const fs::path file = dir.path() / *rc::gen::elementOf(files);
    const std::string whole = text_of(file);
    write_text(file, with_flipped_bits(whole));
    (void)qe_code().read_outputs(dir.path());
    (void)qe_code().read_path(dir.path());
    write_text(file, whole);
  }));
}
