#include "config/loader/decode_fields.h"

#include <doctest/doctest.h>

namespace proactive::config {
namespace {

using namespace std::chrono_literals;

TreeNode scalar(std::string text, bool quoted = false) {
  return {NodeKind::scalar, std::move(text), quoted, {"f", 1, 1, 1}, {}, {}};
}

std::string codes(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings.all()) out += (out.empty() ? "" : " ") + finding.code;
  return out;
}

}  // namespace

TEST_CASE("conversions take one form each and nothing near it") {
  Findings none;
  CHECK(as_bool(scalar("true"), none) == true);
  CHECK(as_bool(scalar("false"), none) == false);
  CHECK(as_integer(scalar("-42"), none) == -42);
  CHECK(as_number(scalar("-4.25"), none) == -4.25);
  CHECK(as_duration(scalar("15m"), none) == 15min);
  CHECK(as_duration(scalar("0s"), none) == 0s);
  CHECK(as_size(scalar("1.5kB"), none) == 1500);
  CHECK(as_size(scalar("1.5KiB"), none) == 1536);
  CHECK(as_size(scalar("3TB"), none) == 3'000'000'000'000);
  CHECK(as_size(scalar("2TiB"), none) == 2'199'023'255'552);
  CHECK(as_size(scalar("7B"), none) == 7);
  CHECK(as_share(scalar("5%"), none) == 0.05);
  CHECK(as_share(scalar("0.5%"), none) == 0.005);
  CHECK(as_name(scalar("api_errors_2"), none) == "api_errors_2");
  CHECK(as_name(scalar("late-invoices"), none, true) == "late-invoices");
  CHECK(as_text(scalar("007 or so"), none) == "007 or so");
  CHECK(codes(none) == "");

  for (const char* text : {"yes", "on", "True", "TRUE", "1", "y", ""}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_bool(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  for (const char* text :
       {"4.0", "1e3", "0x10", "+4", " 4", "4 ", "1_000", "", "-", "99999999999999999999"}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_integer(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  for (const char* text : {"1e3", ".5", "5.", "inf", "nan", ".inf", "1,5", "--1", "0x1", "5%", ""}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_number(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  for (const char* text : {"15", "15 m", "15min", "1h30m", "-5m", "1.5h", "m", "5M", "99999999999d", ""}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_duration(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  for (const char* text :
       {"1024", "1K", "1KB", "1 MiB", "-1MiB", "0.3B", "MiB", "1mib", "9999999999TiB", ""}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_size(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  for (const char* text : {"5", "0.05", "%", "5 %", "5%%", ""}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_share(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  for (const char* text : {"Upper", "1st", "_x", "a-b", "a.b", "é", ""}) {
    CAPTURE(text);
    Findings findings;
    CHECK(as_name(scalar(text), findings) == std::nullopt);
    CHECK(codes(findings) == "E302");
  }
  Findings findings;
  CHECK(as_name(scalar(std::string(64, 'a')), findings) == std::string(64, 'a'));
  CHECK(as_name(scalar(std::string(65, 'a')), findings) == std::nullopt);
}

TEST_CASE("a leading zero is refused in front of any unit, since some readers take it for octal") {
  Findings findings;

  CHECK(as_integer(scalar("010"), findings) == std::nullopt);
  CHECK(as_number(scalar("-00.5"), findings) == std::nullopt);
  CHECK(as_duration(scalar("05m"), findings) == std::nullopt);
  CHECK(as_share(scalar("05%"), findings) == std::nullopt);
  CHECK(as_size(scalar("064KiB"), findings) == std::nullopt);
  CHECK(codes(findings) == "E107 E107 E107 E107 E107");
}

TEST_CASE("a quoted number is taken, with a warning that quotes mean text") {
  Findings findings;

  CHECK(as_integer(scalar("4", true), findings) == 4);
  CHECK(as_duration(scalar("5m", true), findings) == 5min);
  CHECK(as_bool(scalar("true", true), findings) == true);
  CHECK(codes(findings) == "W108 W108 W108");
  CHECK(!findings.has_errors());

  Findings text;
  CHECK(as_text(scalar("4", true), text) == "4");
  CHECK(codes(text) == "");
}

TEST_CASE("a value outside its range is refused with the range in the value's own unit") {
  Findings findings;
  CHECK(as_integer(scalar("0"), findings, {1, 64}) == std::nullopt);
  CHECK(as_integer(scalar("64"), findings, {1, 64}) == 64);
  CHECK(as_duration(scalar("1s"), findings, {6s, 30min}) == std::nullopt);
  CHECK(as_size(scalar("1kB"), findings, {1 << 20, std::numeric_limits<std::uint64_t>::max()}) ==
        std::nullopt);
  CHECK(as_share(scalar("120%"), findings) == std::nullopt);
  CHECK(as_number(scalar("2"), findings, {std::numeric_limits<double>::lowest(), 1}) == std::nullopt);

  std::string ranges;
  for (const Finding& finding : findings.all()) ranges += finding.code + " " + finding.suggestion + "\n";
  CHECK(ranges ==
        "E303 it can be from 1 to 64\n"
        "E303 it can be from 6s to 30m\n"
        "E303 it can be at least 1MiB\n"
        "E303 it can be from 0% to 100%\n"
        "E303 it can be at most 1\n");
}

TEST_CASE("a quantity keeps its unit, so that 5 never means 5%") {
  Findings findings;
  const auto bare = as_quantity(scalar("5"), findings);
  const auto percent = as_quantity(scalar("5%"), findings);
  const auto bytes = as_quantity(scalar("2KiB"), findings);

  REQUIRE((bare && percent && bytes));
  CHECK(bare->value == 5);
  CHECK(bare->unit == Quantity::Unit::bare);
  CHECK(percent->value == 5);
  CHECK(percent->unit == Quantity::Unit::percent);
  CHECK(bytes->value == 2048);
  CHECK(bytes->unit == Quantity::Unit::bytes);
  CHECK(as_quantity(scalar("5 apples"), findings) == std::nullopt);
  CHECK(codes(findings) == "E302");
}

TEST_CASE("an unknown choice is told all legal ones and the nearest") {
  constexpr std::string_view kLegal[] = {"high", "low", "either"};
  Findings findings;

  CHECK(as_enum(scalar("low"), "unusual", kLegal, findings) == 1);
  CHECK(as_enum(scalar("hihg"), "unusual", kLegal, findings) == std::nullopt);
  CHECK(as_enum(scalar("High"), "unusual", kLegal, findings) == std::nullopt);
  REQUIRE(findings.all().size() == 2);
  CHECK(findings.all()[0].message == "unknown value 'hihg' for 'unusual' (high, low, either)");
  CHECK(findings.all()[0].suggestion == "did you mean 'high'?");
}

TEST_CASE("lists and maps of text refuse what is not text, entry by entry") {
  TreeNode list{NodeKind::sequence, {}, false, {"f", 1, 1, 1}, {scalar("a"), scalar("2")}, {}};
  TreeNode map{NodeKind::mapping, {}, false, {"f", 1, 1, 1}, {}, {{"k", {}, scalar("v")}}};
  Findings findings;
  CHECK(as_texts(list, findings) == std::vector<std::string>{"a", "2"});
  CHECK(as_texts(scalar("one"), findings) == std::vector<std::string>{"one"});
  CHECK(as_text_map(map, findings) == std::map<std::string, std::string>{{"k", "v"}});
  CHECK(codes(findings) == "");

  list.items.push_back(map);
  map.members.push_back({"l", {}, list});
  CHECK(as_texts(list, findings) == std::nullopt);
  CHECK(as_text_map(map, findings) == std::nullopt);
  CHECK(as_texts(map, findings) == std::nullopt);
  CHECK(codes(findings) == "E302 E302 E302");
}

TEST_CASE("a node that has a finding already gets no second one") {
  const TreeNode broken;
  Findings findings;

  CHECK(!as_text(broken, findings));
  CHECK(!as_bool(broken, findings));
  CHECK(!as_integer(broken, findings));
  CHECK(!as_duration(broken, findings));
  CHECK(!as_size(broken, findings));
  CHECK(!as_share(broken, findings));
  CHECK(!as_quantity(broken, findings));
  CHECK(!as_texts(broken, findings));
  CHECK(!as_text_map(broken, findings));
  CHECK(codes(findings) == "");
}

}  // namespace proactive::config
