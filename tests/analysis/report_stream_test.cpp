// The files of a report are written entry by entry; they hold what they held when they were written from a tree.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <stdexcept>

#include "../files.hpp"
#include "analysis/entries/json_writer.hpp"
#include "analysis/report/report_files.hpp"
#include "sample_reports.hpp"

using namespace hullscan;

namespace {

ReportContent sample(const std::string& name) {
  for (const test::Sample& one : test::samples(false)) {
    if (one.name == name) return one.content;
  }
  throw std::runtime_error("no sample " + name);
}

std::string written(const Report& report, void (*write)(const Report&, const TextSink&)) {
  std::string text;
  write(report, [&](std::string_view piece) { text += piece; });
  return text;
}

/// As the version before wrote them: tests/data/report.
std::string before(const std::string& name) {
  return test::read_file(test::fs::path(HULLSCAN_TEST_DATA) / "report" / name);
}

/// Whether everything of `then` is in `now` with the same value, numbers to half of the ninth decimal; objects may have
/// gained members.
bool holds(const Json& now, const Json& then) {
  if (then.is_object()) {
    return now.is_object() && std::all_of(then.items().begin(), then.items().end(), [&](const auto& item) {
             return now.contains(item.key()) && holds(now[item.key()], item.value());
           });
  }
  if (then.is_number_float() && now.is_number()) return std::abs(now.get<double>() - then.get<double>()) <= 5.001e-10;
  if (!then.is_array()) return now == then;
  bool same = now.is_array() && now.size() == then.size();
  for (std::size_t i = 0; same && i < then.size(); ++i) same = holds(now[i], then[i]);
  return same;
}

}  // namespace

TEST_CASE("report.json, written line by line, holds what was written from a tree before",
          "[analysis][report][stream]") {
  const std::string name = GENERATE("binary", "hostile");
  INFO(name);
  Json then = Json::parse(before(name + ".page.json"));
  const Json page = then["page"];
  then.erase("page");
  for (const char* list : {"entries", "references"}) {
    for (Json& entry : then[list]) entry["keys"] = page["keys"][entry["keys"].get<std::size_t>()];
  }

  const Report report = finish_report(sample(name));
  const std::string text = written(report, write_report_json);

  // A member may be added under the same schema; none is removed or changed.
  const Json now = Json::parse(text);
  for (const auto& [member, value] : then.items()) {
    INFO(member);
    CHECK(holds(now[member], value));
  }
  CHECK(now == report_json(report));
}

TEST_CASE("entries.json, written line by line, holds what was written from a tree before",
          "[analysis][report][stream]") {
  const std::string name = GENERATE("binary", "hostile");
  INFO(name);
  const Report report = finish_report(sample(name));
  const std::string text = written(report, write_entries_json);
  CHECK(holds(Json::parse(text), Json::parse(before(name + ".entries.json"))));
  CHECK(std::count(text.begin(), text.end(), '\n') ==
        static_cast<std::ptrdiff_t>(report.content.entries.size() + report.content.references.size() + 2));
}

TEST_CASE("written JSON is read back as the same values", "[analysis][json]") {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("whole").value(2.0);
  json.key("small").value(-1.5e-300);
  json.key("digits").value(0.1 + 0.2);
  json.key("none").value(std::nan(""));
  json.key("count").value(std::int64_t{-9007199254740993});
  json.key("words").value("a \"b\" \\ \n \xff <");
  json.key("nothing").value(std::optional<double>());
  json.key("list").begin_array();
  json.value(true);
  json.begin_array();
  json.end_array();
  json.value("x");
  json.end_array();
  json.end_object();

  const Json read = Json::parse(text);

  CHECK(read["whole"].is_number_float());
  CHECK(read["small"].get<double>() == -1.5e-300);
  CHECK(read["digits"].get<double>() == 0.1 + 0.2);
  CHECK(read["none"].is_null());
  CHECK(read["count"].get<std::int64_t>() == -9007199254740993);
  CHECK(read["words"] == "a \"b\" \\ \n \xEF\xBF\xBD <");
  CHECK(read["nothing"].is_null());
  CHECK(read["list"].dump() == "[true,[],\"x\"]");
}

TEST_CASE("a page says what it leaves out and stays below 1.5 MB, however long its lists are", "[analysis][report]") {
  ReportContent content = sample("binary");
  for (int i = 0; i < 20000; ++i) {
    ReportFailure failure;
    failure.id = "f" + std::to_string(i);
    failure.space = "A";
    failure.composition = content.entries.front().composition;
    failure.attempts = 3;
    failure.state = "failed";
    failure.reason = std::string(200, 'x');
    content.failures.push_back(failure);
    content.rounds.push_back({i, "cluster-expansion", i, 11, 0.01, 0.01});
  }
  const std::string page = report_html(finish_report(content));
  CHECK(page.size() < 1'500'000);
  CHECK(page.find("\"failures\":20") != std::string::npos);
  CHECK(page.find("f19999") == std::string::npos);
}
