#include <algorithm>
#include <unordered_set>

#include "tests/simulation/sim_log.h"

namespace proactive::simulation {

Topic topic_of(StreamKind stream) {
  return stream == StreamKind::telemetry ? Topic::telemetry : Topic::profiles;
}

Topic topic_of(Channel channel) {
  switch (channel) {
    case Channel::outreach:
      return Topic::outreach;
    case Channel::decisions:
      return Topic::decisions;
    case Channel::dead_letters:
      return Topic::dead_letters;
    case Channel::changelog:
      return Topic::changelog;
  }
  throw Broken("no such channel");
}

std::int64_t TopicLog::append(Entry entry) {
  entry.offset = high++;
  if (entry.transaction != 0 && !entry.control) parts.try_emplace(entry.transaction, Part{entry.offset});
  entries.push_back(std::move(entry));
  return entries.back().offset;
}

std::int64_t TopicLog::stable() const {
  std::int64_t end = high;
  for (const auto& part : parts) {
    if (part.second.fate == Fate::open) end = std::min(end, part.second.first);
  }
  return end;
}

bool TopicLog::visible(const Entry& entry) const {
  if (entry.control) return false;
  if (entry.transaction == 0) return true;
  return parts.at(entry.transaction).fate == Fate::committed;
}

std::vector<Entry> TopicLog::read(std::int64_t& offset, std::int64_t end, std::size_t most) const {
  std::vector<Entry> found;
  auto entry = std::lower_bound(entries.begin(), entries.end(), offset,
                                [](const Entry& one, std::int64_t wanted) { return one.offset < wanted; });
  for (; entry != entries.end() && entry->offset < end && found.size() < most; ++entry) {
    if (visible(*entry)) found.push_back(*entry);
    offset = entry->offset + 1;
  }
  if (found.size() < most) offset = std::max(offset, end);  // holes and control records at the end
  return found;
}

std::vector<Entry> TopicLog::all_committed() const {
  std::int64_t from = low;
  return read(from, stable(), SIZE_MAX);
}

std::size_t TopicLog::compact(Duration before) {
  const std::int64_t end = stable();
  std::unordered_set<std::string_view> newer;
  std::vector<std::int64_t> gone;  // the last one first
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->offset >= end) {
      continue;  // not clean yet, and what is not decided replaces nothing
    }
    if (!visible(*entry) || !newer.insert(entry->body->key).second) {
      gone.push_back(entry->offset);
    } else if (entry->tombstone && entry->appended < before) {
      gone.push_back(entry->offset);
    }
  }
  auto next = gone.rbegin();
  std::erase_if(entries, [&](const Entry& entry) {
    const bool is_next = next != gone.rend() && *next == entry.offset;
    if (is_next) ++next;
    return is_next;
  });
  return gone.size();
}

void TopicLog::delete_before(std::int64_t offset) {
  low = offset;
  std::erase_if(entries, [offset](const Entry& entry) { return entry.offset < offset; });
}

}  // namespace proactive::simulation
