/// @file
/// What is drawn where: marks at their values, names that cover nothing, files that hold their fonts.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <set>

#include "../files.hpp"
#include "analysis/figures/figures.hpp"
#include "analysis/figures/rendering.hpp"
#include "analysis/figures/ticks.hpp"
#include "analysis/hull/hull_edges.hpp"
#include "core/hash.hpp"
#include "sample_reports.hpp"

using namespace hullscan;
using namespace hullscan::test;
using Catch::Contains;

namespace {

const Figure& figure_named(const std::string& kind) {
  for (const Figure& figure : figures()) {
    if (kind == figure.kind) return figure;
  }
  throw std::runtime_error("no figure " + kind);
}

template <typename Item>
std::vector<Item> items_of(const Picture& picture) {
  std::vector<Item> found;
  for (const PictureItem& item : picture.items) {
    if (const auto* one = std::get_if<Item>(&item)) found.push_back(*one);
  }
  return found;
}

std::multiset<std::string> words_of(const Picture& picture) {
  std::multiset<std::string> words;
  for (const PictureText& text : items_of<PictureText>(picture)) words.insert(letters_of(text.text));
  return words;
}

/// Marks of stable phases are the only ones of 2 mm.
std::vector<Place> large_marks(const Picture& picture) {
  std::vector<Place> places;
  for (const PictureMark& mark : items_of<PictureMark>(picture)) {
    if (mark.style.size_mm > 1.9 && mark.style.size_mm < 2.1) places.push_back(mark.at);
  }
  return places;
}

ReportContent entries(const std::vector<std::pair<std::string, double>>& ev_per_atom) {
  ReportContent content = empty_campaign();
  for (const auto& [formula, energy] : ev_per_atom) {
    ReportEntry entry;
    entry.id = "e" + std::to_string(content.entries.size());
    entry.composition = Composition::from_formula(formula);
    entry.energy_ev = energy * static_cast<double>(entry.composition.atom_count());
    content.entries.push_back(std::move(entry));
  }
  return content;
}

/// Li–Mn on a parabola, so that every compound is stable: as many as there are fractions with denominators up to `q`.
ReportContent parabola(int largest_denominator) {
  std::vector<std::pair<std::string, double>> list = {{"Li", 0}, {"Mn", 0}};
  for (int q = 2; q <= largest_denominator; ++q) {
    for (int p = 1; p < q; ++p) {
      const double x = static_cast<double>(p) / q;
      if (std::gcd(p, q) == 1)
        list.emplace_back("Li" + std::to_string(q - p) + "Mn" + std::to_string(p), -1.8 * x * (1 - x));
    }
  }
  return entries(list);
}

ReportContent electrode() {
  ReportContent content = entries({{"CoO2", -6}, {"LiCoO2", -6.3}, {"LiCo2O4", -6.35}, {"Li3Co4O8", -6.3}});
  content.working_ion = Species::from_symbol("Li");
  content.references.push_back({{"metal", Composition::from_formula("Li"), -1.9, {}}, "metal.csv"});
  return content;
}

void require_tidy(const Picture& picture) {
  const Box page{0, 0, picture.width_mm, picture.height_mm};
  const std::vector<PictureText> texts = items_of<PictureText>(picture);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    INFO("\"" << letters_of(texts[i].text) << "\"");
    CHECK(page.contains(box_of(texts[i])));
    for (std::size_t j = i + 1; j < texts.size(); ++j) {
      INFO("and \"" << letters_of(texts[j].text) << "\"");
      CHECK_FALSE(box_of(texts[i]).overlaps(box_of(texts[j])));
    }
  }
  for (const PictureMark& mark : items_of<PictureMark>(picture)) CHECK(page.contains(box_of(mark)));
}

bool have_program(const std::string& name) {
  if (std::system(("command -v " + name + " > /dev/null").c_str()) == 0) return true;
  std::cout << "SKIPPED: " << name << " (poppler-utils) is not installed\n";
  return false;
}

std::string output_of(const std::string& command, const fs::path& folder) {
  const fs::path file = folder / "output.txt";
  REQUIRE(std::system((command + " > '" + file.string() + "' 2>&1").c_str()) == 0);
  return read_file(file);
}

}  // namespace

