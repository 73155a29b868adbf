// Customers by the hash of their id: open addressing, linear probing, erasure without tombstones.
//
// Beside the usual look-up it can be asked in steps that never wait for memory: a caller who knows which ids come next
// says so, and finds their lines in the cache when their turn comes.
// Owner: one CustomerStore. Cost: O(1); growing copies all places, 16 bytes each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace proactive::daemon {

struct Customer;

class CustomerIndex {
 public:
  CustomerIndex() : places_(kFirst) {}

  [[nodiscard]] Customer* find(std::string_view id, std::uint64_t hash) const;
  void insert(Customer& customer);
  void erase(const Customer& customer);  // REQUIRES: it is in
  [[nodiscard]] std::size_t size() const { return size_; }

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&places_[hash & mask()]); }
  // The first customer with this hash, without a look at its id: good enough for a hint. nullptr: none.
  [[nodiscard]] Customer* likely(std::uint64_t hash) const {
    for (std::size_t at = hash & mask(); places_[at].customer != nullptr; at = (at + 1) & mask()) {
      if (places_[at].hash == hash) return places_[at].customer;
    }
    return nullptr;
  }

  // In no particular order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Place& place : places_) {
      if (place.customer != nullptr) visit(*place.customer);
    }
  }

 private:
  static constexpr std::size_t kFirst = 16;

  struct Place {
    std::uint64_t hash = 0;
    Customer* customer = nullptr;
  };

  [[nodiscard]] std::size_t mask() const { return places_.size() - 1; }
  void put(std::uint64_t hash, Customer* customer);
  void grow();

  std::vector<Place> places_;  // a power of two, at most 5/8 full
  std::size_t size_ = 0;
};

}  // namespace proactive::daemon
