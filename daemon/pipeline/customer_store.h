// All state objects of a partition and the undo log of the open transaction.
//
//   Customer -> Entity (the customer itself is one) -> Series by measure, Episode by rule
//
// Nothing else writes state: touch() saves a pre-image on the first touch in a transaction, what is created and erased is
// noted. commit() drops the log, rollback() walks it backwards.
//
// Episodes, profiles and erasures go to the changelog in the transaction that makes them. A touched series is *dirty*
// until it is written: in the same transaction if it is new, if its entity has or had an episode in it, or if its
// customer's profile changed, since what becomes of it then depends on more than its records; else when somebody calls
// write() for its entity (checkpoint.h). All dirty series of an entity are written together.
// Owner: one Pipeline. Thread: its lane's. Clock: none. Bound: PipelineLimits; a refused key is counted, never fatal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/outreach/ledger.h"
#include "daemon/pipeline/block_pool.h"
#include "daemon/pipeline/checkpoint.h"
#include "daemon/pipeline/counts.h"
#include "daemon/pipeline/customer_index.h"
#include "daemon/pipeline/hint.h"
#include "daemon/pipeline/keyed_list.h"
#include "daemon/pipeline/limits.h"
#include "daemon/pipeline/plan_table.h"
#include "rules/engine/episode.h"

namespace proactive::daemon {

struct Entity;

struct Series {
  Entity* entity;
  std::uint32_t touched;  // transaction of the last pre-image
  rules::MeasureIndex measure;
  std::uint8_t dirty;         // 1: the changelog holds an older state of it
  std::uint8_t models_saved;  // 1: so does the pre-image of `touched` hold the models

  [[nodiscard]] std::byte* block() { return reinterpret_cast<std::byte*>(this + 1); }
  [[nodiscard]] const std::byte* block() const { return reinterpret_cast<const std::byte*>(this + 1); }
};
static_assert(sizeof(Series) == 16);

// What one (rule, entity) remembers: the episode and what was said about it. Plain bytes.
struct EpisodeRecord {
  rules::Episode episode;
  OutreachLedger ledger;
};

struct EpisodeSlot {
  Entity* entity;
  std::uint32_t touched;
  rules::RuleIndex rule;
  EpisodeRecord record;
};

// A profile's fields that rules or events use, by name, sorted.
struct Profile {
  std::uint64_t version = 0;
  std::vector<std::pair<std::string, std::variant<std::string, double, bool>>> fields;
};

struct Customer {
  std::string id;
  std::uint64_t hash;
  std::uint32_t touched;
  std::unique_ptr<const Profile> profile;
  Entity* self;  // the entity that is the customer itself, which most events are about
  KeyedList<Entity, std::uint64_t, 1> entities;  // by order, then type and id
  std::size_t series = 0, episodes = 0;
  // Own-clock deadlines: the least one of its entities; INT64_MAX: none. Derived.
  std::int64_t own_due_us = INT64_MAX;
  // The customer's offset from UTC, cached from the zone until it changes. Derived.
  std::int64_t offset_until_us = INT64_MIN;
  std::int64_t offset_from_us = INT64_MAX;
  int utc_offset_s = 0;
};

struct Entity {
  Customer* customer;
  std::string id;  // empty: the customer itself
  rules::EntityTypeIndex type;
  std::uint32_t slot, generation;
  std::uint32_t written = 0;  // the transaction that writes its dirty series
  bool dirty = false;         // some of its series are
  std::uint64_t order;        // canonical hash: the order among equal due times
  KeyedList<Series, rules::MeasureIndex, 4> series;
  KeyedList<EpisodeSlot, rules::RuleIndex, 1> episodes;
  std::int64_t newest_us = INT64_MIN;        // newest event; derived from its series
  std::int64_t timer_us = INT64_MAX;         // the pending hint, if any
  std::int64_t expiry_timer_us = INT64_MAX;  // the pending hint for the time to live: one at most
};

class CustomerStore {
 public:
  CustomerStore(const PlanTable* plans, const PipelineLimits& limits, PipelineCounts* counts);
  ~CustomerStore();
  CustomerStore(const CustomerStore&) = delete;
  CustomerStore& operator=(const CustomerStore&) = delete;

  [[nodiscard]] Customer* find(std::string_view id) { return customers_.find(id, hash_of(id)); }
  // nullptr: no room.
  [[nodiscard]] Customer* find_or_create(std::string_view id) { return find_or_create(id, hash_of(id)); }
  [[nodiscard]] Customer* find_or_create(std::string_view id, std::uint64_t hash);
  [[nodiscard]] static std::uint64_t hash_of(std::string_view id);
  [[nodiscard]] Entity* entity(Customer& customer, rules::EntityTypeIndex type, std::string_view id,
                               bool create);
  // Finds or creates, and touches. nullptr: no room.
  [[nodiscard]] Series* series(Entity& entity, rules::MeasureIndex measure, std::int64_t time_us,
                               std::int64_t watermark_us);
  [[nodiscard]] static Series* find_series(const Entity& entity, rules::MeasureIndex measure) {
    return entity.series.find(measure);
  }
  [[nodiscard]] static EpisodeSlot* find_episode(const Entity& entity, rules::RuleIndex rule) {
    return entity.episodes.find(rule);
  }

