#include "core/foreign_text.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>

#include "core/campaign/settings.hpp"
#include "core/campaign/toml_text.hpp"
#include "core/json_text.hpp"
#include "core/names.hpp"

namespace hullscan {
namespace {

const std::string kBad = "\xEF\xBF\xBD";

std::string any_bytes() {
  const auto bytes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 256));
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

}  // namespace

TEST_CASE("text in another encoding becomes UTF-8 with marks where it was not", "[core][text]") {
  CHECK(readable_text("r\xE9seau coup\xE9") == "r" + kBad + "seau coup" + kBad);
  CHECK(readable_text("Å réseau 结构") == "Å réseau 结构");
  // The examples of the Unicode standard 15.0, tables 3-8 and 3-11: one mark for each longest piece that is invalid.
  CHECK(readable_text("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") ==
        kBad + kBad + kBad + kBad + kBad + kBad + kBad + kBad + "A");
  CHECK(readable_text("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == kBad + kBad + kBad + kBad + "A");
  CHECK(readable_text("\xED\xA0\x80") == kBad + kBad + kBad);
}

TEST_CASE("control characters and terminal escapes do not pass", "[core][text]") {
  CHECK(readable_text("a\x1b[31mred\x07") == "a [31mred ");
  CHECK(readable_text("one\r\ntwo\n\tthree") == "one\r\ntwo\n\tthree");
  CHECK(readable_text("overwritten\rX") == "overwritten X");
  CHECK(readable_text("txt.\xE2\x80\xAE"
                      "exe") == "txt. exe");
  CHECK(readable_line("  a\n b\t\x01 ") == "a  b");
}

TEST_CASE("a long line is cut between two characters", "[core][text]") {
  CHECK(readable_line("ÅÅÅÅÅÅ", 8) == "ÅÅ…");  // two bytes each, three for the ellipsis: a third would end at byte 9
  CHECK(readable_line("12345678", 8) == "12345678");
}

TEST_CASE("whatever the bytes, what comes out is readable and is written as JSON and TOML", "[core][text][property]") {
  CHECK(rc::check("any bytes", [] {
    const std::string text = any_bytes();
    RC_ASSERT(readable_text(readable_text(text)) == readable_text(text));
    RC_ASSERT(is_one_readable_line(readable_line(text)));
    RC_ASSERT(readable_line(text, 40).size() <= 40);
    RC_ASSERT(Json::parse(json_text(Json{{"words", text}})).contains("words"));
  }));
}

TEST_CASE("a text written into a campaign file is read back as it was", "[core][text][property]") {
  CHECK(rc::check("quoted", [] {
    const auto points = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 0x250));
    std::string text;
    for (const int point : points) {
      if (point == 0) continue;
      if (point < 0x80)
        text += static_cast<char>(point);
      else
        text += {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
    }
    const SettingsTable table = parse_settings_toml("value = " + toml_quoted(text) + "\nafter = 1\n", "x.toml");
    RC_ASSERT(std::get<std::string>(table.find("value")->value) == text);
    RC_ASSERT(table.entries.size() == 2U);
  }));
}

TEST_CASE("names that would mean something else in a file name or a script are refused", "[core][names]") {
  CHECK(fault_of_campaign_name("gamma-CsPbI3:Zn, \"2024\" / a").empty());
  CHECK(fault_of_campaign_name("x\ntouch PWNED").find("line break") != std::string::npos);
  CHECK(fault_of_campaign_name(" ") == "is empty");
  for (const char* good : {"gamma", "delta-CsPbI3", "2H MoS2", "fcc_2", "α-phase", "x=0.5 (a+b)"}) {
    INFO(good);
    CHECK(fault_of_space_name(good).empty());
  }
  for (const char* bad : {"", "../../x", "a/b", "a\\b", "-rf", ".hidden", "a\"b", "a,b", "$(x)", "`x`", "a;b", "a ",
                          "a\x1b[2J", "=1+1"}) {
    INFO(bad);
    CHECK_FALSE(fault_of_space_name(bad).empty());
  }
}

}  // namespace hullscan
