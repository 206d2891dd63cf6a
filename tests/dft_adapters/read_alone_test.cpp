/// @file
/// Calculations of pw.x that are read alone: without all their files, gzipped, and of other versions.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "dft_adapters/qe/code_errors.hpp"
#include "dft_adapters/qe/output_text.hpp"
#include "outcomes.hpp"
#include "qe_code.hpp"
#include "recorded_outputs.hpp"

using namespace hullscan;
using namespace hullscan::test;

namespace {

const std::vector<std::string> kGood = {"good_scf_al", "good_scf_si_insulator", "good_scf_mpi2", "good_relax_si",
                                        "good_vcrelax_al"};

Sample sample(const std::string& name) { return {name, "0", "1", "1", "ok"}; }

/// The text with every line left out that has one of these words.
std::string without_lines(const std::string& text, const std::string& word) {
  std::string kept;
  for (const std::string& line : detail::lines(text)) {
    if (line.find(word) == std::string::npos) kept += line + "\n";
  }
  return kept;
}

/// Every file of a sample laid out, with one file changed.
template <class Change>
void change(const fs::path& file, Change&& how) {
  write_text(file, how(text_of(file)));
}

fs::path xml_in(const fs::path& dir, const std::string& name) {
  const auto request = qe::parse_request(text_of(recorded() / (name + ".in")));
  return dir / request.outdir / (request.prefix + ".xml");
}

}  // namespace

TEST_CASE("an output alone has the energy, structure and forces that its XML has, and says what it lacks",
          "[dft_adapters][qe]") {
  for (const std::string& name : kGood) {
    CAPTURE(name);
    TemporaryDirectory dir;
    write_text(dir.path() / "lonely.out", text_of(recorded() / (name + ".out")));
    const DftConverged whole = converged(qe_code().read_path(recorded() / (name + ".out")));

    const DftConverged alone = converged(qe_code().read_path(dir.path() / "lonely.out"));

    CHECK(whole.missing.empty());
    CHECK_THAT(alone.missing, Catch::Contains("XML file") && Catch::Contains("input file"));
    CHECK(alone.calculation == whole.calculation);
    CHECK(alone.energy_ev == Approx(whole.energy_ev).margin(1e-6));  // 8 digits of Ry are printed
    REQUIRE(alone.structure.atom_count() == whole.structure.atom_count());
    CHECK(alone.structure.species == whole.structure.species);
    CHECK(alone.structure.lattice.volume_cubic_angstrom() ==
          Approx(whole.structure.lattice.volume_cubic_angstrom()).epsilon(1e-5));
    if (whole.forces_ev_per_angstrom && alone.forces_ev_per_angstrom) {
      for (std::size_t i = 0; i < whole.forces_ev_per_angstrom->size(); ++i)
        CHECK(((*whole.forces_ev_per_angstrom)[i] - (*alone.forces_ev_per_angstrom)[i]).norm() < 1e-5);
    }
    if (whole.stress_kbar && alone.stress_kbar)
      CHECK((*whole.stress_kbar - *alone.stress_kbar).cwiseAbs().maxCoeff() < 0.01);  // two digits are printed
  }
}

TEST_CASE("an XML file alone has the energy and says what it lacks", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  write_text(dir.path() / "x.save/data-file-schema.xml", text_of(recorded() / "good_relax_si.xml"));
  const DftConverged whole = converged(qe_code().read_path(recorded() / "good_relax_si.out"));

  for (const fs::path& path : {dir.path() / "x.save", dir.path() / "x.save/data-file-schema.xml"}) {
    const DftConverged alone = converged(qe_code().read_path(path));

    CHECK(alone.energy_ev == whole.energy_ev);
    CHECK_THAT(alone.missing, Catch::Contains("no output"));
  }
  write_text(dir.path() / "cut.xml", text_of(recorded() / "cut_xml_mid.xml"));
  CHECK(failed(qe_code().read_path(dir.path() / "cut.xml")).kind == FailureKind::kTruncated);
}