  // Loads what an event of this customer will touch into the cache, one link of the chain at a time: each step reads what
  // the one before has asked for. A hint: nothing waits, nothing changes.
  [[nodiscard]] Hint hint(std::string_view customer) const;
  void follow(Hint& hint, int step) const;
  // The same for a timer's entity.
  void prefetch_entity(std::uint32_t slot, int step) const;
  static constexpr int kPrefetchEntitySteps = 3;
  [[nodiscard]] EpisodeSlot* episode(Entity& entity, rules::RuleIndex rule);  // finds or creates, and touches

  void touch(Series& series);         // before a change of what lies in front of the models
  void touch_models(Series& series);  // before any change
  void touch(EpisodeSlot& episode);
  void write(Entity& entity);  // its dirty series go to the changelog with this transaction
  void write_fresh();          // and those of all entities that became dirty in it
  void set_profile(Customer& customer, std::unique_ptr<const Profile> profile);
  void erase(Series& series);
  void erase(EpisodeSlot& episode);
  // Destroys an entity without series and episodes, a customer without entities and profile.
  void drop_if_empty(Entity& entity);
  void drop_if_empty(Customer& customer);

  [[nodiscard]] Entity* entity_at(std::uint32_t slot, std::uint32_t generation);

  // ---- the open transaction
  [[nodiscard]] bool changed() const { return !undo_.empty(); }
  [[nodiscard]] std::size_t undo_bytes() const { return images_.bytes() + undo_.size() * sizeof(Undo); }
  void commit();
  // Ends a transaction that nothing can undo and nobody writes: what is dirty stays so.
  void keep();
  // Entities that became dirty in such transactions; asking forgets them.
  [[nodiscard]] std::vector<EntityRef> take_fresh_dirty() { return std::exchange(fresh_dirty_, {}); }
  // Calls `restored` for every entity whose derived values must be computed anew.
  template <class Restored>
  void rollback(Restored&& restored) {
    for (Entity* entity : undo_all()) restored(*entity);
  }

  // Entities that became dirty in this transaction and are not written by it. Cost: a look at each.
  [[nodiscard]] std::vector<EntityRef> fresh_dirty();
  // Entities that a rollback has put back and that were dirty before; asking forgets them.
  [[nodiscard]] std::vector<EntityRef> take_dirty_again() { return std::exchange(dirty_again_, {}); }

  // A change as the changelog sees it: exactly one of the pointers, or an erased key.
  struct Change {
    Customer* customer = nullptr;
    Series* series = nullptr;
    EpisodeSlot* episode = nullptr;
    bool erased = false;
  };
  // What this transaction writes, each object once, by its last state. Stops, and returns false, when `visit` does.
  bool for_each_change(const std::function<bool(const Change&)>& visit) const;

  template <class Visit>
  void for_each_customer(Visit&& visit) {
    customers_.for_each(visit);
  }
  [[nodiscard]] std::size_t memory_bytes() const { return memory_bytes_; }
  [[nodiscard]] bool full() const { return at_limit(memory_bytes_, limits_.state_bytes); }
  // Limits are for new keys: what was taken in once is restored, though it may have grown or the limits have shrunk.
  // Nobody rolls a restore back either, and what it loads is in the changelog: no log is kept, nothing gets dirty.
  void set_loading(bool loading) { loading_ = loading; }

 private:
  enum class UndoKind : std::uint8_t {
    series_image,  // without the models, which change once a bucket
    models_image,
    series_created,
    series_erased,
    episode_image,
    episode_created,
    episode_erased,
    profile,
    entity_created,
    entity_erased,
    customer_created,
    customer_erased
  };
  struct Undo {
    UndoKind kind;
    std::uint32_t before;  // profile: index in profiles_; series_image: whether it was dirty
    void* object;
    const std::byte* image;  // in images_
  };

  [[nodiscard]] bool at_limit(std::size_t have, std::size_t limit) const {
    return !loading_ && have >= limit;
  }
  void prefetch_written(std::size_t i) const;
  void note(UndoKind kind, void* object, const std::byte* image = nullptr, std::uint32_t before = 0) {
    if (loading_) return forget(kind, object);
    undo_.push_back({kind, before, object, image});
  }
  void forget(UndoKind kind, void* object);  // what a transaction that has ended does not need
  void mark_dirty(Series& series);
  void unmark_fresh();
  [[nodiscard]] std::vector<Entity*> undo_all();
  void attach(Series& series);
  void detach(Series& series);
  void attach(EpisodeSlot& episode);
  void detach(EpisodeSlot& episode);
  void attach(Entity& entity);
  void detach(Entity& entity);
  void attach(Customer& customer);
  void detach(Customer& customer);
  void destroy(Series& series);
  void destroy(Entity& entity);
  void destroy(Customer& customer);
  [[nodiscard]] BlockPool& pool(rules::MeasureIndex measure);

  const PlanTable* plans_;
  PipelineLimits limits_;
  PipelineCounts* counts_;
  CustomerIndex customers_;
  BlockPool customer_pool_{sizeof(Customer)}, entity_pool_{sizeof(Entity)};
  std::vector<Entity*> entity_slots_;
  std::vector<std::uint32_t> generations_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::unique_ptr<BlockPool>> pools_;  // by size / 8
  std::size_t memory_bytes_ = 0;
  bool loading_ = false;

  std::uint32_t transaction_ = 1;
  std::uint64_t destroyed_ = 0;  // customers and entities
  std::vector<Undo> undo_;
  ImageArena images_;
  std::vector<std::unique_ptr<const Profile>> profiles_;  // pre-images
  std::vector<EntityRef> fresh_dirty_, dirty_again_;
  std::vector<Entity*> written_;
};

}  // namespace proactive::daemon
