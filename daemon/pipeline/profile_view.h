// A customer's profile as rules and messages see it, and limits that are profile fields.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "daemon/pipeline/customer_store.h"
#include "rules/engine/condition.h"

namespace proactive::daemon {

// Views into the profile. `customer.plan` and `plan` name the same field.
class ProfileView final : public rules::ProfileFacts {
 public:
  explicit ProfileView(const Profile* profile) : profile_(profile) {}

  [[nodiscard]] const ScalarValue* field(std::string_view name) const override {
    constexpr std::string_view kPrefix = "customer.";
    if (name.substr(0, kPrefix.size()) == kPrefix) name.remove_prefix(kPrefix.size());
    if (profile_ == nullptr) return nullptr;
    const auto found =
        std::lower_bound(profile_->fields.begin(), profile_->fields.end(), name,
                         [](const auto& field, std::string_view wanted) { return field.first < wanted; });
    if (found == profile_->fields.end() || found->first != name) return nullptr;
    if (const auto* text = std::get_if<std::string>(&found->second)) {
      value_ = std::string_view(*text);
    } else if (const auto* number = std::get_if<double>(&found->second)) {
      value_ = *number;
    } else {
      value_ = std::get<bool>(found->second);
    }
    return &value_;
  }

  [[nodiscard]] std::string_view text(std::string_view name) const {
    const ScalarValue* value = field(name);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string_view>(value);
    return text == nullptr ? std::string_view{} : *text;
  }

  [[nodiscard]] std::uint64_t version() const { return profile_ == nullptr ? 0 : profile_->version; }

 private:
  const Profile* profile_;
  mutable ScalarValue value_;  // of the last field(): valid until the next call
};

[[nodiscard]] inline std::optional<double> limit_of(const rules::Limit& limit, const ProfileView& profile) {
  if (!limit.profile_field) return limit.value;
  const ScalarValue* value = profile.field(*limit.profile_field);
  const auto* number = value == nullptr ? nullptr : std::get_if<double>(value);
  return number == nullptr || !std::isfinite(*number) ? std::nullopt : std::optional<double>(*number);
}

}  // namespace proactive::daemon
