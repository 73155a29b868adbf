#include "daemon/simulate/telemetry_line.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

#include "models/base/check.h"

namespace proactive::daemon {
namespace {

class Cursor {
 public:
  explicit Cursor(char* at) : at_(at) {}

  Cursor& text(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  Cursor& digits(std::uint64_t number, unsigned width) {
    for (unsigned place = width; place-- > 0; number /= 10) at_[place] = static_cast<char>('0' + number % 10);
    at_ += width;
    return *this;
  }
  Cursor& hex(std::uint64_t number, unsigned width) {
    for (unsigned place = width; place-- > 0; number >>= 4) at_[place] = "0123456789abcdef"[number & 15];
    at_ += width;
    return *this;
  }
  Cursor& integer(std::uint64_t number) {
    at_ = std::to_chars(at_, at_ + 20, number).ptr;
    return *this;
  }
  // REQUIRES: value >= 0; all simulated signals are.
  Cursor& decimal(double value, int decimals) {
    if (decimals == 0) return integer(static_cast<std::uint64_t>(value + 0.5));
    const std::uint64_t scale = decimals == 1 ? 10 : 100;
    const auto scaled = static_cast<std::uint64_t>(value * static_cast<double>(scale) + 0.5);
    return integer(scaled / scale).text(".").digits(scaled % scale, static_cast<unsigned>(decimals));
  }
  [[nodiscard]] char* end() const { return at_; }

 private:
  char* at_;
};

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

std::string_view TelemetryLine::write(const SimulatedReading& reading, const SimulatedCustomer& customer) {
  const SignalFacts& facts = facts_of(reading.signal);
  const std::int64_t day = reading.time_ms / kDayMs;
  if (day != date_day_) write_date(day);
  const auto ms = static_cast<std::uint64_t>(reading.time_ms % kDayMs);

  Cursor to(buffer_.data());
  to.text(R"({"event_id":"t-)").hex(reading.customer, 6).hex(reading.slot, 5);
  to.hex(static_cast<std::uint64_t>(reading.signal), 2).hex(reading.item, 2);
  to.text(R"(","event_time":")").text({date_.data(), date_.size()});
  to.digits(ms / 3'600'000, 2).text(":").digits(ms / 60'000 % 60, 2).text(":").digits(ms / 1000 % 60, 2);
  to.text(".").digits(ms % 1000, 3).text(R"(Z","customer_id":")").text(customer.id);
  to.text(R"(","signal":")").text(facts.name).text("\"");
  if (!facts.entity_type.empty()) {
    const bool job = facts.entity_type == "job";
    to.text(R"(,"entity":{"type":")").text(facts.entity_type).text(R"(","id":")");
    to.text(job ? customer.jobs[reading.item].id : customer.devices[reading.item].id).text("\"}");
  }
  if (facts.valued) to.text(R"(,"value":)").decimal(reading.value, facts.decimals);
  to.text(R"(,"unit":")").text(facts.unit).text(R"(","kind":")").text(facts.kind).text("\"");
  if (facts.labelled) {
    to.text(R"(,"dims":{"region":")").text(to_string(customer.region)).text(R"(","version":"4.)");
    to.integer(reading.minor).text(".").integer(reading.patch).text("\"}");
  }
  to.text("}");
  const auto size = static_cast<std::size_t>(to.end() - buffer_.data());
  PROACTIVE_CHECK(size <= buffer_.size());
  return {buffer_.data(), size};
}

void TelemetryLine::write_date(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  Cursor to(date_.data());
  to.digits(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4).text("-");
  to.digits(static_cast<unsigned>(date.month()), 2)
      .text("-")
      .digits(static_cast<unsigned>(date.day()), 2)
      .text("T");
  date_day_ = day;
}

}  // namespace proactive::daemon
