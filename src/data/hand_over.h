// HandOver: a bounded queue between the threads of one run. A full queue makes the producer wait, an empty one the consumer;
// close() ends it in order, fail() at once on both sides. The waits end when their stop token does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/assert.h"
#include "base/result.h"

namespace sluice::data {

// What a stage of a run ends with when it was asked to stop.
inline base::Error cancelled() { return {.code = base::Code::cancelled, .reason = "run.cancelled", .detail = "The run was canceled."}; }

template <class T>
class HandOver {
 public:
  explicit HandOver(std::size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  std::size_t capacity() const { return capacity_; }

  // Waits for room. Errors: what fail() was given; cancelled "run.cancelled" when `stop` was requested.
  base::Result<void> push(T item, std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    const bool woken = changed_.wait(lock, stop, [this] { return failure_ || items_.size() < capacity_; });
    if (failure_) return *failure_;
    if (!woken || stop.stop_requested()) return cancelled();
    BASE_ASSERT(!closed_);
    items_.push_back(std::move(item));
    changed_.notify_all();
    return {};
  }

  // Waits for an item; empty when the queue was closed and everything was taken. Errors as push(); after fail() what was
  // queued is not handed out any more.
  base::Result<std::optional<T>> pop(std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    const bool woken = changed_.wait(lock, stop, [this] { return failure_ || closed_ || !items_.empty(); });
    if (failure_) return *failure_;
    if (!woken || stop.stop_requested()) return cancelled();
    if (items_.empty()) return std::optional<T>();
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
    return item;
  }

  // No more will come. Not to be followed by push().
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  // Ends both sides with this error; the first one counts.
  void fail(base::Error error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    items_.clear();
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::deque<T> items_;
  std::size_t capacity_;
  bool closed_ = false;
  std::optional<base::Error> failure_;
};

}  // namespace sluice::data
