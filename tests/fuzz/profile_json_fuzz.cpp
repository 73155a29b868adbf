// Any bytes as a customer profile: a profile that keeps its promises, or a refusal; never a crash. What is accepted is
// JSON for another parser too. The first byte chooses headers and tombstone.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/codec/decode.h"
#include "models/base/check.h"
#include "tests/support/strict_json.h"

namespace {

using namespace proactive;
using namespace proactive::daemon;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const rules::RuleSet rules = [] {
    rules::RuleSet built;
    built.profile_fields = {"plan", "seats"};
    return built;
  }();
  static Decoder decoder(config::InputShape::canonical, {}, DecodeLimits{});
  decoder.use_rules(&rules);
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  const std::string value(reinterpret_cast<const char*>(data) + 1, size - 1);

  InputRecord record;
  record.stream = StreamKind::profiles;
  record.value = value;
  record.tombstone = (choice & 1) != 0;
  if ((choice & 2) != 0) record.headers.push_back({"content-type", "application/cloudevents+json"});
  if ((choice & 4) != 0) record.key = "c_1";
  if ((choice & 8) != 0) record.key = record.value;
  const Result<InputEvent, DecodeError> decoded = decoder.decode(record);

  if (!decoded) {
    PROACTIVE_CHECK(decoded.error().byte >= -1 &&
                    decoded.error().byte <= static_cast<std::int64_t>(value.size()));
    return 0;
  }
  const auto& profile = std::get<ProfileEvent>(*decoded);
  PROACTIVE_CHECK(!profile.customer.empty() && profile.customer.size() <= 256);
  PROACTIVE_CHECK(profile.erased == record.tombstone);
  for (const Dim& field : profile.fields) {
    if (const auto* number = std::get_if<double>(&field.value)) PROACTIVE_CHECK(std::isfinite(*number));
    if (const auto* text = std::get_if<std::string_view>(&field.value)) PROACTIVE_CHECK(text->size() <= 256);
  }
  const bool framed = value.size() >= 5 && value.front() == '\0';
  if (!record.tombstone) PROACTIVE_CHECK(test::is_json(std::string_view(value).substr(framed ? 5 : 0)));
  return 0;
}
