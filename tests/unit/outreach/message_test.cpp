#include "daemon/outreach/message.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "daemon/outreach/quantity.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;
using Kind = rules::TemplatePart::Kind;

class FakeProfile final : public rules::ProfileFacts {
 public:
  explicit FakeProfile(std::map<std::string, ScalarValue, std::less<>> fields) : fields_(std::move(fields)) {}
  [[nodiscard]] const ScalarValue* field(std::string_view name) const override {
    const auto found = fields_.find(name);
    return found == fields_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, ScalarValue, std::less<>> fields_;
};

rules::TemplatePart literal(std::string text) { return {Kind::literal, std::move(text), 0}; }
rules::TemplatePart part(Kind kind, std::uint8_t measure = 0) { return {kind, {}, measure}; }

rules::OutreachSpec spec(rules::Template title, rules::Template advice = {}) {
  rules::OutreachSpec outreach;
  outreach.title = std::move(title);
  outreach.advice = std::move(advice);
  return outreach;
}

struct Rendering {
  Rendering() {
    MessageMeasure ratio;
    ratio.observed = 0.137;
    ratio.expected = 0.011;
    ratio.high = 0.034;
    ratio.share = true;
    measures.push_back(ratio);
    facts.since = *parse_rfc3339("2026-11-23T09:12:34Z");
    facts.customer_id = "c_1";
    facts.entity_id = "stripe-eu";
    facts.time_zone = "Europe/Berlin";
  }
  std::string title(rules::Template parts) {
    facts.measures = measures;
    const Result<Message> message = render_problem(spec(std::move(parts)), facts);
    return message ? message->title : "render_failed: " + message.error().message;
  }

  std::vector<MessageMeasure> measures;
  MessageFacts facts;
};

}  // namespace

TEST_CASE("a title and an advice are filled with the facts, in the customer's zone") {
  Rendering rendering;
  rendering.facts.measures = rendering.measures;
  const Result<Message> message =
      render_problem(spec({literal("Errors at "), part(Kind::entity_id)},
                          {part(Kind::observed), literal(" of your calls fail since "), part(Kind::since),
                           literal(", usual "), part(Kind::expected), literal(".")}),
                     rendering.facts);

  REQUIRE(message.has_value());
  CHECK(message->title == "Errors at stripe-eu");
  CHECK(message->body == "13.7 % of your calls fail since 2026-11-23T10:12+01:00, usual 1.1 %.");
}

TEST_CASE("what is missing or not a number stops the message instead of leaving a hole") {
  Rendering rendering;
  CHECK(rendering.title({part(Kind::low)}) == "render_failed: title: no low");
  CHECK(rendering.title({part(Kind::observed, 7)}) == "render_failed: title: no value");
  CHECK(rendering.title({part(Kind::last_seen)}) == "render_failed: title: no last_seen");
  CHECK(rendering.title({{Kind::profile_field, "plan", 0}}) ==
        "render_failed: title: no profile field 'plan'");

  rendering.measures[0].observed = std::numeric_limits<double>::quiet_NaN();
  CHECK(rendering.title({part(Kind::observed)}) == "render_failed: title: no value");
}

TEST_CASE("profile fields are shown as text, number, yes or no") {
  Rendering rendering;
  const FakeProfile profile({{"plan", std::string_view("pro")}, {"seats", 40.0}, {"trial", false}});
  rendering.facts.profile = &profile;

  CHECK(rendering.title({{Kind::profile_field, "plan", 0},
                         literal(" "),
                         {Kind::profile_field, "seats", 0},
                         literal(" "),
                         {Kind::profile_field, "trial", 0}}) == "pro 40 no");
  CHECK(rendering.title({{Kind::profile_field, "seats", 0, "", rules::Unit::bytes}}) == "40 B");
}

TEST_CASE(
    "a profile field that is not known does not keep the message back if there is something to say instead") {
  Rendering rendering;
  CHECK(rendering.title({literal("in "), {Kind::profile_field, "region", 0, "your region"}}) ==
        "in your region");
  const FakeProfile profile({{"region", std::string_view("eu-1")}});
  rendering.facts.profile = &profile;
  CHECK(rendering.title({literal("in "), {Kind::profile_field, "region", 0, "your region"}}) == "in eu-1");
}

