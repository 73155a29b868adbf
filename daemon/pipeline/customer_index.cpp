#include "daemon/pipeline/customer_index.h"

#include "daemon/pipeline/customer_store.h"
#include "models/base/check.h"

namespace proactive::daemon {

Customer* CustomerIndex::find(std::string_view id, std::uint64_t hash) const {
  for (std::size_t at = hash & mask(); places_[at].customer != nullptr; at = (at + 1) & mask()) {
    if (places_[at].hash == hash && places_[at].customer->id == id) return places_[at].customer;
  }
  return nullptr;
}

void CustomerIndex::put(std::uint64_t hash, Customer* customer) {
  std::size_t at = hash & mask();
  while (places_[at].customer != nullptr) at = (at + 1) & mask();
  places_[at] = {hash, customer};
}

void CustomerIndex::insert(Customer& customer) {
  if ((size_ + 1) * 8 > places_.size() * 5) grow();
  put(customer.hash, &customer);
  ++size_;
}

void CustomerIndex::grow() {
  std::vector<Place> old(places_.size() * 2);
  old.swap(places_);
  for (const Place& place : old) {
    if (place.customer != nullptr) put(place.hash, place.customer);
  }
}

// What stands behind the gap moves into it, unless that would be before its own place.
void CustomerIndex::erase(const Customer& customer) {
  std::size_t gap = customer.hash & mask();
  while (places_[gap].customer != &customer) {
    PROACTIVE_CHECK(places_[gap].customer != nullptr);
    gap = (gap + 1) & mask();
  }
  for (std::size_t at = (gap + 1) & mask(); places_[at].customer != nullptr; at = (at + 1) & mask()) {
    const std::size_t distance = (at - (places_[at].hash & mask())) & mask();
    if (distance < ((at - gap) & mask())) continue;
    places_[gap] = places_[at];
    gap = at;
  }
  places_[gap] = {};
  --size_;
}

}  // namespace proactive::daemon
