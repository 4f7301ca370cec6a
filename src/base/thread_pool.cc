#include "base/thread_pool.h"

#include <pthread.h>

#include <exception>
#include <utility>

#include "base/log.h"

namespace sluice::base {

ThreadPool::ThreadPool(std::string name, std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
    pthread_setname_np(threads_.back().native_handle(), (name.substr(0, 12) + "-" + std::to_string(i)).c_str());
  }
}

ThreadPool::~ThreadPool() { stop(); }

bool ThreadPool::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= queue_limit_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void ThreadPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadPool::work() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    // Nothing of ours throws; bad_alloc and bugs of libraries must not take the process down from here.
    try {
      job();
    } catch (const std::exception& e) {
      log::error("pool.job_threw", {{"what", e.what()}});
    }
  }
}

}  // namespace sluice::base
