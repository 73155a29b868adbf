// A short list of pointers, sorted by a key that is kept beside them: looking for a key reads the list alone, not what it
// points to. The first kInline entries need no memory of their own.
//
// Owner: whoever holds it. Cost: O(log n) to find, O(n) to insert and remove.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "models/base/check.h"

namespace proactive::daemon {

template <class T, class Key, std::size_t kInline>
class KeyedList {
 public:
  KeyedList() = default;
  KeyedList(const KeyedList&) = delete;
  KeyedList& operator=(const KeyedList&) = delete;

  [[nodiscard]] T* const* begin() const { return items(); }
  [[nodiscard]] T* const* end() const { return items() + size_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* operator[](std::size_t i) const { return items()[i]; }
  [[nodiscard]] T* back() const { return items()[size_ - 1]; }

  // The first entry with this key; nullptr: none.
  [[nodiscard]] T* find(Key key) const {
    const std::size_t at = first(key);
    return at < size_ && keys()[at] == key ? items()[at] : nullptr;
  }
  // Where entries with this key begin; size() or another key's place if there are none.
  [[nodiscard]] std::size_t first(Key key) const {
    const Key* all = keys();
    if (size_ > 16) return static_cast<std::size_t>(std::lower_bound(all, all + size_, key) - all);
    std::size_t at = 0;
    while (at < size_ && all[at] < key) ++at;
    return at;
  }
  [[nodiscard]] Key key_at(std::size_t i) const { return keys()[i]; }

  // Before the entry at `at`, which the caller knows to be the right place: first(key), or behind others of that key.
  void insert(std::size_t at, Key key, T* what) {
    if (size_ == capacity()) grow();
    std::copy_backward(items() + at, items() + size_, items() + size_ + 1);
    std::copy_backward(keys() + at, keys() + size_, keys() + size_ + 1);
    items()[at] = what;
    keys()[at] = key;
    ++size_;
  }
  // REQUIRES: it is there.
  void remove(Key key, const T* what) {
    std::size_t at = first(key);
    while (at < size_ && items()[at] != what) ++at;
    PROACTIVE_CHECK(at < size_);
    std::copy(items() + at + 1, items() + size_, items() + at);
    std::copy(keys() + at + 1, keys() + size_, keys() + at);
    --size_;
  }

 private:
  struct Heap {
    std::unique_ptr<T*[]> items;
    std::unique_ptr<Key[]> keys;
    std::size_t capacity = 0;
  };

  [[nodiscard]] std::size_t capacity() const { return heap_ == nullptr ? kInline : heap_->capacity; }
  [[nodiscard]] T** items() { return heap_ == nullptr ? inline_items_ : heap_->items.get(); }
  [[nodiscard]] T* const* items() const { return heap_ == nullptr ? inline_items_ : heap_->items.get(); }
  [[nodiscard]] Key* keys() { return heap_ == nullptr ? inline_keys_ : heap_->keys.get(); }
  [[nodiscard]] const Key* keys() const { return heap_ == nullptr ? inline_keys_ : heap_->keys.get(); }

  void grow() {
    auto more = std::make_unique<Heap>();
    more->capacity = capacity() * 2;
    more->items = std::make_unique<T*[]>(more->capacity);
    more->keys = std::make_unique<Key[]>(more->capacity);
    std::copy(items(), items() + size_, more->items.get());
    std::copy(keys(), keys() + size_, more->keys.get());
    heap_ = std::move(more);
  }

  std::uint32_t size_ = 0;
  Key inline_keys_[kInline] = {};
  T* inline_items_[kInline] = {};
  std::unique_ptr<Heap> heap_;
};

}  // namespace proactive::daemon
