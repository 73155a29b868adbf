#include "daemon/score/row_writer.h"

#include <fmt/format.h>

#include "daemon/score/model_choice.h"

namespace proactive::daemon {
namespace {

constexpr std::size_t kFlushAt = std::size_t{64} << 10;

std::string_view spoken_by(const RowVerdict& verdict) {
  switch (verdict.kind) {
    case RowVerdict::Kind::scored:
      return model_name(verdict.score.top);
    case RowVerdict::Kind::warmup:
      return "warmup";
    case RowVerdict::Kind::missing:
      return "missing";
    case RowVerdict::Kind::rejected:
      return "rejected";
  }
  return "";
}

// Each model's -log10 p, or how far it is from speaking.
std::string listed(const Score& score) {
  std::string text;
  for (const Contribution& share : score.shares) {
    if (share.model == ModelId::none) continue;
    if (share.ready) {
      text += fmt::format("; {} {:.1f}", model_name(share.model), share.surprise);
    } else {
      text += fmt::format("; {} has {} of {}", model_name(share.model), share.have, share.need);
    }
  }
  return text;
}

}  // namespace

std::string explain(const RowVerdict& verdict) {
  switch (verdict.kind) {
    case RowVerdict::Kind::warmup:
      return "too few rows yet to say what is usual" + listed(verdict.score);
    case RowVerdict::Kind::missing:
      return "no value; nothing is learnt";
    case RowVerdict::Kind::rejected:
      return "not a finite number of a readable row; nothing is learnt";
    case RowVerdict::Kind::scored:
      break;
  }
  const Score& score = verdict.score;
  return fmt::format(
      "{}{} expected {:.4g} (usually {:.4g} .. {:.4g}); {} leads after {} samples; {:.2f} times the "
      "loudest that is usual{}",
      score.top == ModelId::frozen       ? "repeats itself; "
      : score.top == ModelId::volatility ? "jumps more than it usually does; "
                                         : "",
      score.direction == Direction::low ? "below" : "above", score.expected, score.low, score.high,
      model_name(score.top), score.samples, score.ratio, listed(score));
}

double RowWriter::shown(const RowVerdict& verdict) const {
  if (verdict.kind != RowVerdict::Kind::scored) return 0;
  return settings_.score == ScoreColumn::onset ? verdict.score.onset : verdict.score.ratio;
}

void RowWriter::begin() {
  if (settings_.format != RowFormat::csv) return;
  buffer_ += "timestamp,value,score,p_value,severity,anomaly,expected,low,high,model";
  if (settings_.explain) buffer_ += ",explanation";
  buffer_ += '\n';
}

void RowWriter::write_csv(const Row& row, const RowVerdict& verdict) {
  const bool scored = verdict.kind == RowVerdict::Kind::scored;
  append_csv(row.timestamp_echo, buffer_);
  buffer_ += ',';
  append_csv(row.value_echo, buffer_);
  buffer_ += ',';
  append_number(shown(verdict), buffer_);
  buffer_ += ',';
  append_number(scored ? verdict.score.p : 1.0, buffer_);
  buffer_ += ',';
  append_number(scored ? verdict.score.severity : 0.0F, buffer_);
  buffer_ += verdict.anomaly ? ",true," : ",false,";
  if (scored) append_number(verdict.score.expected, buffer_);
  buffer_ += ',';
  if (scored) append_number(verdict.score.low, buffer_);
  buffer_ += ',';
  if (scored) append_number(verdict.score.high, buffer_);
  buffer_ += ',';
  buffer_ += spoken_by(verdict);
  if (settings_.explain) {
    buffer_ += ',';
    append_csv(explain(verdict), buffer_);
  }
  buffer_ += '\n';
}

void RowWriter::write_json(const Row& row, const RowVerdict& verdict) {
  const bool scored = verdict.kind == RowVerdict::Kind::scored;
  const auto number = [&](const char* key, auto value) {
    buffer_ += key;
    append_number(value, buffer_);
  };
  const auto band = [&](const char* key, float value) {
    buffer_ += key;
    if (scored) {
      append_number(value, buffer_);
    } else {
      buffer_ += "null";
    }
  };
  buffer_ += R"({"timestamp":)";
  buffer_ += row.timestamp_echo;
  buffer_ += R"(,"value":)";
  buffer_ += row.value_echo;
  number(R"(,"score":)", shown(verdict));
  number(R"(,"p_value":)", scored ? verdict.score.p : 1.0);
  number(R"(,"severity":)", scored ? verdict.score.severity : 0.0F);
  buffer_ += verdict.anomaly ? R"(,"anomaly":true)" : R"(,"anomaly":false)";
  band(R"(,"expected":)", verdict.score.expected);
  band(R"(,"low":)", verdict.score.low);
  band(R"(,"high":)", verdict.score.high);
  buffer_ += R"(,"model":")";
  buffer_ += spoken_by(verdict);
  buffer_ += '"';
  if (settings_.explain) {
    buffer_ += R"(,"explanation":)";
    append_json_string(explain(verdict), buffer_);
  }
  buffer_ += "}\n";
}

void RowWriter::write(const Row& row, const RowVerdict& verdict) {
  if (settings_.format == RowFormat::csv) {
    write_csv(row, verdict);
  } else {
    write_json(row, verdict);
  }
  if (buffer_.size() >= kFlushAt) flush();
}

void RowWriter::flush() {
  out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

}  // namespace proactive::daemon
