// The brokers: topic partitions with transactions, and their coordinator.
//
//   open -> committing | aborting -> done      a decision is one moment, what it makes visible is not:
//                                              the offsets and each partition's marker follow at steps of their own
//
// A reader of committed records sees nothing behind the last stable offset, the first record of the oldest open
// transaction. Markers take offsets. A transaction that outlives its timeout is aborted and its producer fenced.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/io/ports.h"
#include "tests/simulation/sim.h"

namespace proactive::simulation {

using daemon::Channel;
using daemon::CommitVersion;
using daemon::PartitionId;
using daemon::StreamKind;

inline constexpr std::string_view kUpstream = "upstream";  // who writes the input

using TransactionId = std::uint64_t;  // 0: written without a transaction

struct Body {
  std::string key, value;
  std::vector<std::pair<std::string, std::string>> headers;
};
struct Entry {
  std::int64_t offset = 0;
  TransactionId transaction = 0;
  bool control = false, tombstone = false;
  std::shared_ptr<const Body> body;  // null: a control record
  Timestamp at{};                    // append time
  Duration appended{};               // likewise, by the steady clock
};

// One partition of one topic.
struct TopicLog {
  enum class Fate : std::uint8_t { open, committed, aborted };
  struct Part {
    std::int64_t first = 0;
    Fate fate = Fate::open;
  };

  std::int64_t append(Entry entry);
  [[nodiscard]] std::int64_t stable() const;  // last stable offset
  [[nodiscard]] bool visible(const Entry& entry) const;
  // Committed records from `offset` on and before `end`, at most `most`; moves `offset` behind what was looked at.
  std::vector<Entry> read(std::int64_t& offset, std::int64_t end, std::size_t most) const;
  [[nodiscard]] std::vector<Entry> all_committed() const;
  // What a newer record of its key replaces goes, and aborted records and old tombstones, all before the last stable
  // offset. Offsets stay as they are: holes.
  std::size_t compact(Duration before);
  void delete_before(std::int64_t offset);

  std::vector<Entry> entries;
  std::int64_t low = 0, high = 0;
  std::map<TransactionId, Part> parts;
};

// Topics by name of their use.
enum class Topic : std::uint8_t { telemetry, profiles, outreach, decisions, dead_letters, changelog };
inline constexpr std::size_t kTopics = 6, kMostPartitions = 6;
[[nodiscard]] Topic topic_of(StreamKind stream);
[[nodiscard]] Topic topic_of(Channel channel);

struct StoredOffsets {  // the group's, of one partition number
  std::array<std::int64_t, daemon::kStreamKinds> offsets{CommitVersion::kNone, CommitVersion::kNone};
  std::string metadata;
};

class SimLog {
 public:
  enum class Reply : std::uint8_t { ok, fenced };
  using Place = std::pair<Topic, PartitionId>;

  explicit SimLog(Sim& sim) : sim_(sim) {}

  TopicLog& at(Topic topic, PartitionId partition) {
    return logs_[static_cast<std::size_t>(topic)].at(static_cast<std::size_t>(partition));
  }

  // ---- producers; an epoch that is not the newest of its id is fenced ----
  // Ends what the id's former epochs have left open, and waits for its markers.
  std::uint64_t init_producer(const std::string& id);
  // Opens a transaction if none is open; waits for the markers of the one before.
  Reply produce(const std::string& id, std::uint64_t epoch, Place place, Entry entry);
  // The caller has asked the group whether the offsets may be taken.
  Reply add_offsets(const std::string& id, std::uint64_t epoch, PartitionId partition, StoredOffsets offsets);
  Reply end(const std::string& id, std::uint64_t epoch, bool commit);
  // The same, at a later step, if the epoch is still good then.
  void end_later(const std::string& id, std::uint64_t epoch, std::uint64_t steps);
  // Offsets that reach the broker at a later step: they become part of whatever transaction is open then.
  void add_offsets_later(const std::string& id, std::uint64_t epoch, PartitionId partition,
                         StoredOffsets offsets, std::uint64_t steps);
  [[nodiscard]] bool has_open(const std::string& id) const;

  // ---- the group's offsets ----
  [[nodiscard]] bool offsets_pending(PartitionId partition) const;
  [[nodiscard]] const StoredOffsets* committed(PartitionId partition) const;
  [[nodiscard]] std::optional<CommitVersion> committed_version(PartitionId partition) const;
  void forget_offsets(PartitionId partition) { offsets_.erase(partition); }  // as after long idleness
  void set_offsets(PartitionId partition, StoredOffsets offsets) { offsets_[partition] = std::move(offsets); }
  // Committed transactions that wrote to the partition's changelog.
  [[nodiscard]] std::uint64_t changelog_commits(PartitionId partition) const;

  void turn();  // markers, late requests and timeouts that are due
  [[nodiscard]] bool quiet() const {
    return running_.empty();
  }  // no transaction is open or waits for a marker
  void compact_changelogs();
  [[nodiscard]] TransactionId transactions() const { return last_; }  // so far

 private:
  struct Marker {
    std::optional<Place> place;  // nullopt: the group's offsets
    std::uint64_t due = 0;       // step
  };
  struct Transaction {
    std::string producer;
    enum class Phase : std::uint8_t { open, committing, aborting } phase = Phase::open;
    Duration begun{};
    std::vector<Place> places;
    std::map<PartitionId, StoredOffsets> offsets;
    std::vector<Marker> markers;
  };
  struct Producer {
    std::uint64_t epoch = 0;
    TransactionId current = 0;
  };
  struct LateEnd {
    std::string producer;
    std::uint64_t epoch = 0, due = 0;
  };
  struct LateOffsets {
    std::string producer;
    std::uint64_t epoch = 0, due = 0;
    PartitionId partition = 0;
    StoredOffsets offsets;
  };

  [[nodiscard]] bool fenced(const Producer& producer, std::uint64_t epoch) const;
  TransactionId open(Producer& producer, const std::string& id);
  void decide(TransactionId id, bool commit);
  void apply_markers(TransactionId id, bool all);
  void apply(TransactionId id, Transaction& transaction, const Marker& marker);
  void take_late_offsets(const LateOffsets& late);
  void store(PartitionId partition, const StoredOffsets& offsets);

  Sim& sim_;
  std::array<std::array<TopicLog, kMostPartitions>, kTopics> logs_;
  std::map<std::string, Producer> producers_;
  std::map<TransactionId, Transaction> running_;
  TransactionId last_ = 0;
  std::vector<LateEnd> late_;
  std::vector<LateOffsets> late_offsets_;
  std::map<PartitionId, StoredOffsets> offsets_;
  std::map<PartitionId, std::uint64_t> last_v_, changelog_commits_;
};

}  // namespace proactive::simulation
