#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "daemon/cli/commands.h"
#include "daemon/score/model_choice.h"
#include "daemon/score/plot_page.h"
#include "daemon/score/score_rows.h"
#include "daemon/score/score_table.h"

namespace proactive::daemon {
namespace {

struct ScoreFlags {
  std::string file = "-", format = "csv", direction = "both", sensitivity = "high", time_zone = "UTC";
  std::string score = "onset", output, state_in, state_out, html;
  ModelChoice choice;
  bool strict = false, explain = false;
  bool multivariate = false;
  std::optional<std::uint64_t> train_rows;
  std::string entity;
};

ExitCode complain(ExitCode code, const std::string& message) {
  std::cerr << "proactived: " << message << '\n';
  return code;
}

// The input named by the flags, or standard input; an error is what to end with.
Result<std::unique_ptr<std::ifstream>, ExitCode> open_input(const std::string& name) {
  if (name == "-") return nullptr;
  auto file = std::make_unique<std::ifstream>(name, std::ios::binary);
  if (!*file) {
    const int why = errno;
    return tl::make_unexpected(
        complain(why == ENOENT || why == ENOTDIR ? ExitCode::no_input : ExitCode::io_error,
                 "can't read '" + name + "': " + std::strerror(why)));
  }
  return file;
}

template <class Scorer>
ExitCode load_state(const std::string& name, Scorer& scorer) {
  if (name.empty()) return ExitCode::ok;
  std::ifstream file(name, std::ios::binary);
  if (!file) return complain(ExitCode::no_input, "can't read '" + name + "': " + std::strerror(errno));
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (const auto loaded = scorer.load(bytes); !loaded) {
    return complain(ExitCode::bad_data, "'" + name + "': " + loaded.error().message);
  }
  return ExitCode::ok;
}

template <class Scorer>
ExitCode write_state(const std::string& name, Scorer& scorer) {
  if (name.empty()) return ExitCode::ok;
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  file << scorer.save();
  file.close();
  if (file) return ExitCode::ok;
  return complain(ExitCode::io_error, "can't write '" + name + "': " + std::strerror(errno));
}

Direction direction_of(const std::string& word) {
  return word == "up" ? Direction::high : word == "down" ? Direction::low : Direction::either;
}
Sensitivity sensitivity_of(const std::string& word) {
  return word == "low" ? Sensitivity::low : word == "medium" ? Sensitivity::medium : Sensitivity::high;
}

RowWriter::Settings writer_settings(const ScoreFlags& flags) {
  RowWriter::Settings settings;
  settings.format = flags.format == "csv" ? RowFormat::csv : RowFormat::ndjson;
  settings.score = flags.score == "onset" ? ScoreColumn::onset : ScoreColumn::level;
  settings.explain = flags.explain;
  return settings;
}

ExitCode write_page(const ScoreFlags& flags, const PlotData& plot) {
  if (flags.html.empty()) return ExitCode::ok;
  std::ofstream file(flags.html, std::ios::binary | std::ios::trunc);
  const std::string title =
      flags.file == "-" ? "standard input" : std::filesystem::path(flags.file).filename().string();
  write_plot_page(
      file, {title, flags.time_zone, flags.multivariate, theta_of(sensitivity_of(flags.sensitivity))}, plot);
  file.close();
  return file ? ExitCode::ok
              : complain(ExitCode::io_error, "can't write '" + flags.html + "': " + std::strerror(errno));
}

Remarks remarks_on(const ScoreFlags& flags) {
  return {std::cerr, flags.file == "-" ? "standard input" : flags.file};
}

ExitCode code_of(const ScoreError& error) {
  return error.kind == ScoreError::Kind::io ? ExitCode::io_error : ExitCode::bad_data;
}

ExitCode score_univariate(const ScoreFlags& flags, const Calendar& calendar, std::istream& in,
                          std::ostream& out) {
  ModelChoice choice = flags.choice;
  choice.direction = direction_of(flags.direction);
  const auto chosen = ensemble_for(choice);
  if (!chosen) return complain(ExitCode::usage, chosen.error().message);

  SeriesScorer scorer(*chosen, calendar, sensitivity_of(flags.sensitivity));
  if (const ExitCode code = load_state(flags.state_in, scorer); code != ExitCode::ok) return code;
  const RowWriter::Settings settings = writer_settings(flags);
  RowReader reader(in, settings.format);
  RowWriter writer(out, settings);
  Remarks remarks = remarks_on(flags);
  PlotData plot;
  const auto scored =
      score_rows(reader, scorer, writer, remarks, flags.strict, flags.html.empty() ? nullptr : &plot);
  writer.flush();
  if (!scored) return code_of(scored.error());
  const ExitCode page = write_page(flags, plot);
  return page == ExitCode::ok ? write_state(flags.state_out, scorer) : page;
}

ExitCode score_multivariate(const ScoreFlags& flags, const Calendar& calendar, std::istream& in,
                            std::ostream& out) {
  Remarks remarks = remarks_on(flags);
  TableReader reader(in, flags.entity);
  if (const auto begun = reader.begin(); !begun) return code_of(end_with(remarks, begun.error()).value());
  MultiScorer scorer(reader.columns(), {flags.train_rows, sensitivity_of(flags.sensitivity)});
  if (const ExitCode code = load_state(flags.state_in, scorer); code != ExitCode::ok) return code;
  TableWriter writer(out, flags.entity, flags.explain);
  TablePlot plot{{}, calendar};
  const auto scored =
      score_table(reader, scorer, writer, remarks, flags.strict, flags.html.empty() ? nullptr : &plot);
  writer.flush();
  if (!scored) return code_of(scored.error());
  const ExitCode page = write_page(flags, plot.data);
  return page == ExitCode::ok ? write_state(flags.state_out, scorer) : page;
}

// Flags that say nothing about the form of the file.
std::optional<std::string> contradiction(const ScoreFlags& flags) {
  if (flags.multivariate) {
    if (flags.format != "csv") return "--multivariate reads CSV only; leave --format out";
    if (!flags.choice.model.empty() && flags.choice.model != "multi")
      return "--multivariate runs the model multi; leave --model out";
    return std::nullopt;
  }
  if (flags.train_rows) return "--train-rows goes with --multivariate";
  if (!flags.entity.empty()) return "--entity goes with --multivariate";
  return std::nullopt;
}

ExitCode score_file(const ScoreFlags& flags) {
  if (const auto wrong = contradiction(flags)) return complain(ExitCode::usage, *wrong);
  const auto calendar = Calendar::of(flags.time_zone);
  if (!calendar) return complain(ExitCode::usage, calendar.error().message);
  const auto input = open_input(flags.file);
  if (!input) return input.error();
  for (const std::string* written : {&flags.output, &flags.html, &flags.state_out}) {
    std::error_code error;
    if (!written->empty() && std::filesystem::equivalent(*written, flags.file, error))
      return complain(ExitCode::usage, "'" + *written + "' is the input; write to another file");
  }
  std::istream& in = *input ? **input : std::cin;
  const auto run = [&](std::ostream& out) {
    return flags.multivariate ? score_multivariate(flags, *calendar, in, out)
                              : score_univariate(flags, *calendar, in, out);
  };
  if (flags.output.empty()) return run(std::cout);

  // Beside it first: what stands there is not lost to a wrong flag or a damaged file.
  const std::string beside = flags.output + ".part";
  std::ofstream output(beside, std::ios::binary | std::ios::trunc);
  if (!output) return complain(ExitCode::io_error, "can't write '" + beside + "': " + std::strerror(errno));
  const ExitCode code = run(output);
  output.close();
  std::error_code error;
  if (!output) return complain(ExitCode::io_error, "writing '" + beside + "' failed");
  if (code != ExitCode::ok) {
    std::filesystem::remove(beside, error);
    return code;
  }
  std::filesystem::rename(beside, flags.output, error);
  return error ? complain(ExitCode::io_error, "can't write '" + flags.output + "': " + error.message())
               : code;
}

}  // namespace

void add_score(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("score", "Score the rows of a CSV file with the daemon's models");
  const auto flags = std::make_shared<ScoreFlags>();
  command->add_option("file", flags->file, "Rows `timestamp,value` with a header; - is standard input")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--format", flags->format, "Of input and output")
      ->check(CLI::IsMember({"csv", "ndjson"}))
      ->capture_default_str();
  command
      ->add_option(
          "--kind", flags->choice.kind,
          "What the value is; duration listens upwards only, count and event are events since the row before")
      ->check(CLI::IsMember({"gauge", "duration", "count", "event"}))
      ->capture_default_str();
  command->add_option("--profile", flags->choice.profile, "slim: less memory, no seasons")
      ->check(CLI::IsMember({"full", "slim"}))
      ->capture_default_str();
  command->add_option("--model", flags->choice.model, "One model alone instead of the kind's ensemble")
      ->type_name("NAME");
  command->add_option("--direction", flags->direction, "The side that counts as a problem")
      ->check(CLI::IsMember({"both", "up", "down"}))
      ->capture_default_str();
  command
      ->add_option("--sensitivity", flags->sensitivity,
                   "Of the anomaly column: onsets from 3.0, 2.0 or 1.6 on")
      ->check(CLI::IsMember({"low", "medium", "high"}))
      ->capture_default_str();
  command
      ->add_option("--score", flags->score,
                   "onset: only where a problem begins or grows; level: how odd each row is")
      ->check(CLI::IsMember({"onset", "level"}))
      ->capture_default_str();
  command
      ->add_option("--time-zone", flags->time_zone,
                   "Of timestamps without an offset, and of the rhythm of day and week")
      ->type_name("ZONE")
      ->capture_default_str();
  command->add_flag("--multivariate", flags->multivariate,
                    "All columns together: `timestamp,<columns...>`, all numeric");
  command
      ->add_option(
          "--train-rows", flags->train_rows,
          "With --multivariate: so many first rows (of each entity) are healthy, later ones teach nothing")
      ->check(CLI::Range(2, 1'000'000'000))
      ->type_name("N");
  command->add_option("--entity", flags->entity, "With --multivariate: the column that says whose row it is")
      ->type_name("COLUMN");
  command->add_flag("--explain", flags->explain, "A further column `explanation`, one sentence a row");
  command->add_flag("--strict", flags->strict, "End at the first row that can't be read or is out of order");
  command->add_option("--output", flags->output, "Write here instead of to standard output")
      ->type_name("FILE");
  command->add_option("--html", flags->html, "Also write a page that shows the rows and their scores")
      ->type_name("FILE");
  command->add_option("--state-in", flags->state_in, "Go on from what an earlier run has learnt")
      ->type_name("FILE");
  command->add_option("--state-out", flags->state_out, "Write what was learnt")->type_name("FILE");
  command->footer(
      "One row of output for each row of input, in order; remarks go to standard error.\n"
      "Ends with 64 for a wrong flag, 65 for a file that can't be read as rows, 66 when it is missing.\n"
      "Examples:\n"
      "  proactived score latency.csv > scored.csv\n"
      "  proactived score --time-zone Europe/Berlin --sensitivity medium --explain load.csv\n"
      "  proactived score latency.csv --output scored.csv --html latency.html\n"
      "  proactived score --multivariate --entity unit --train-rows 50 engines.csv\n"
      "  cut -d, -f1,3 all.csv | sed '1s/.*/timestamp,value/' | proactived score -");
  command->callback([&chosen, flags] { chosen = [flags] { return score_file(*flags); }; });
}

}  // namespace proactive::daemon