TEST_CASE("values lose what could hide or turn text, and are not rendered again") {
  Rendering rendering;
  rendering.facts.entity_id =
      "a\xE2\x80\xAE"
      "b\n\x7F\xC2\x85 ${customer} é";

  CHECK(rendering.title({part(Kind::entity_id)}) == "ab ${customer} é");

  rendering.facts.entity_id = "\xE2\x80\x8F\n";  // nothing is left of it
  CHECK(rendering.title({part(Kind::entity_id)}) == "render_failed: title: no entity");
}

TEST_CASE("the limits count characters, not bytes") {
  Rendering rendering;
  std::string umlauts;
  for (int i = 0; i < 120; ++i) umlauts += "ü";

  CHECK(rendering.title({literal(umlauts)}) == umlauts);
  CHECK(rendering.title({literal(umlauts + "x")}) == "render_failed: title: longer than 120 characters");
}

TEST_CASE("an unknown time zone counts as UTC") {
  const Timestamp noon = *parse_rfc3339("2026-07-01T12:00:59Z");
  struct Row {
    std::string_view zone;
    std::string_view shown;
  };
  const Row rows[] = {
      {"Europe/Berlin", "2026-07-01T14:00+02:00"},  // summer time
      {"America/St_Johns", "2026-07-01T09:30-02:30"},
      {"Asia/Kolkata", "2026-07-01T17:30+05:30"},
      {"Etc/UTC", "2026-07-01T12:00Z"},
      {"", "2026-07-01T12:00Z"},
      {"Mars/Olympus", "2026-07-01T12:00Z"},
      {"../../etc/passwd", "2026-07-01T12:00Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.zone);
    CHECK(format_local_minute(noon, row.zone) == row.shown);
  }
}

TEST_CASE("the end of a problem has a text of its own, however the rule is written") {
  const Timestamp since = *parse_rfc3339("2026-11-23T09:12:00Z");

  const Message over = render_closing("API errors", Reason::recovered, since, since + 2h, "Europe/Berlin");
  CHECK(over.title == "Resolved: API errors");
  CHECK(over.body ==
        "The problem that began at 2026-11-23T10:12+01:00 is over since 2026-11-23T12:12+01:00.");

  const Message gone = render_closing("", Reason::no_data, since, since + 48h, "");
  CHECK(gone.title == "No longer followed");
  CHECK(gone.body.find("2026-11-23T09:12Z") != std::string::npos);

  const Message cut = render_closing(std::string(300, 'x'), Reason::recovered, since, since, "");
  CHECK(cut.title == "Resolved: " + std::string(109, 'x') + "…");
}

TEST_CASE("quantities are written as people read them") {
  using rules::Unit;
  struct Row {
    double value;
    Unit unit;
    bool share;
    std::string_view text;
  };
  const Row rows[] = {
      {0.137, Unit::none, true, "13.7 %"}, {0.00034, Unit::none, true, "0.034 %"},
      {1.0, Unit::none, true, "100 %"},    {97.06, Unit::percent, false, "97.1 %"},
      {412, Unit::count, false, "412"},    {18249.6, Unit::count, false, "18250"},
      {0, Unit::count, false, "0"},        {-0.0001, Unit::celsius, false, "-0.0001 °C"},
      {850, Unit::ms, false, "850 ms"},    {1234, Unit::ms, false, "1.23 s"},
      {0.25, Unit::s, false, "250 ms"},    {2700, Unit::s, false, "45 min"},
      {7200, Unit::s, false, "2 h"},       {1536000000, Unit::bytes, false, "1.54 GB"},
      {999, Unit::bytes, false, "999 B"},  {12.5, Unit::per_s, false, "12.5/s"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(format_quantity(row.value, row.unit, row.share) == row.text);
  }
  CHECK(format_lasting(28min) == "28 minutes");
  CHECK(format_lasting(1min) == "1 minute");
  CHECK(format_lasting(90min) == "90 minutes");
  CHECK(format_lasting(3h + 20min) == "3 hours");
  CHECK(format_lasting(0s) == "0 seconds");
}

}  // namespace proactive::daemon
