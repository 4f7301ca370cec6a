// A lock that is given in the order it was asked for, so that a busy writer cannot starve the others.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/assert.h"

namespace sluice::db::sqlite {

class WriteQueue {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    BASE_ASSERT(owner_ != std::this_thread::get_id());  // a write inside a write would wait for itself
    const std::uint64_t ticket = next_++;
    wake_.wait(guard, [&] { return serving_ == ticket; });
    owner_ = std::this_thread::get_id();
  }

  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      owner_ = {};
      ++serving_;
    }
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;
  std::uint64_t next_ = 0;
  std::uint64_t serving_ = 0;
  std::thread::id owner_;
};

}  // namespace sluice::db::sqlite
