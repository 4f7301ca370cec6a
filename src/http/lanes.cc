#include "http/lanes.h"

#include <algorithm>

#include "http/connection.h"

namespace sluice::http {

namespace {
constexpr std::size_t kFileThreads = 2;
}  // namespace

CallQueue::CallQueue(std::string name, std::size_t threads, std::size_t limit)
    : limit_(limit), threads_(std::move(name), std::max<std::size_t>(1, threads), std::max<std::size_t>(1, threads)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, threads); ++i) threads_.post([this] { work(); });
}

// A thread is owed a wake-up when calls wait and none is on its way. With the lock held; true: notify after it.
bool CallQueue::grant_wake() {
  if (calls_.empty() || looking_ != 0 || sleeping_ == 0) return false;
  --sleeping_;
  ++looking_;
  ++granted_;
  return true;
}

std::size_t CallQueue::push(const std::vector<Connection*>& calls) {
  std::size_t taken = 0;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return 0;
    taken = std::min(calls.size(), limit_ - std::min(limit_, calls_.size()));
    calls_.insert(calls_.end(), calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(taken));
    wake = grant_wake();
  }
  if (wake) wake_.notify_one();
  return taken;
}

void CallQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  threads_.stop();
}

void CallQueue::work() {
  while (Connection* call = next()) call->run_job();
}

// For a thread that has no call. nullptr: the end.
Connection* CallQueue::next() {
  std::unique_lock lock(mutex_);
  ++looking_;
  while (calls_.empty()) {
    --looking_;
    if (stopping_) return nullptr;
    ++sleeping_;
    wake_.wait(lock, [this] { return granted_ != 0 || stopping_; });
    if (granted_ != 0) {
      --granted_;
    } else {
      --sleeping_;
      ++looking_;
    }
  }
  Connection* const call = calls_.front();
  calls_.pop_front();
  --looking_;
  // How long this call takes nobody knows: the next one gets another thread.
  const bool wake = grant_wake();
  lock.unlock();
  if (wake) wake_.notify_one();
  return call;
}

Lanes::Lanes(const ServerOptions& options)
    : quick_("quick", options.quick_threads, options.quick_queue),
      slow_("slow", options.slow_threads, options.slow_queue),
      files_("spool", kFileThreads, 2 * options.max_connections + 16) {}

void Lanes::stop_handlers() {
  quick_.stop();
  slow_.stop();
}

}  // namespace sluice::http
