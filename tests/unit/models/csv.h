// Reads the checked-in reference tables of tests/data/reference.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace proactive::models {

// Cells of each line behind the header.
inline std::vector<std::vector<std::string>> read_reference(const std::string& name) {
  std::ifstream file(std::string(PROACTIVE_SOURCE_DIR "/tests/data/reference/") + name);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::stringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

inline double number(const std::string& cell) { return std::strtod(cell.c_str(), nullptr); }

}  // namespace proactive::models
