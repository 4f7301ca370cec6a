// A fixed number of threads that run jobs in the order they came. The queue is bounded: post() says no when it is full, so
// that overload is answered instead of piling up. The destructor runs what is queued, then joins.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::base {

class ThreadPool {
 public:
  // `name` is cut to 12 characters for the thread names that tools show.
  ThreadPool(std::string name, std::size_t threads, std::size_t queue_limit);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // False when the queue is full or the pool is stopping; then the job is not run.
  bool post(std::function<void()> job);
  // Runs what is queued and joins; later posts say no. Twice is fine.
  void stop();

 private:
  void work();

  std::mutex mutex_;  // guards jobs_, stopping_
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::size_t queue_limit_;
  std::vector<std::thread> threads_;
};

}  // namespace sluice::base