TEST_CASE("numbers of a formula are subscripts, those of a group's parentheses too", "[analysis][figures]") {
  using Runs = RichText;
  CHECK(formula_text("Al3Ni") ==
        Runs{{"Al", Script::kNormal, false}, {"3", Script::kSub, false}, {"Ni", Script::kNormal, false}});
  CHECK(formula_text("Ca(OH)2") == Runs{{"Ca(OH)", Script::kNormal, false}, {"2", Script::kSub, false}});
  CHECK(formula_text("Pb(1-x)Zn(x)I3") == Runs{{"Pb", Script::kNormal, false},
                                               {"1\u2212", Script::kSub, false},
                                               {"x", Script::kSub, true},
                                               {"Zn", Script::kNormal, false},
                                               {"x", Script::kSub, true},
                                               {"I", Script::kNormal, false},
                                               {"3", Script::kSub, false}});
  CHECK(letters_of(formula_text("Fe2(1-x)O3")) == "Fe2(1\u2212x)O3");
  CHECK(formula_text("Li0.5NiO2")[1] == TextRun{"0.5", Script::kSub, false});
}

TEST_CASE("an axis is marked in steps of 1, 2 or 5 times a power of ten", "[analysis][figures]") {
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const double low = static_cast<double>(random_bits(1, n) % 20001) / 100 - 100;
    const double width = std::pow(10.0, static_cast<double>(random_bits(2, n) % 9000) / 1000 - 4);
    const int most = 2 + static_cast<int>(random_bits(3, n) % 9);

    const Ticks ticks = ticks_between(low, low + width, most);

    INFO(low << " … " << low + width << ", " << most);
    REQUIRE(ticks.major.size() <= static_cast<std::size_t>(most));
    for (const double value : ticks.major) REQUIRE((value >= low - 1e-6 * width && value <= low + width * (1 + 1e-6)));
    if (ticks.major.size() < 2) continue;
    const double step = ticks.major[1] - ticks.major[0],
                 lead = step / std::pow(10, std::floor(std::log10(step) + 1e-6));
    CHECK((std::abs(lead - 1) < 1e-3 || std::abs(lead - 2) < 1e-3 || std::abs(lead - 5) < 1e-3));
    // The digits tell all of them apart, and say each exactly.
    for (const double value : ticks.major)
      CHECK(std::abs(std::round(value * std::pow(10, ticks.digits)) - value * std::pow(10, ticks.digits)) < 1e-4);
  }
  CHECK(number_text(-0.25, 2) == "\u22120.25");
  CHECK(number_text(-1e-17, 1) == "0.0");
  CHECK(ticks_between(2, 4, 8, true).major == std::vector<double>{2, 3, 4});
}

TEST_CASE("a hull of three end members has as many tie lines as Euler's formula says", "[analysis][hull][figures]") {
  // A triangulation of V points, h of them on the rim, has 3 V - 3 - h edges.
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    std::vector<HullEntry> list;
    std::set<std::vector<std::uint64_t>> seen = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const std::vector<Species> species = {Species::from_symbol("Cu"), Species::from_symbol("Ag"),
                                          Species::from_symbol("Au")};
    for (const Species one : species) list.push_back({std::string(one.symbol()), Composition({{one, 1}}), 0.0, {}});
    for (std::uint64_t n = 0; n < 25; ++n) {
      std::map<Species, std::int64_t> counts;
      for (std::size_t k = 0; k < 3; ++k)
        counts[species[k]] = static_cast<std::int64_t>(random_bits(seed, 3 * n + k) % 6);
      const Composition composition(counts);
      if (composition.counts().size() < 2) continue;
      const double noise = static_cast<double>(random_bits(seed + 100, n) % 1000) / 1000;
      list.push_back(
          {"c" + std::to_string(n), composition, -(0.2 + noise) * static_cast<double>(composition.atom_count()), {}});
    }
    const HullReport report = compute_hull(list);
    std::size_t vertices = 0, rim = 0;
    for (const HullEntryResult& entry : report.entries) {
      vertices += entry.vertex ? 1 : 0;
      rim += entry.vertex && entry.composition.counts().size() < 3 ? 1 : 0;
    }

    CHECK(hull_edges(report).size() == 3 * vertices - 3 - rim);
  }
}

