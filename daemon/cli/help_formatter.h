// How --help writes a flag's value: "--partitions 1..4096 [24]", "--format text|json [text]", "--config FILE (required)".
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace proactive::daemon {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace proactive::daemon
