#include "daemon/pipeline/customer_store.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include <xxhash.h>

#include "models/base/check.h"
#include "models/base/state_record.h"

namespace proactive::daemon {
namespace {

// Rough sizes of what hangs around the payloads: allocator and container overhead included.
constexpr std::size_t kCustomerBytes = sizeof(Customer) + 64;
constexpr std::size_t kEntityBytes = sizeof(Entity) + 64;
constexpr std::size_t kEpisodeBytes = sizeof(EpisodeSlot) + 16;

std::uint64_t order_of(std::string_view customer, rules::EntityTypeIndex type, std::string_view id) {
  std::string key;
  key.reserve(customer.size() + id.size() + 4);
  key.append(customer).push_back('\x1f');
  key.push_back(static_cast<char>(type));
  key.append(id);
  return XXH3_64bits(key.data(), key.size());
}

// Lists are kept in canonical order, so that walking them gives the same after a restore or a rollback.
bool before(const Series* a, const Series* b) { return a->measure < b->measure; }
bool before(const EpisodeSlot* a, const EpisodeSlot* b) { return a->rule < b->rule; }
bool before(const Entity* a, const Entity* b) {
  if (a->order != b->order) return a->order < b->order;
  return a->type != b->type ? a->type < b->type : a->id < b->id;
}

template <class T>
void insert(std::vector<T*>& into, T* what) {
  into.insert(
      std::upper_bound(into.begin(), into.end(), what, [](const T* a, const T* b) { return before(a, b); }),
      what);
}

template <class T>
void remove(std::vector<T*>& from, T* what) {
  const auto at = std::find(from.begin(), from.end(), what);
  PROACTIVE_CHECK(at != from.end());
  from.erase(at);
}

}  // namespace

std::size_t CustomerStore::Hash::operator()(std::string_view text) const noexcept {
  return XXH3_64bits(text.data(), text.size());
}

CustomerStore::CustomerStore(const PlanTable* plans, const PipelineLimits& limits, PipelineCounts* counts)
    : plans_(plans), limits_(limits), counts_(counts) {}

CustomerStore::~CustomerStore() {
  commit();
  for (auto& entry : customers_) {
    Customer* customer = entry.second;
    for (Entity* entity : customer->entities) {
      for (EpisodeSlot* episode : entity->episodes) delete episode;
      delete entity;
    }
    delete customer;
  }
}

BlockPool& CustomerStore::pool(rules::MeasureIndex measure) {
  const std::size_t bytes = sizeof(Series) + plans_->plan(measure).bytes();
  const std::size_t size_class = (bytes + 7) / 8;
  if (pools_.size() <= size_class) pools_.resize(size_class + 1);
  if (pools_[size_class] == nullptr) pools_[size_class] = std::make_unique<BlockPool>(size_class * 8);
  return *pools_[size_class];
}

Customer* CustomerStore::find(std::string_view id) {
  const auto found = customers_.find(id);
  return found == customers_.end() ? nullptr : found->second;
}

std::uint64_t CustomerStore::hash_of(std::string_view id) { return XXH3_64bits(id.data(), id.size()); }

Customer* CustomerStore::find_or_create(std::string_view id, std::uint64_t hash) {
  const auto found = customers_.find(id, hash);
  if (found != customers_.end()) return found->second;
  if (full()) {
    ++counts_->refused_full;
    return nullptr;
  }
  auto* customer = new Customer{};
  customer->id = id;
  customer->hash = hash;
  attach(*customer);
  note(UndoKind::customer_created, customer);
  return customer;
}

Entity* CustomerStore::entity(Customer& customer, rules::EntityTypeIndex type, std::string_view id,
                              bool create) {
  for (Entity* entity : customer.entities) {
    if (entity->type == type && entity->id == id) return entity;
  }
  if (!create) return nullptr;
  if (customer.entities.size() >= limits_.entities_per_customer) {
    ++counts_->refused_entities;
    return nullptr;
  }
  if (full()) {
    ++counts_->refused_full;
    return nullptr;
  }
  auto* entity = new Entity{};
  entity->customer = &customer;
  entity->id = id;
  entity->type = type;
  entity->order = order_of(customer.id, type, id);
  attach(*entity);
  note(UndoKind::entity_created, entity);
  return entity;
}

Series* CustomerStore::find_series(const Entity& entity, rules::MeasureIndex measure) {
  for (Series* series : entity.series) {
    if (series->measure == measure) return series;
  }
  return nullptr;
}

EpisodeSlot* CustomerStore::find_episode(const Entity& entity, rules::RuleIndex rule) {
  for (EpisodeSlot* episode : entity.episodes) {
    if (episode->rule == rule) return episode;
  }
  return nullptr;
}

Series* CustomerStore::series(Entity& entity, rules::MeasureIndex measure, std::int64_t time_us,
                              std::int64_t watermark_us) {
  if (Series* found = find_series(entity, measure)) {
    touch(*found);
    return found;
  }
  if (entity.customer->series >= limits_.series_per_customer) {
    ++counts_->refused_series;
    return nullptr;
  }
  if (full()) {
    ++counts_->refused_full;
    return nullptr;
  }
  auto* series = reinterpret_cast<Series*>(pool(measure).take());
  *series = {&entity, transaction_, measure, 0};
  plans_->plan(measure).init(series->block(), time_us, watermark_us);
  attach(*series);
  note(UndoKind::series_created, series);
  return series;
}

EpisodeSlot* CustomerStore::episode(Entity& entity, rules::RuleIndex rule) {
  if (EpisodeSlot* found = find_episode(entity, rule)) {
    touch(*found);
    return found;
  }
  if (entity.customer->episodes >= limits_.episodes_per_customer) {
    ++counts_->refused_episodes;
    return nullptr;
  }
  auto* episode = new EpisodeSlot{&entity, transaction_, rule, {}};
  attach(*episode);
  note(UndoKind::episode_created, episode);
  return episode;
}

std::size_t CustomerStore::save(const void* bytes, std::size_t count) {
  const std::size_t at = arena_.size();
  arena_.resize(at + count);
  std::memcpy(arena_.data() + at, bytes, count);
  return at;
}

void CustomerStore::touch(Series& series) {
  if (series.touched == transaction_) return;
  series.touched = transaction_;
  note(UndoKind::series_image, &series, save(series.block(), plans_->plan(series.measure).bytes()));
}

void CustomerStore::touch(EpisodeSlot& episode) {
  if (episode.touched == transaction_) return;
  episode.touched = transaction_;
  note(UndoKind::episode_image, &episode, save(&episode.record, sizeof episode.record));
}

void CustomerStore::set_profile(Customer& customer, std::unique_ptr<const Profile> profile) {
  profiles_.push_back(std::move(customer.profile));
  note(UndoKind::profile, &customer, profiles_.size() - 1);
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
  insert(series.entity->series, &series);
  ++series.entity->customer->series;
  ++counts_->series;
  memory_bytes_ += sizeof(Series) + plans_->plan(series.measure).bytes() + sizeof(Series*);
}

void CustomerStore::detach(Series& series) {
  remove(series.entity->series, &series);
  --series.entity->customer->series;
  --counts_->series;
  memory_bytes_ -= sizeof(Series) + plans_->plan(series.measure).bytes() + sizeof(Series*);
}

void CustomerStore::attach(EpisodeSlot& episode) {
  insert(episode.entity->episodes, &episode);
  ++episode.entity->customer->episodes;
  ++counts_->episodes;
  memory_bytes_ += kEpisodeBytes;
}

void CustomerStore::detach(EpisodeSlot& episode) {
  remove(episode.entity->episodes, &episode);
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
  insert(entity.customer->entities, &entity);
  ++counts_->entities;
  memory_bytes_ += kEntityBytes + entity.id.size();
}

void CustomerStore::detach(Entity& entity) {
  ++generations_[entity.slot];
  entity_slots_[entity.slot] = nullptr;
  free_slots_.push_back(entity.slot);
  remove(entity.customer->entities, &entity);
  --counts_->entities;
  memory_bytes_ -= kEntityBytes + entity.id.size();
}

void CustomerStore::attach(Customer& customer) {
  customers_.insert({std::string_view(customer.id), &customer});
  ++counts_->customers;
  memory_bytes_ += kCustomerBytes + customer.id.size();
}

void CustomerStore::detach(Customer& customer) {
  customers_.erase(std::string_view(customer.id));
  --counts_->customers;
  memory_bytes_ -= kCustomerBytes + customer.id.size();
}

void CustomerStore::destroy(Series& series) {
  pool(series.measure).give_back(reinterpret_cast<std::byte*>(&series));
}

// ---- the transaction --------------------------------------------------------------------------------------------------

void CustomerStore::commit() {
  // What was erased lives in the log until now, so that a rollback can put it back.
  for (const Undo& undo : undo_) {
    switch (undo.kind) {
      case UndoKind::series_erased:
        destroy(*static_cast<Series*>(undo.object));
        break;
      case UndoKind::episode_erased:
        delete static_cast<EpisodeSlot*>(undo.object);
        break;
      case UndoKind::entity_erased:
        delete static_cast<Entity*>(undo.object);
        break;
      case UndoKind::customer_erased:
        delete static_cast<Customer*>(undo.object);
        break;
      case UndoKind::series_image:
      case UndoKind::series_created:
      case UndoKind::episode_image:
      case UndoKind::episode_created:
      case UndoKind::profile:
      case UndoKind::entity_created:
      case UndoKind::customer_created:
        break;
    }
  }
  undo_.clear();
  arena_.clear();
  profiles_.clear();
  ++transaction_;
}

std::vector<Entity*> CustomerStore::undo_all() {
  std::vector<Entity*> restored, destroyed;
  for (std::size_t i = undo_.size(); i-- > 0;) {
    const Undo& undo = undo_[i];
    switch (undo.kind) {
      case UndoKind::series_image: {
        auto* series = static_cast<Series*>(undo.object);
        std::memcpy(series->block(), arena_.data() + undo.image, plans_->plan(series->measure).bytes());
        restored.push_back(series->entity);
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
        std::memcpy(&episode->record, arena_.data() + undo.image, sizeof episode->record);
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
        customer->profile = std::move(profiles_[undo.image]);
        customer->offset_until_us = INT64_MIN;
        break;
      }
      case UndoKind::entity_created: {
        auto* entity = static_cast<Entity*>(undo.object);
        destroyed.push_back(entity);
        detach(*entity);
        delete entity;
        break;
      }
      case UndoKind::entity_erased:
        attach(*static_cast<Entity*>(undo.object));
        restored.push_back(static_cast<Entity*>(undo.object));
        break;
      case UndoKind::customer_created: {
        auto* customer = static_cast<Customer*>(undo.object);
        detach(*customer);
        delete customer;
        break;
      }
      case UndoKind::customer_erased:
        attach(*static_cast<Customer*>(undo.object));
        break;
    }
  }
  undo_.clear();
  arena_.clear();
  profiles_.clear();
  ++transaction_;
  std::sort(restored.begin(), restored.end());
  restored.erase(std::unique(restored.begin(), restored.end()), restored.end());
  std::sort(destroyed.begin(), destroyed.end());
  std::erase_if(restored, [&destroyed](Entity* entity) {
    return std::binary_search(destroyed.begin(), destroyed.end(), entity);
  });
  return restored;
}

std::vector<CustomerStore::Change> CustomerStore::changes() const {
  std::vector<Change> changes;
  changes.reserve(undo_.size());
  // Each object is named once: by its last state. An object created and erased in one transaction was never written.
  std::vector<const void*> gone;
  for (const Undo& undo : undo_) {
    if (undo.kind == UndoKind::series_erased || undo.kind == UndoKind::episode_erased)
      gone.push_back(undo.object);
  }
  std::sort(gone.begin(), gone.end());
  const auto erased = [&gone](const void* object) {
    return std::binary_search(gone.begin(), gone.end(), object);
  };
  std::unordered_set<const void*> profiles;
  for (const Undo& undo : undo_) {
    switch (undo.kind) {
      case UndoKind::series_image:
        changes.push_back({nullptr, static_cast<Series*>(undo.object), nullptr, erased(undo.object)});
        break;
      case UndoKind::series_created:
        if (!erased(undo.object))
          changes.push_back({nullptr, static_cast<Series*>(undo.object), nullptr, false});
        break;
      case UndoKind::episode_image:
        changes.push_back({nullptr, nullptr, static_cast<EpisodeSlot*>(undo.object), erased(undo.object)});
        break;
      case UndoKind::episode_created:
        if (!erased(undo.object))
          changes.push_back({nullptr, nullptr, static_cast<EpisodeSlot*>(undo.object), false});
        break;
      case UndoKind::profile: {
        if (!profiles.insert(undo.object).second) break;
        auto* customer = static_cast<Customer*>(undo.object);
        changes.push_back({customer, nullptr, nullptr, customer->profile == nullptr});
        break;
      }
      default:
        break;
    }
  }
  return changes;
}

}  // namespace proactive::daemon
