// The edge of the process: where records come from and where outputs and state go. Each port has a Kafka, a file and an
// in-memory version; the lane sees nothing else of the world.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "daemon/codec/commit_version.h"
#include "daemon/codec/record.h"
#include "models/base/result.h"

namespace proactive::daemon {

// ---- source ----------------------------------------------------------------------------------------------------------

struct Records {  // in offset order within a (stream, partition); views live until the next poll
  std::span<const InputRecord> records;
};
struct Assigned {
  std::vector<PartitionId> partitions;
  std::vector<PartitionId> incomplete =
      {};  // given to us without all of their input topics: not to be processed
};
struct Revoked {  // still ours until release(): the last chance to commit
  std::vector<PartitionId> partitions;
};
struct Lost {  // somebody else may own them already: nothing may be committed
  std::vector<PartitionId> partitions;
};
// All records up to this offset were handed over and the brokers were heard within the last 5 s.
struct EndOfPartition {
  StreamKind stream;
  PartitionId partition;
  std::int64_t next_offset;  // counts control records
};
// The offset we stand at is no longer in the log: it was deleted under us.
struct InputMissing {
  PartitionId partition;
  std::string reason;
};
struct Idle {};      // nothing within the wait
struct Finished {};  // files: no more input will come
struct SourceFailed {
  std::string reason;
  bool twin = false;  // a static member with our name runs elsewhere
};
using SourceEvent = std::variant<Idle, Records, Assigned, Revoked, Lost, EndOfPartition, InputMissing,
                                 Finished, SourceFailed>;

struct PartitionStart {
  PartitionId partition;
  std::array<std::int64_t, kStreamKinds>
      offsets;  // next offset to read; CommitVersion::kNone: don't read this stream
};

struct ChangelogEntry {
  std::string_view key, value;  // empty value: tombstone
  std::int64_t offset;
};

struct StreamBounds {
  std::int64_t low = 0, high = 0;  // log start and high watermark
};

// Reads one partition's changelog from the beginning to the high watermark taken when it was opened.
class ChangelogReader {
 public:
  virtual ~ChangelogReader() = default;
  // The next entries (views until the next call); an empty span with done() false: none within the wait.
  virtual Result<std::span<const ChangelogEntry>> poll(Duration wait) = 0;
  [[nodiscard]] virtual StreamBounds bounds() const = 0;
  // Everything before it was handed over or cannot be seen.
  [[nodiscard]] virtual std::int64_t position() const = 0;
  // The last trouble that reading went on after; empty: none.
  [[nodiscard]] virtual std::string trouble() const { return {}; }

  [[nodiscard]] bool done() const { return position() >= bounds().high; }
  [[nodiscard]] double progress() const {  // 0..1
    return done() ? 1
                  : static_cast<double>(position() - bounds().low) /
                        static_cast<double>(bounds().high - bounds().low);
  }
};

// Owner and thread: one lane.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  virtual SourceEvent poll(Duration wait) = 0;
  // The committed version of a partition, v == 0 when none; waits for a predecessor's open commit.
  virtual Result<CommitVersion> committed(PartitionId partition) = 0;
  // Where each stream of the partition begins and ends now.
  virtual Result<std::array<StreamBounds, kStreamKinds>> bounds(PartitionId partition) = 0;
  // The newest known end (last stable offset) of each stream, for lag; -1: not known. Asks nobody.
  [[nodiscard]] virtual std::array<std::int64_t, kStreamKinds> ends(PartitionId /*partition*/) const {
    return {-1, -1};
  }
  // Reads the given partitions from these offsets on, and no others; purges what was fetched before.
  virtual Result<void> assign(std::span<const PartitionStart> starts) = 0;
  // Gives revoked or lost partitions up; completes the rebalance.
  virtual Result<void> release() = 0;
  virtual Result<std::unique_ptr<ChangelogReader>> open_changelog(PartitionId partition) = 0;
  virtual void close() = 0;
};

// ---- sink ------------------------------------------------------------------------------------------------------------

// The largest output that a lane writes: key, value and headers.
inline constexpr std::size_t kMaxOutputBytes = 1'000'000;
// What each topic that we write must take, as Kafka counts: a batch, which is one such output or many small records, with
// the framing of both. The producer's own limit lies between the two, so that a record that passes here is one that a
// topic of this max.message.bytes takes.
inline constexpr std::size_t kMaxBatchBytes = 1'048'576;
inline constexpr std::size_t kMaxProducedBytes = 1'040'000;  // the producer's message.max.bytes
static_assert(kMaxOutputBytes < kMaxProducedBytes && kMaxProducedBytes < kMaxBatchBytes);

enum class CommitOutcome : std::uint8_t {
  committed,
  aborted,  // nothing of it is visible; the lane rolls back and reads again from the committed offsets
  refused,  // likewise, because the brokers took no offence at us but at a record, as they will again: refusal() tells
  unknown,  // the producer was rebuilt; the committed version tells what happened
  fenced    // a twin owns our transactional id: leave
};

struct SinkError {
  std::string message;
  CommitOutcome outcome = CommitOutcome::aborted;  // what the lane must assume of the open transaction
};

// What the brokers, or the client for them, would not take of the transaction that was `refused`. They judge batches, so
// its neighbours may be to blame, unless it was delivered alone.
struct SinkRefusal {
  Channel channel = Channel::outreach;
  PartitionId partition = -1;  // of a changelog record; of others it may be any
  std::string reason;          // topic, bytes, the broker's words
};

struct PartitionVersion {
  PartitionId partition;
  CommitVersion version;
};

// Owner and thread: one lane. One transaction at a time, opened by the first write.
class Sink {
 public:
  virtual ~Sink() = default;
  // `partition`: where changelog, outreach and decisions go; dead letters may go anywhere.
  virtual Result<void, SinkError> write(PartitionId partition, const OutputRecord& record) = 0;
  // Waits until the brokers have taken what was written. `refused`: something since the last call was not; what only
  // takes long is left to commit().
  virtual Result<void, SinkError> deliver() { return {}; }
  // Valid after an outcome `refused`, until the next write.
  [[nodiscard]] virtual SinkRefusal refusal() const { return {}; }
  // Commits what was written and the offsets of every touched partition.
  virtual CommitOutcome commit(std::span<const PartitionVersion> versions) = 0;
  virtual Result<void, SinkError> abort() = 0;
  virtual void poll() = 0;  // serves delivery reports
  virtual void close() = 0;
};

}  // namespace proactive::daemon
