#include "daemon/pipeline/customer_store.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <unordered_set>

#include <xxhash.h>

#include "models/base/check.h"
#include "models/base/state_record.h"

namespace proactive::daemon {
namespace {

// What hangs around the payloads: a customer's places in the index, which is half empty; an entity's slot and generation;
// an episode's share of the allocator.
constexpr std::size_t kCustomerBytes = sizeof(Customer) + 32;
constexpr std::size_t kEntityBytes = sizeof(Entity) + 12;
constexpr std::size_t kEpisodeBytes = sizeof(EpisodeSlot) + 16;

std::uint64_t order_of(const Customer& customer, rules::EntityTypeIndex type, std::string_view id) {
  return XXH3_64bits_withSeed(id.data(), id.size(), customer.hash + type);
}

void prefetch_lines(const void* from, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  // gcc takes a function that only prefetches for one without effect, and drops the calls.
  asm volatile("" : : "r"(from));
  for (std::size_t at = 0; at < bytes; at += kLine)
    __builtin_prefetch(static_cast<const char*>(from) + at, 1);
}

// The heads of an entity's first series: which of them is meant, only the decoded event tells.
void prefetch_series(const Entity& entity) {
  constexpr std::size_t kMost = 8;
  const std::size_t count = std::min(entity.series.size(), kMost);
  for (std::size_t i = 0; i < count; ++i) prefetch_lines(entity.series[i], i < 2 ? 448 : 128);
}

}  // namespace

CustomerStore::CustomerStore(const PlanTable* plans, const PipelineLimits& limits, PipelineCounts* counts)
    : plans_(plans), limits_(limits), counts_(counts) {}

CustomerStore::~CustomerStore() {
  commit();
  customers_.for_each([this](Customer& customer) {
    for (Entity* entity : customer.entities) {
      for (EpisodeSlot* episode : entity->episodes) delete episode;
      destroy(*entity);
    }
    destroy(customer);
  });
}

BlockPool& CustomerStore::pool(rules::MeasureIndex measure) {
  const std::size_t bytes = sizeof(Series) + plans_->plan(measure).bytes();
  const std::size_t size_class = (bytes + 7) / 8;
  if (pools_.size() <= size_class) pools_.resize(size_class + 1);
  if (pools_[size_class] == nullptr) pools_[size_class] = std::make_unique<BlockPool>(size_class * 8);
  return *pools_[size_class];
}

std::uint64_t CustomerStore::hash_of(std::string_view id) { return XXH3_64bits(id.data(), id.size()); }

Customer* CustomerStore::find_or_create(std::string_view id, std::uint64_t hash) {
  if (Customer* found = customers_.find(id, hash)) return found;
  if (full()) {
    ++counts_->refused_full;
    return nullptr;
  }
  auto* customer = new (customer_pool_.take()) Customer{};
  customer->id = id;
  customer->hash = hash;
  attach(*customer);
  note(UndoKind::customer_created, customer);
  return customer;
}

Entity* CustomerStore::entity(Customer& customer, rules::EntityTypeIndex type, std::string_view id,
                              bool create) {
  if (type == 0 && id.empty() && customer.self != nullptr) return customer.self;
  const std::uint64_t order = order_of(customer, type, id);
  for (std::size_t at = customer.entities.first(order);
       at < customer.entities.size() && customer.entities.key_at(at) == order; ++at) {
    Entity* entity = customer.entities[at];
    if (entity->type == type && entity->id == id) return entity;
  }
  if (!create) return nullptr;
  if (at_limit(customer.entities.size(), limits_.entities_per_customer)) {
    ++counts_->refused_entities;
    return nullptr;
  }
  if (full()) {
    ++counts_->refused_full;
    return nullptr;
  }
  auto* entity = new (entity_pool_.take()) Entity{};
  entity->customer = &customer;
  entity->id = id;
  entity->type = type;
  entity->order = order;
  attach(*entity);
  note(UndoKind::entity_created, entity);
  return entity;
}

Hint CustomerStore::hint(std::string_view customer) const {
  const std::uint64_t hash = hash_of(customer);
  customers_.prefetch(hash);
  return {hash, nullptr, destroyed_};
}

void CustomerStore::follow(Hint& hint, int step) const {
  if (step == 1) {
    const Customer* customer = customers_.likely(hint.hash);
    hint.at = customer;
    hint.destroyed = destroyed_;
    if (customer != nullptr) prefetch_lines(customer, sizeof *customer);
    return;
  }
  if (hint.at == nullptr || hint.destroyed != destroyed_) return;
  if (step == 2) {
    const Entity* entity = static_cast<const Customer*>(hint.at)->self;
    hint.at = entity;
    if (entity != nullptr) prefetch_lines(entity, sizeof *entity);
    return;
  }
  prefetch_series(*static_cast<const Entity*>(hint.at));
}

void CustomerStore::prefetch_entity(std::uint32_t slot, int step) const {
  if (slot >= entity_slots_.size()) return;
  if (step == 0) {
    __builtin_prefetch(&entity_slots_[slot]);
    return __builtin_prefetch(&generations_[slot]);
  }
  const Entity* entity = entity_slots_[slot];
  if (entity == nullptr) return;
  if (step == 1) return prefetch_lines(entity, sizeof *entity);
  prefetch_lines(entity->customer, sizeof *entity->customer);
  prefetch_series(*entity);
}

Series* CustomerStore::series(Entity& entity, rules::MeasureIndex measure, std::int64_t time_us,
                              std::int64_t watermark_us) {
  if (Series* found = find_series(entity, measure)) {
    touch(*found);
    return found;
  }
  if (at_limit(entity.customer->series, limits_.series_per_customer)) {
    ++counts_->refused_series;
    return nullptr;
  }
  if (full()) {
    ++counts_->refused_full;
    return nullptr;
  }
  auto* series = reinterpret_cast<Series*>(pool(measure).take());
  *series = {&entity, transaction_, measure, 0, 1};
  plans_->plan(measure).init(series->block(), time_us, watermark_us);
  attach(*series);
  note(UndoKind::series_created, series);
  mark_dirty(*series);
  write(entity);
  return series;
}

EpisodeSlot* CustomerStore::episode(Entity& entity, rules::RuleIndex rule) {
  if (EpisodeSlot* found = find_episode(entity, rule)) {
    touch(*found);
    return found;
  }
  if (at_limit(entity.customer->episodes, limits_.episodes_per_customer)) {
    ++counts_->refused_episodes;
    return nullptr;
  }
  auto* episode = new EpisodeSlot{&entity, transaction_, rule, {}};
  attach(*episode);
  note(UndoKind::episode_created, episode);
  write(entity);
  return episode;
}

void CustomerStore::touch(Series& series) {
  if (series.touched == transaction_ || loading_) return;
  series.touched = transaction_;
  series.models_saved = 0;
  note(UndoKind::series_image, &series,
       images_.save(series.block(), plans_->plan(series.measure).bytes_before_models()), series.dirty);
  mark_dirty(series);
}

void CustomerStore::touch_models(Series& series) {
  touch(series);
  if (series.models_saved != 0 || loading_) return;
  series.models_saved = 1;
  const SeriesPlan& plan = plans_->plan(series.measure);
  const std::size_t from = plan.bytes_before_models();
  if (from == plan.bytes()) return;
  note(UndoKind::models_image, &series, images_.save(series.block() + from, plan.bytes() - from));
}

void CustomerStore::mark_dirty(Series& series) {
  if (loading_) return;
  series.dirty = 1;
  Entity& entity = *series.entity;
  if (!entity.dirty) {
    entity.dirty = true;
    fresh_dirty_.push_back({entity.slot, entity.generation});
  }
  if (!entity.episodes.empty()) write(entity);
}

void CustomerStore::write(Entity& entity) {
  if (entity.written == transaction_ || loading_) return;
  entity.written = transaction_;
  written_.push_back(&entity);
}

void CustomerStore::touch(EpisodeSlot& episode) {
  if (episode.touched == transaction_ || loading_) return;
  episode.touched = transaction_;
  note(UndoKind::episode_image, &episode, images_.save(&episode.record, sizeof episode.record));
  write(*episode.entity);
}

void CustomerStore::set_profile(Customer& customer, std::unique_ptr<const Profile> profile) {
  if (!loading_) profiles_.push_back(std::move(customer.profile));
  note(UndoKind::profile, &customer, nullptr, static_cast<std::uint32_t>(profiles_.size() - 1));
  for (Entity* entity : customer.entities) write(*entity);
  customer.profile = std::move(profile);
  customer.offset_until_us = INT64_MIN;
}

void CustomerStore::erase(Series& series) {
  touch(series);
  detach(series);
  note(UndoKind::series_erased, &series);
}

void CustomerStore::erase(EpisodeSlot& episode) {
  touch(episode);
  detach(episode);
  note(UndoKind::episode_erased, &episode);
}

void CustomerStore::drop_if_empty(Entity& entity) {
  if (!entity.series.empty() || !entity.episodes.empty()) return;
  Customer& customer = *entity.customer;
  detach(entity);
  note(UndoKind::entity_erased, &entity);
  drop_if_empty(customer);
}

void CustomerStore::drop_if_empty(Customer& customer) {
  if (!customer.entities.empty() || customer.profile != nullptr) return;
  detach(customer);
  note(UndoKind::customer_erased, &customer);
}

Entity* CustomerStore::entity_at(std::uint32_t slot, std::uint32_t generation) {
  if (slot >= entity_slots_.size() || generations_[slot] != generation) return nullptr;
  return entity_slots_[slot];
}

// ---- attach and detach: the only places that keep counts and indexes ------------------------------------------------

void CustomerStore::attach(Series& series) {
  series.entity->series.insert(series.entity->series.first(series.measure), series.measure, &series);
  ++series.entity->customer->series;
  ++counts_->series;
  memory_bytes_ += sizeof(Series) + plans_->plan(series.measure).bytes() + sizeof(Series*);
}

void CustomerStore::detach(Series& series) {
  series.entity->series.remove(series.measure, &series);
  --series.entity->customer->series;
  --counts_->series;
  memory_bytes_ -= sizeof(Series) + plans_->plan(series.measure).bytes() + sizeof(Series*);
}

void CustomerStore::attach(EpisodeSlot& episode) {
  episode.entity->episodes.insert(episode.entity->episodes.first(episode.rule), episode.rule, &episode);
  ++episode.entity->customer->episodes;
  ++counts_->episodes;
  memory_bytes_ += kEpisodeBytes;
}

void CustomerStore::detach(EpisodeSlot& episode) {
  episode.entity->episodes.remove(episode.rule, &episode);
  --episode.entity->customer->episodes;
  --counts_->episodes;
  memory_bytes_ -= kEpisodeBytes;
}

void CustomerStore::attach(Entity& entity) {
  if (free_slots_.empty()) {
    entity.slot = static_cast<std::uint32_t>(entity_slots_.size());
    entity_slots_.push_back(&entity);
    generations_.push_back(0);
  } else {
    entity.slot = free_slots_.back();
    free_slots_.pop_back();
    entity_slots_[entity.slot] = &entity;
  }
  entity.generation = generations_[entity.slot];
  entity.timer_us = INT64_MAX;
  entity.expiry_timer_us = INT64_MAX;
  // Lists are kept in canonical order, so that walking them gives the same after a restore or a rollback.
  KeyedList<Entity, std::uint64_t, 1>& all = entity.customer->entities;
  std::size_t at = all.first(entity.order);
  while (at < all.size() && all.key_at(at) == entity.order &&
         std::tie(all[at]->type, all[at]->id) < std::tie(entity.type, entity.id)) {
    ++at;
  }
  all.insert(at, entity.order, &entity);
  if (entity.type == 0 && entity.id.empty()) entity.customer->self = &entity;
  ++counts_->entities;
  memory_bytes_ += kEntityBytes + entity.id.size();
}

void CustomerStore::detach(Entity& entity) {
  ++generations_[entity.slot];
  entity_slots_[entity.slot] = nullptr;
  free_slots_.push_back(entity.slot);
  entity.customer->entities.remove(entity.order, &entity);
  if (entity.customer->self == &entity) entity.customer->self = nullptr;
  --counts_->entities;
  memory_bytes_ -= kEntityBytes + entity.id.size();
}

void CustomerStore::attach(Customer& customer) {
  customers_.insert(customer);
  ++counts_->customers;
  memory_bytes_ += kCustomerBytes + customer.id.size();
}

void CustomerStore::detach(Customer& customer) {
  customers_.erase(customer);
  --counts_->customers;
  memory_bytes_ -= kCustomerBytes + customer.id.size();
}

void CustomerStore::destroy(Series& series) {
  pool(series.measure).give_back(reinterpret_cast<std::byte*>(&series));
}

void CustomerStore::destroy(Entity& entity) {
  ++destroyed_;
  entity.~Entity();
  entity_pool_.give_back(reinterpret_cast<std::byte*>(&entity));
}

void CustomerStore::destroy(Customer& customer) {
  ++destroyed_;
  customer.~Customer();
  customer_pool_.give_back(reinterpret_cast<std::byte*>(&customer));
}

// ---- the transaction --------------------------------------------------------------------------------------------------

void CustomerStore::forget(UndoKind kind, void* object) {
  switch (kind) {
    case UndoKind::series_erased:
      return destroy(*static_cast<Series*>(object));
    case UndoKind::episode_erased:
      delete static_cast<EpisodeSlot*>(object);
      return;
    case UndoKind::entity_erased:
      return destroy(*static_cast<Entity*>(object));
    case UndoKind::customer_erased:
      return destroy(*static_cast<Customer*>(object));
    case UndoKind::series_image:
    case UndoKind::models_image:
    case UndoKind::series_created:
    case UndoKind::episode_image:
    case UndoKind::episode_created:
    case UndoKind::profile:
    case UndoKind::entity_created:
    case UndoKind::customer_created:
      return;
  }
}

void CustomerStore::commit() {
  for (Entity* entity : written_) {
    entity->dirty = false;
    for (Series* series : entity->series) series->dirty = 0;
  }
  written_.clear();
  fresh_dirty_.clear();
  // What was erased lives in the log until now, so that a rollback can put it back.
  for (const Undo& undo : undo_) forget(undo.kind, undo.object);
  undo_.clear();
  images_.clear();
  profiles_.clear();
  ++transaction_;
}

std::vector<Entity*> CustomerStore::undo_all() {
  unmark_fresh();
  written_.clear();
  std::vector<Entity*> restored, destroyed, back;
  for (std::size_t i = undo_.size(); i-- > 0;) {
    const Undo& undo = undo_[i];
    switch (undo.kind) {
      case UndoKind::series_image: {
        auto* series = static_cast<Series*>(undo.object);
        std::memcpy(series->block(), undo.image, plans_->plan(series->measure).bytes_before_models());
        series->dirty = static_cast<std::uint8_t>(undo.before);
        restored.push_back(series->entity);
        break;
      }
      case UndoKind::models_image: {
        auto* series = static_cast<Series*>(undo.object);
        const SeriesPlan& plan = plans_->plan(series->measure);
        const std::size_t from = plan.bytes_before_models();
        std::memcpy(series->block() + from, undo.image, plan.bytes() - from);
        break;
      }
      case UndoKind::series_created: {
        auto* series = static_cast<Series*>(undo.object);
        restored.push_back(series->entity);
        detach(*series);
        destroy(*series);
        break;
      }
      case UndoKind::series_erased:
        attach(*static_cast<Series*>(undo.object));
        break;
      case UndoKind::episode_image: {
        auto* episode = static_cast<EpisodeSlot*>(undo.object);
        std::memcpy(&episode->record, undo.image, sizeof episode->record);
        restored.push_back(episode->entity);
        break;
      }
      case UndoKind::episode_created: {
        auto* episode = static_cast<EpisodeSlot*>(undo.object);
        restored.push_back(episode->entity);
        detach(*episode);
        delete episode;
        break;
      }
      case UndoKind::episode_erased:
        attach(*static_cast<EpisodeSlot*>(undo.object));
        break;
      case UndoKind::profile: {
        auto* customer = static_cast<Customer*>(undo.object);
        customer->profile = std::move(profiles_[undo.before]);
        customer->offset_until_us = INT64_MIN;
        break;
      }
      case UndoKind::entity_created: {
        auto* entity = static_cast<Entity*>(undo.object);
        destroyed.push_back(entity);
        detach(*entity);
        destroy(*entity);
        break;
      }
      case UndoKind::entity_erased: {
        auto* entity = static_cast<Entity*>(undo.object);
        attach(*entity);
        restored.push_back(entity);
        back.push_back(entity);
        break;
      }
      case UndoKind::customer_created: {
        auto* customer = static_cast<Customer*>(undo.object);
        detach(*customer);
        destroy(*customer);
        break;
      }
      case UndoKind::customer_erased:
        attach(*static_cast<Customer*>(undo.object));
        break;
    }
  }
  undo_.clear();
  images_.clear();
  profiles_.clear();
  ++transaction_;
  // Those have another place than the one by which the checkpoint knew them.
  for (Entity* entity : back) {
    entity->dirty = std::any_of(entity->series.begin(), entity->series.end(),
                                [](const Series* series) { return series->dirty != 0; });
    if (entity->dirty) dirty_again_.push_back({entity->slot, entity->generation});
  }
  std::sort(restored.begin(), restored.end());
  restored.erase(std::unique(restored.begin(), restored.end()), restored.end());
  std::sort(destroyed.begin(), destroyed.end());
  std::erase_if(restored, [&destroyed](Entity* entity) {
    return std::binary_search(destroyed.begin(), destroyed.end(), entity);
  });
  return restored;
}

void CustomerStore::unmark_fresh() {
  for (const EntityRef at : fresh_dirty_) {
    if (Entity* entity = entity_at(at.slot, at.generation)) entity->dirty = false;
  }
  fresh_dirty_.clear();
}

void CustomerStore::keep() {
  PROACTIVE_CHECK(profiles_.empty());
  undo_.clear();
  images_.clear();
  written_.clear();
  ++transaction_;
}

void CustomerStore::write_fresh() {
  for (const EntityRef at : fresh_dirty_) {
    if (Entity* entity = entity_at(at.slot, at.generation)) write(*entity);
  }
}

std::vector<EntityRef> CustomerStore::fresh_dirty() {
  std::vector<EntityRef> left;
  for (const EntityRef at : fresh_dirty_) {
    const Entity* entity = entity_at(at.slot, at.generation);
    if (entity != nullptr && entity->written != transaction_) left.push_back(at);
  }
  return left;
}

bool CustomerStore::for_each_change(const std::function<bool(const Change&)>& visit) const {
  // An object created and erased in one transaction was never written.
  std::vector<const void*> gone;
  for (const Undo& undo : undo_) {
    if (undo.kind == UndoKind::series_erased || undo.kind == UndoKind::episode_erased)
      gone.push_back(undo.object);
  }
  std::sort(gone.begin(), gone.end());
  const auto erased = [&gone](const void* object) {
    return !gone.empty() && std::binary_search(gone.begin(), gone.end(), object);
  };
  std::unordered_set<const void*> profiles;
  for (const Undo& undo : undo_) {
    Change change;
    switch (undo.kind) {
      case UndoKind::series_image:  // of those that live, see below
        if (!erased(undo.object)) continue;
        change.series = static_cast<Series*>(undo.object);
        change.erased = true;
        break;
      case UndoKind::episode_created:
        if (erased(undo.object)) continue;
        [[fallthrough]];
      case UndoKind::episode_image:
        change.episode = static_cast<EpisodeSlot*>(undo.object);
        change.erased = erased(undo.object);
        break;
      case UndoKind::profile:
        if (!profiles.insert(undo.object).second) continue;
        change.customer = static_cast<Customer*>(undo.object);
        change.erased = change.customer->profile == nullptr;
        break;
      default:
        continue;
    }
    if (!visit(change)) return false;
  }
  for (std::size_t i = 0; i < written_.size(); ++i) {
    prefetch_written(i);
    for (Series* series : written_[i]->series) {
      if (series->dirty == 0) continue;
      Change change;
      change.series = series;
      if (!visit(change)) return false;
    }
  }
  return true;
}

// Those that were dirty for long have left the cache long ago.
void CustomerStore::prefetch_written(std::size_t i) const {
  constexpr std::size_t kEntity = 12, kSeries = 8, kCustomer = 4;
  if (i + kEntity < written_.size()) prefetch_lines(written_[i + kEntity], sizeof(Entity));
  if (i + kSeries < written_.size()) prefetch_series(*written_[i + kSeries]);
  if (i + kCustomer < written_.size()) prefetch_lines(written_[i + kCustomer]->customer, 64);
}

}  // namespace proactive::daemon