TEST_CASE("a mark stands where its composition and energy are", "[analysis][figures]") {
  // x of the page is linear in the atomic fraction, y in the formation energy: Al3Ni -0.4, AlNi -0.6 eV/atom.
  const Report report = finish_report(entries({{"Al", 0}, {"Ni", 0}, {"Al3Ni", -0.4}, {"AlNi", -0.6}}));
  const Picture picture = figure_named("hull").draw(report, {});

  const std::vector<Place> marks = large_marks(picture);

  const auto by_x = [](const Place& a, const Place& b) { return a.x < b.x; };
  const Place left = *std::min_element(marks.begin(), marks.end(), by_x);
  const Place right = *std::max_element(marks.begin(), marks.end(), by_x);
  const auto middle = std::find_if(marks.begin(), marks.end(),
                                   [&](const Place& a) { return std::abs(2 * a.x - left.x - right.x) < 1e-6; });
  REQUIRE(middle != marks.end());
  const Place deepest = *middle;
  const auto at = [&](double fraction, double energy) {
    const double x = left.x + fraction * (right.x - left.x), y = left.y + energy / -0.6 * (deepest.y - left.y);
    return std::any_of(marks.begin(), marks.end(),
                       [&](const Place& mark) { return std::hypot(mark.x - x, mark.y - y) < 1e-6; });
  };
  CHECK(at(0, 0));
  CHECK(at(1, 0));
  CHECK(at(0.25, -0.4));
  CHECK(at(0.5, -0.6));
  CHECK_FALSE(at(0.75, -0.4));
}

TEST_CASE("every stable phase is named, and no name covers another or leaves the page", "[analysis][figures]") {
  const int q = GENERATE(2, 5, 8, 12);  // 1, 9, 21 and 45 compounds
  const double width = GENERATE(60.0, 86.0, 178.0);
  const double font = GENERATE(6.0, 8.0, 10.0);
  if (q == 12 && width != 86.0) return;  // with numbers and a key; one width takes time enough
  FigureStyle style;
  style.width_mm = width;
  style.font_pt = font;
  const Report report = finish_report(parabola(q));

  const Picture picture = figure_named("hull").draw(report, style);

  INFO(q << ", " << width << " mm, " << font << " pt");
  const auto words = words_of(picture);
  std::size_t stable = 0;
  for (const HullEntryResult& entry : report.hull->entries) {
    INFO(entry.composition.formula());
    REQUIRE(entry.vertex);
    CHECK(words.count(entry.composition.formula()) == 1);
    ++stable;
  }
  CHECK(stable == report.content.entries.size());
  CHECK(picture.width_mm == width);
  require_tidy(picture);
}

TEST_CASE("every figure of every kind of campaign is tidy", "[analysis][figures]") {
  std::set<std::string> drawn;
  std::vector<ReportContent> contents;
  for (Sample& sample : samples(false)) contents.push_back(std::move(sample.content));
  contents.push_back(electrode());
  for (ReportContent& content : contents) {
    const Report report = finish_report(std::move(content));
    for (const Figure& figure : figures()) {
      if (!figure.problem(report).empty()) continue;
      for (const bool whole : {false, true}) {
        INFO(report.content.campaign << ", " << figure.kind);
        FigureStyle style;
        style.whole_range = whole;
        const Picture picture = figure.draw(report, style);
        require_tidy(picture);
        CHECK(rendered(picture, PictureFormat::kPdf).starts_with("%PDF"));
        drawn.insert(figure.kind);
      }
    }
  }
  for (const char* kind : {"hull", "ternary", "parity", "rounds", "voltage", "free-energy", "phases"}) {
    INFO(kind);
    CHECK(drawn.contains(kind));
  }
}

TEST_CASE("the legend of a parity plot says the errors of the report's page", "[analysis][figures]") {
  // Off by +10, -10, +30 meV/atom: RMSE sqrt(1100 / 3) = 19.1, MAE 50 / 3 = 16.7.
  ReportContent content = entries({{"Al", 0}, {"Ni", 0}, {"Al3Ni", -0.4}, {"AlNi", -0.6}, {"AlNi3", -0.45}});
  content.entries[2].predicted_ev_per_atom = -0.39;
  content.entries[3].predicted_ev_per_atom = -0.61;
  content.entries[4].predicted_ev_per_atom = -0.42;

  const Picture picture = figure_named("parity").draw(finish_report(std::move(content)), {});

  const auto words = words_of(picture);
  CHECK(words.contains("RMSE 19.1 meV/atom"));
  CHECK(words.contains("MAE 16.7 meV/atom"));
  CHECK(words.contains("3 calculations"));
}

