#include "tests/simulation/memory.h"

#include <malloc.h>
#include <sys/prctl.h>

#include <bit>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace proactive::simulation {

// The pipelines' large blocks keep their pages, and no huge page is cleared for the little that is in them.
void keep_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

}  // namespace proactive::simulation

// A sanitizer brings its own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PROACTIVE_PLAIN_NEW
#endif
#endif
#if !defined(PROACTIVE_PLAIN_NEW) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// Freed blocks wait in lists by size. No lock: the program has one thread.
namespace {

constexpr std::size_t kStep = 16, kFine = 1024;  // sizes in steps up to here, then powers of two
constexpr std::size_t kFineLists = kFine / kStep + 1, kLists = kFineLists + 12;
constexpr std::size_t kNoList = kLists;

struct alignas(kStep) Head {
  std::size_t list = 0;
  Head* next = nullptr;
};

constinit Head* lists[kLists]{};

void* take(std::size_t bytes) {
  std::size_t list = (bytes + kStep - 1) / kStep;
  std::size_t room = list * kStep;
  if (bytes > kFine) {
    list = kFineLists + static_cast<std::size_t>(std::bit_width((bytes - 1) / kFine)) - 1;
    room = kFine << (list - kFineLists + 1);
  }
  if (list >= kLists) {
    list = kNoList;
    room = bytes;
  } else if (Head* head = lists[list]; head != nullptr) {
    lists[list] = head->next;
    return head + 1;
  }
  auto* head = static_cast<Head*>(std::malloc(sizeof(Head) + room));
  if (head == nullptr) throw std::bad_alloc();
  head->list = list;
  return head + 1;
}

void give(void* block) {
  if (block == nullptr) return;
  Head* head = static_cast<Head*>(block) - 1;
  if (head->list == kNoList) return std::free(head);
  head->next = lists[head->list];
  lists[head->list] = head;
}

}  // namespace

void* operator new(std::size_t bytes) { return take(bytes); }
void* operator new[](std::size_t bytes) { return take(bytes); }
void operator delete(void* block) noexcept { give(block); }
void operator delete[](void* block) noexcept { give(block); }
void operator delete(void* block, std::size_t) noexcept { give(block); }
void operator delete[](void* block, std::size_t) noexcept { give(block); }

#endif