TEST_CASE("a campaign accepts no result whose XML or input is not there", "[dft_adapters][qe]") {
  for (const std::string& name : kGood) {
    for (const bool input : {false, true}) {
      CAPTURE(name, input);
      TemporaryDirectory dir;
      lay_out(sample(name), dir.path());
      REQUIRE(converged(qe_code().read_outputs(dir.path())).missing.empty());
      fs::remove(input ? dir.path() / "pw.in" : xml_in(dir.path(), name));

      CHECK(std::holds_alternative<DftFailure>(qe_code().read_outputs(dir.path())));
      CHECK_FALSE(converged(qe_code().read_path(dir.path())).missing.empty());
    }
  }
}

TEST_CASE("no recorded calculation that failed is taken for good because its XML is not there", "[dft_adapters][qe]") {
  // What these lack cannot be seen in their text: k-points without the input, files on a full disk.
  const std::set<std::string> invisible = {"bad_nokpts", "bad_diskfull"};
  for (const Sample& one : manifest()) {
    const fs::path out = recorded() / (one.name + ".out");
    if (one.verdict.starts_with("ok") || invisible.contains(one.name) || !fs::exists(out)) continue;
    CAPTURE(one.name);
    TemporaryDirectory dir;
    write_text(dir.path() / "lonely.out", text_of(out));

    CHECK(std::holds_alternative<DftFailure>(qe_code().read_path(dir.path())));
  }
}

TEST_CASE("gzipped files are read like plain ones", "[dft_adapters][qe]") {
  for (const std::string& name : kGood) {
    CAPTURE(name);
    TemporaryDirectory dir;
    lay_out(sample(name), dir.path());
    const DftConverged plain = converged(qe_code().read_path(dir.path()));
    const std::string command = "gzip -r '" + dir.path().string() + "'";
    REQUIRE(std::system(command.c_str()) == 0);

    for (const fs::path& path : {dir.path(), dir.path() / "pw.out.gz"}) {
      const DftConverged packed = converged(qe_code().read_path(path));
      CHECK(packed.energy_ev == plain.energy_ev);
      CHECK(packed.missing.empty());
    }
    change(dir.path() / "pw.out.gz", [](std::string text) { return text.substr(0, text.size() / 2); });
    CHECK(std::holds_alternative<DftFailure>(qe_code().read_path(dir.path())));
  }
}

TEST_CASE("XML without flags of convergence, as pw.x 6.3 writes it, is judged by its scf_error", "[dft_adapters][qe]") {
  for (const std::string& name : kGood) {
    CAPTURE(name);
    TemporaryDirectory dir;
    lay_out(sample(name), dir.path());
    const fs::path xml = xml_in(dir.path(), name);
    change(xml, [](const std::string& text) { return without_lines(text, "<convergence_achieved>"); });

    CHECK(converged(qe_code().read_outputs(dir.path())).missing.empty());

    change(xml, [](const std::string& text) {
      const auto begin = text.rfind("<scf_error>"), end = text.rfind("</scf_error>");
      return text.substr(0, begin) + "<scf_error>1.0e-3" + text.substr(end);
    });
    CHECK(failed(qe_code().read_outputs(dir.path())).kind == FailureKind::kElectronicNotConverged);
  }
}

TEST_CASE("vdw_corr = none beside a non-local functional is not a dispersion correction", "[dft_adapters][qe]") {
  TemporaryDirectory dir;
  lay_out(sample("good_scf_al"), dir.path());
  const fs::path xml = xml_in(dir.path(), "good_scf_al");
  const std::string text = text_of(xml);
  const std::string none = "<vdW><vdw_corr>none</vdw_corr><non_local_term>VDW1</non_local_term></vdW></dft>";
  const auto last = text.rfind("</dft>");
  REQUIRE(last != std::string::npos);
  write_text(xml, text.substr(0, last) + none + text.substr(last + 6));

  const auto result = converged(qe_code().read_outputs(dir.path()));

  CHECK(result.hull_keys.at("non_local_term") == "VDW1");  // no hull with entries that lack it
  write_text(xml, text.substr(0, last) + "<vdW><vdw_corr>grimme-d2</vdw_corr></vdW></dft>" + text.substr(last + 6));
  CHECK_THAT(failed(qe_code().read_outputs(dir.path())).reason, Catch::Contains("vdw_corr"));
}