TEST_CASE("voltages are drawn as steps between the stable contents", "[analysis][figures]") {
  const Report report = finish_report(electrode());
  const VoltageProfile& profile = *report.voltages.front().profile;

  const Picture picture = figure_named("voltage").draw(report, {});

  std::vector<Place> steps;
  for (const PictureLine& line : items_of<PictureLine>(picture)) {
    if (line.width_mm > 0.4) steps = line.points;
  }
  REQUIRE(steps.size() == 2 * profile.plateaus.size());
  REQUIRE(profile.plateaus.size() >= 2);
  const double left = steps.front().x, right = steps.back().x, top = steps.front().y, bottom = steps.back().y;
  for (std::size_t i = 0; i < profile.plateaus.size(); ++i) {
    const VoltagePlateau& plateau = profile.plateaus[i];
    CHECK(steps[2 * i].y == steps[2 * i + 1].y);
    CHECK((steps[2 * i + 1].x - left) / (right - left) == Approx(plateau.discharged.ions_per_host));
    CHECK((steps[2 * i].y - top) / (bottom - top) ==
          Approx((plateau.voltage - profile.highest_voltage) / (profile.lowest_voltage - profile.highest_voltage)));
  }
  CHECK(words_of(picture).contains("Voltage vs. Li/Li+ (V)"));
  CHECK(words_of(picture).contains("x in LixCoO2"));
}

TEST_CASE("what cannot be drawn says why", "[analysis][figures]") {
  const Report nothing = finish_report(empty_campaign());
  for (const Figure& figure : figures()) {
    INFO(figure.kind);
    CHECK_FALSE(figure.problem(nothing).empty());
  }
  const Report two = finish_report(entries({{"Al", 0}, {"Ni", 0}}));
  CHECK(figure_named("hull").problem(two).empty());
  CHECK_THAT(figure_named("ternary").problem(two), Contains("2 end members") && Contains("of 3"));
  CHECK_THAT(figure_named("voltage").problem(two), Contains("working_ion"));
}

TEST_CASE("a picture makes the same bytes again, of the size that was asked for", "[analysis][figures]") {
  const Report report = finish_report(parabola(5));
  FigureStyle style;
  style.width_mm = 127;  // five inches
  style.height_mm = 101.6;
  RenderOptions options;
  options.dots_per_inch = 100;
  const auto draw = [&](PictureFormat format) {
    return rendered(figure_named("hull").draw(report, style), format, options);
  };

  // cairo numbers the parts of an SVG within a process: two processes are compared where the program is run.
  for (const PictureFormat format : {PictureFormat::kPdf, PictureFormat::kPng}) CHECK(draw(format) == draw(format));

  const std::string png = draw(PictureFormat::kPng), svg = draw(PictureFormat::kSvg), pdf = draw(PictureFormat::kPdf);
  const auto big_endian = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k) value = value << 8U | static_cast<unsigned char>(png[at + k]);
    return value;
  };
  CHECK(png.substr(1, 3) == "PNG");
  CHECK(big_endian(16) == 500);
  CHECK(big_endian(20) == 400);
  CHECK_THAT(svg, Contains("width=\"360pt\"") && Contains("height=\"288pt\""));
  CHECK_THAT(pdf, Contains("20000101000000+00"));
}

TEST_CASE("a PDF holds its fonts and its words", "[analysis][figures]") {
  if (!have_program("pdftotext") || !have_program("pdffonts")) return;
  const TemporaryFolder folder;
  const Report report = finish_report(parabola(5));
  write_file(folder.path() / "hull.pdf", rendered(figure_named("hull").draw(report, {}), PictureFormat::kPdf));
  const std::string file = "'" + (folder.path() / "hull.pdf").string() + "'";

  const std::string words = output_of("pdftotext -raw " + file + " -", folder.path());
  const std::string fonts = output_of("pdffonts " + file, folder.path());

  CHECK_THAT(words, Contains("Formation") && Contains("(eV/atom)") && Contains("Atomic fraction of Mn") &&
                        Contains("On the hull") && Contains("LiMn"));
  std::istringstream lines(fonts);
  std::string line;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    if (++count > 2) CHECK_THAT(line, Contains(" yes yes "));  // embedded, a subset
  }
  CHECK(count > 2);
}
