#include "models/detect/joint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "models/base/check.h"
#include "models/base/math.h"
#include "models/detect/onset.h"
#include "models/detect/severity.h"

namespace proactive::models {
namespace {

constexpr std::uint32_t kBaseline = 100;              // rows
constexpr double kLargestRow = 1e30, kMemory = 1000;  // memory in rows
constexpr double kTypical = 2.25;  // -log10 p that 200 quiet rows reach, smoothed as they are
constexpr double kOpens = 1.6, kCloses = 1;
constexpr std::uint32_t kRowsToClose = 3, kNewNormal = 500;

// An alarm of the model's own, which keeps it from learning, whatever rules make of the ratio.
struct Head {
  Onset::State onset;
  std::uint32_t alarm_rows = 0;  // how long it has been on; 0: off
  std::uint32_t quiet = 0;       // rows below kCloses in a row
};
static_assert(sizeof(Head) == 12);

bool may_learn(Head& head, double ratio) {
  head.quiet = ratio < kCloses ? std::min(head.quiet + 1, kRowsToClose) : 0;
  if (ratio >= kOpens || head.alarm_rows > 0) ++head.alarm_rows;
  if (head.quiet >= kRowsToClose) head.alarm_rows = 0;
  if (head.alarm_rows > kNewNormal) head.alarm_rows = kNewNormal + 1;  // it learns until it is quiet
  return head.alarm_rows == 0 || head.alarm_rows > kNewNormal;
}

}  // namespace

// The block's numbers, spelt out.
struct Joint::Workspace {
  explicit Workspace(std::size_t measures) : entity(measures), cohort(measures, false) {}

  [[nodiscard]] bool load(std::span<const std::byte> state) {
    ByteReader in({reinterpret_cast<const char*>(state.data()), state.size()});
    const std::string_view first = in.get_bytes(sizeof head);
    if (first.size() == sizeof head) std::memcpy(&head, first.data(), sizeof head);
    return Onset().sane(head.onset) && entity.load(in) && cohort.load(in) && in.at_end();
  }
  void write() {
    bytes.clear();
    ByteWriter out(bytes);
    out.put_bytes({reinterpret_cast<const char*>(&head), sizeof head});
    entity.save(out);
    cohort.save(out);
  }
  void save(std::span<std::byte> state) {
    write();
    PROACTIVE_CHECK(bytes.size() == state.size());
    std::memcpy(state.data(), bytes.data(), bytes.size());
  }

  Head head;
  MultiEntity entity;
  MultiCohort cohort;
  std::string bytes;
};

Joint::Joint(std::size_t measures) : measures_(measures) {
  PROACTIVE_CHECK(measures >= 2 && measures <= kMostMeasures);
  work_ = std::make_unique<Workspace>(measures);
  work_->write();
  state_bytes_ = work_->bytes.size();
}

Joint::~Joint() = default;
Joint::Joint(Joint&&) noexcept = default;
Joint& Joint::operator=(Joint&&) noexcept = default;

void Joint::init(std::span<std::byte> state) const {
  PROACTIVE_CHECK(state.size() == state_bytes_);
  Workspace(measures_).save(state);
}

JointReading Joint::update(std::span<std::byte> state, std::span<const double> row, Duration elapsed) const {
  PROACTIVE_CHECK(state.size() == state_bytes_ && row.size() == measures_);
  Workspace& own = *work_;
  PROACTIVE_CHECK(own.load(state));
  std::array<double, kMostMeasures> values;
  std::size_t there = 0;
  for (std::size_t i = 0; i < measures_; ++i) {
    const bool known = std::fabs(row[i]) <= kLargestRow;
    values[i] = known ? row[i] : std::numeric_limits<double>::quiet_NaN();
    there += known ? 1 : 0;
  }
  JointReading out;
  if (there < 2) {  // nothing that could fit together or not
    static_cast<void>(Onset().update(own.head.onset, 0, elapsed));
    own.save(state);
    out.score.samples = own.entity.rows;
    return out;
  }

  const Multi multi;
  const std::span<const double> clean(values.data(), measures_);
  const MultiReading reading = multi.update(own.cohort, own.entity, clean);
  const bool judged = reading.ready && own.entity.rows >= kBaseline;
  out.score.ready = judged;
  out.score.samples = own.entity.rows;
  out.score.top = ModelId::multi;
  if (judged) {
    out.score.sum = reading.surprise;
    out.score.ratio = reading.surprise / kTypical;
    out.score.p = -std::expm1(-math::pow(10, kTypical - reading.surprise));
    out.score.severity = severity_of(out.score.ratio);
    out.contributors = reading.contributors;
  }
  const double onset = Onset().update(own.head.onset, out.score.ratio, elapsed);
  if (judged) out.score.onset = onset;
  if (!judged || may_learn(own.head, out.score.ratio))
    multi.learn(own.cohort, own.entity, clean, reading, kMemory);
  own.save(state);
  return out;
}

bool Joint::sane(std::span<const std::byte> state) const {
  return state.size() == state_bytes_ && work_->load(state);
}

}  // namespace proactive::models
