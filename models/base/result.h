// Result<T>: what data and people get wrong is a value, never an exception.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace proactive {

// A sentence for a person: what is wrong and, where known, what to do.
struct Error {
  std::string message;
};

template <class T, class E = Error>
using Result = tl::expected<T, E>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string message) {
  return tl::make_unexpected(Error{std::move(message)});
}

}  // namespace proactive