TEST_CASE("errors of the diagonalisation are known in every spelling", "[dft_adapters][qe]") {
  // Routine and message as pw.x 6.1 to 7.4, its libraries and its older versions print them.
  const std::vector<std::pair<std::string, std::string>> errors = {
      {"ppcg (1):", "zhegvd failed"},
      {"ppcg (1):", "dsygvd failed"},
      {"cdiaghg (37):", "problems computing cholesky"},
      {"rdiaghg (12):", "S matrix not positive definite"},
      {"laxlib_cdiaghg (5):", "eigenvectors failed to converge"},
      {"cdiaghg (9):", "diagonalization (ZHEGV*) failed"},
      {"cdiaghg (3):", "info =/= 0"},
      {"c_bands (1):", "too many bands are not converged"},
      {"ZPOTRF (1):", "Cholesky failed in invchol."},
      {"gram_schmidt_k  (1):", "vectors are linear dependent"},
      {"pzpotrf (2):", "problems computing cholesky"},
      {"broyden (1):", "factorization"}};
  const std::string banner = "     Program PWSCF v.6.7MaX starts on  1Jan2026\n";
  for (const auto& [routine, message] : errors) {
    CAPTURE(routine, message);
    TemporaryDirectory dir;
    write_text(dir.path() / "pw.out",
               banner + " %%%\n     Error in routine " + routine + "\n     " + message + "\n %%%\n");

    CHECK(failed(qe_code().read_outputs(dir.path())).kind == FailureKind::kDiagonalisation);
  }
  TemporaryDirectory dir;
  write_text(dir.path() / "pw.out", banner + " [Q, R] = qr(X, 0) failed\n");  // then STOP: no error of a routine
  CHECK(failed(qe_code().read_outputs(dir.path())).kind == FailureKind::kDiagonalisation);
}

TEST_CASE("other errors of pw.x are distinguished", "[dft_adapters][qe]") {
  const std::vector<std::tuple<std::string, std::string, FailureKind>> errors = {
      {"davcio (10):", "error while reading from file \"./hullscan.wfc1\"", FailureKind::kDiskTrouble},
      {"scale_h (1):", "Not enough space allocated for radial FFT: try restarting with a larger cell_factor.",
       FailureKind::kIonicNotConverged},
      {"bfgs (1):", "bfgs history already reset at previous step", FailureKind::kIonicNotConverged},
      {"electrons (1):", "charge is wrong: smearing is needed", FailureKind::kNeedsSmearing},
      {"divide_et_impera (1):", "some nodes have no k-points", FailureKind::kInputRefused},
      {"bp_c_phase (1):", "probably because G_par is NOT a reciprocal lattice vector", FailureKind::kInputRefused},
      {"checkallsym (1):", "not orthogonal operation", FailureKind::kIonicNotConverged},
      {"exxinit (1):", "dexx is negative! Check that exxdiv_treatment is appropriate", FailureKind::kInputRefused}};
  for (const auto& [routine, message, kind] : errors) {
    CAPTURE(routine, message);
    CHECK(name_of(qe::kind_of({routine, message})) == name_of(kind));
  }
}

TEST_CASE("no sign of an error is in any good output", "[dft_adapters][qe]") {
  for (const std::string& name : kGood) {
    CAPTURE(name);
    const std::string text = text_of(recorded() / (name + ".out"));
    const qe::OutputText output = qe::parse_output_text(text);

    CHECK_FALSE(output.error);
    for (const std::string& sign :
         {output.not_converged, output.stopped_by_time, output.stopped_by_user, output.ionic_not_converged,
          output.disk_message, output.radial_table_message, output.diagonaliser_message})
      CHECK(sign.empty());
    for (const std::string& message : qe::known_messages()) {
      CAPTURE(message);
      CHECK(text.find(message) == std::string::npos);
    }
  }
}
