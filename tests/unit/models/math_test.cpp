#include "models/base/math.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace proactive::math {
namespace {

struct Reference {
  std::string function;
  std::vector<double> args;
  double value;
};

std::vector<Reference> references() {
  std::ifstream file(PROACTIVE_SOURCE_DIR "/tests/data/reference/math.csv");
  std::vector<Reference> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::stringstream cells(line);
    std::string cell;
    Reference row;
    std::getline(cells, row.function, ',');
    for (int i = 0; i < 4; ++i) {
      std::getline(cells, cell, ',');
      if (!cell.empty()) row.args.push_back(std::strtod(cell.c_str(), nullptr));
    }
    std::getline(cells, cell);
    row.value = std::strtod(cell.c_str(), nullptr);
    rows.push_back(row);
  }
  return rows;
}

double ours(const Reference& r) {
  const std::vector<double>& a = r.args;
  if (r.function == "log") return log(a[0]);
  if (r.function == "log10") return log10(a[0]);
  if (r.function == "log1p") return log1p(a[0]);
  if (r.function == "exp") return exp(a[0]);
  if (r.function == "expm1") return expm1(a[0]);
  if (r.function == "pow") return pow(a[0], a[1]);
  if (r.function == "sin_turns") return sin_turns(a[0]);
  if (r.function == "cos_turns") return cos_turns(a[0]);
  if (r.function == "erfc") return erfc(a[0]);
  if (r.function == "log_normal_tail") return log_normal_tail(a[0]);
  if (r.function == "normal_quantile") return normal_quantile(a[0]);
  if (r.function == "lgamma") return lgamma(a[0]);
  if (r.function == "log_incomplete_beta") return log_incomplete_beta(a[0], a[1], a[2]);
  if (r.function == "log_beta_binomial_lower") return log_beta_binomial_lower(a[0], a[1], a[2], a[3]);
  if (r.function == "log_negative_binomial_mass") return log_negative_binomial_mass(a[0], a[1], a[2]);
  if (r.function == "log_negative_binomial_upper") return log_negative_binomial_upper(a[0], a[1], a[2]);
  if (r.function == "log_negative_binomial_lower") return log_negative_binomial_lower(a[0], a[1], a[2]);
  if (r.function == "first_passage") return first_passage(a[0], a[1], a[2], a[3]);
  if (r.function == "quick_normal_score") return quick_normal_score(a[0]);
  return log_beta_binomial_upper(a[0], a[1], a[2], a[3]);
}

TEST_CASE("every function agrees with scipy") {
  const std::vector<Reference> rows = references();
  REQUIRE(rows.size() > 300);
  for (const Reference& row : rows) {
    const double value = ours(row);
    // A share within 1e-10 of one is one: there an absolute error counts. The matched Beta may be off by 0.1 decades.
    const bool share = row.function.starts_with("log_beta_binomial");
    const bool matched = row.function == "matched_upper";
    const bool quick = row.function == "quick_normal_score";  // promises 4.5e-4
    const double allowed = quick     ? 4.5e-4
                           : matched ? 0.1 * kLn10
                                     : 1e-9 * std::fabs(row.value) + (share ? 1e-10 : 1e-14);
    INFO(row.function, " of ", row.args.size(), " arguments, first ", row.args[0], ": ", value, " for ",
         row.value);
    CHECK(std::fabs(value - row.value) <= allowed);
  }
}

TEST_CASE("elementary functions are right to a few units in the last place") {
  for (const Reference& row : references()) {
    if (row.function != "log" && row.function != "log1p" && row.function != "exp" && row.function != "expm1")
      continue;
    INFO(row.function, " of ", row.args[0]);
    // A denormal result has fewer digits than its neighbours.
    const double denormal = std::fabs(row.value) < 1e-300 ? 1e-300 : 0;
    // Near a zero of the function, outside the stretch of its own series, the error is absolute.
    const double size = std::fmax(std::fabs(row.value), std::fabs(row.value) < 0.032 ? 0 : 0.1);
    CHECK(std::fabs(ours(row) - row.value) <= 1e-15 * size + denormal);
  }
}

TEST_CASE("the edges of the domain give infinities and never trap") {
  const double inf = std::numeric_limits<double>::infinity();

  CHECK(log(0) == -inf);
  CHECK(std::isnan(log(-1)));
  CHECK(log(inf) == inf);
  CHECK(log1p(-1) == -inf);
  CHECK(exp(-1000) == 0);
  CHECK(exp(1000) == inf);
  CHECK(std::isnan(exp(std::nan(""))));
  CHECK(erfc(40) == 0);
  CHECK(erfc(-40) == 2);
  CHECK(log_incomplete_beta(2, 3, 0) == -inf);
  CHECK(log_incomplete_beta(2, 3, 1) == 0);
  CHECK(log_beta_binomial_upper(0, 10, 1, 1) == 0);
  CHECK(log_beta_binomial_upper(11, 10, 1, 1) == -inf);
}

TEST_CASE("tails down to 1e-300 keep their logarithm") {
  CHECK(log_normal_tail(37) == doctest::Approx(-689.030586).epsilon(1e-8));
  CHECK(log_beta_binomial_upper(200, 200, 2, 198) < -100);
}

}  // namespace
}  // namespace proactive::math
