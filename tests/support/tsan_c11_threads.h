// For builds with the thread sanitizer alone: C11 threads by way of POSIX threads.
//
// librdkafka starts its threads and locks with <threads.h>. The sanitizer of gcc 12 does not know these calls: a thread that
// it has not seen begin crashes in its first allocation. The program's own definitions stand before those of the C library
// for libraries too, so these lead to calls that the sanitizer knows. Linux only; the types have equal sizes there.
// Include in one source file.
#pragma once

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace proactive::test {

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

struct ThreadStart {
  thrd_start_t function;
  void* argument;
};

inline void* run_thread(void* start) {
  const std::unique_ptr<ThreadStart> it(static_cast<ThreadStart*>(start));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(it->function(it->argument)));
}
inline pthread_mutex_t* posix(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
inline pthread_cond_t* posix(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }
inline int result(int error) { return error == 0 ? thrd_success : thrd_error; }

}  // namespace proactive::test

extern "C" {

__attribute__((used)) int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start =
      std::make_unique<proactive::test::ThreadStart>(proactive::test::ThreadStart{function, argument});
  const int error = pthread_create(thread, nullptr, proactive::test::run_thread, start.get());
  if (error == 0) (void)start.release();
  return proactive::test::result(error);
}

__attribute__((used)) int thrd_join(thrd_t thread, int* code) {
  void* returned = nullptr;
  const int error = pthread_join(thread, &returned);
  if (code != nullptr) *code = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return proactive::test::result(error);
}

__attribute__((used)) int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  return proactive::test::result(pthread_mutex_init(proactive::test::posix(mutex), &attributes));
}
__attribute__((used)) int mtx_lock(mtx_t* mutex) {
  return proactive::test::result(pthread_mutex_lock(proactive::test::posix(mutex)));
}
__attribute__((used)) int mtx_unlock(mtx_t* mutex) {
  return proactive::test::result(pthread_mutex_unlock(proactive::test::posix(mutex)));
}
__attribute__((used)) void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(proactive::test::posix(mutex)); }

__attribute__((used)) int cnd_init(cnd_t* condition) {
  return proactive::test::result(pthread_cond_init(proactive::test::posix(condition), nullptr));
}
__attribute__((used)) int cnd_signal(cnd_t* condition) {
  return proactive::test::result(pthread_cond_signal(proactive::test::posix(condition)));
}
__attribute__((used)) int cnd_broadcast(cnd_t* condition) {
  return proactive::test::result(pthread_cond_broadcast(proactive::test::posix(condition)));
}
__attribute__((used)) int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return proactive::test::result(
      pthread_cond_wait(proactive::test::posix(condition), proactive::test::posix(mutex)));
}
__attribute__((used)) int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const struct timespec* until) {
  const int error =
      pthread_cond_timedwait(proactive::test::posix(condition), proactive::test::posix(mutex), until);
  return error == ETIMEDOUT ? thrd_timedout : proactive::test::result(error);
}
__attribute__((used)) void cnd_destroy(cnd_t* condition) {
  pthread_cond_destroy(proactive::test::posix(condition));
}

}  // extern "C"
