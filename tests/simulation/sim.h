// What all parts of one schedule share: chance, clocks, the plan that the seed drew, counts and trace.
//
// Owner and thread: one schedule, one thread. Everything that happens follows from the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "daemon/codec/record.h"
#include "daemon/io/output_letter.h"
#include "daemon/io/partition_hash.h"
#include "tests/simulation/events.h"
#include "tests/simulation/random.h"

namespace proactive::simulation {

// Ways to be wrong that the simulation must notice; none: the program as it is.
enum class Mutant : std::uint8_t {
  none,
  no_offsets,          // a transaction whose offsets did not move is committed without offsets (rule F1)
  restore_to_stable,   // restore ends at the last stable offset, not at the high watermark
  no_undo,             // Pipeline::rollback does nothing
  unstable_offsets,    // restore does not wait for offsets that are about to be decided
  no_epoch,            // a producer that was replaced may go on writing
  fresh_generation,    // the group's metadata is taken just before the commit, not at the assignment
  no_replay,           // what the changelog lacks is not learnt again
  late_offsets,        // offsets that were not answered are followed by an abort, not by a new producer
  silent_timeout,      // the brokers' timeout aborts a transaction and does not fence its producer
  unknown_is_aborted,  // a lost answer is taken for an abort
  expired_to_zero,     // without committed offsets the input is read from its beginning
  skip_unasked,        // lost input is skipped though nobody has allowed it
  no_counter,          // an unknown outcome is judged by offsets alone
  incomplete_runs,     // a partition without all of its topics is processed
  warm_unchecked,      // held state is used again whatever was committed meanwhile
  warm_by_offsets,     // likewise, if the offsets alone are those of before
  refusal_unseen       // a record that the brokers refuse is taken for written
};

// The process is gone, in the middle of a port call.
struct Crash {};

// A broken promise. The schedule ends.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the seed decides once. "one in": chance per opportunity, 0 is never.
struct Plan {
  int lanes = 2;
  std::int32_t partitions = 3;
  int customers = 4;        // that send telemetry
  std::int64_t rounds = 2;  // of input
  bool static_members = true;
  bool idle = false;  // time without records moves the watermark
  bool dead_letter_late = false;
  bool low_poison_limit = false;
  int chaos_steps = 300;  // after these nothing fails any more
  Duration session_timeout{}, transaction_timeout{};
  std::int64_t batch = 10;                              // records of a poll, at most
  std::int64_t marker_delay = 0;                        // in steps, at most
  std::uint64_t crash = 0, freeze = 0;                  // one in so many port calls
  std::uint64_t fail = 0;                               // one in so many port calls that may fail
  std::uint64_t commit_trouble = 0;                     // one in so many commits
  std::uint64_t rebalance = 0, compact = 0, order = 0;  // one in so many steps
  std::uint64_t loss = 0, retention = 0, expiry = 0;    // likewise
  std::uint64_t incomplete = 0;                         // one in so many generations
  bool skip_lost_input = false;                         // of the configuration
  std::int32_t refuse = 0;                              // the brokers take one in so many outputs never
  std::int32_t refuse_state = 0;                        // and one in so many state records, until the calm
};

struct Sim {
  Sim(std::uint64_t seed, Mutant mutant_of_run, bool trace_on)
      : random(seed), mutant(mutant_of_run), trace(trace_on) {}

  Random random;
  const Mutant mutant;
  Plan plan;
  bool chaos = true;

  std::uint64_t step = 0;  // markers and late requests are due by it
  Duration steady = std::chrono::hours(1);
  // Stands still while records are read: outcomes tell `now`, and the oracle's must be the same bytes.
  Timestamp wall{};

  Events events;
  Trace trace;
  Duration down_until = Duration::min();  // until then no broker answers
  std::function<void()> world_turns;      // the brokers' part of a step, also while a lane waits in a call

  // A lane waits inside a call: the world does not.
  void wait(Duration time) {
    steady += time;
    ++step;
    world_turns();
  }
  template <class... Args>
  void say(std::string_view who, fmt::format_string<Args...> format, Args&&... args) const {
    if (trace.on()) trace.line(steady, who, fmt::format(format, std::forward<Args>(args)...));
  }
  [[nodiscard]] bool down() const { return chaos && steady < down_until; }
  // Waits for a broker that answers; false: none did.
  bool reach(Duration limit) {
    for (const Duration until = steady + limit; down() && steady < until;)
      wait(std::chrono::milliseconds(200));
    return !down();
  }
  // By its content, so that it is refused however often and by whomever it is written.
  [[nodiscard]] bool refuses(const daemon::OutputRecord& record) const {
    if (record.channel == daemon::Channel::changelog) {  // until an operator raises the topic's limit
      return chaos && plan.refuse_state > 0 &&
             daemon::partition_of(daemon::Partitioner::murmur2, record.value, plan.refuse_state) == 0;
    }
    return plan.refuse > 0 && !daemon::is_refused_letter(record) &&
           daemon::partition_of(daemon::Partitioner::murmur2, record.value, plan.refuse) == 0;
  }
  bool fails() { return chaos && random.one_in(plan.fail); }
};

}  // namespace proactive::simulation
