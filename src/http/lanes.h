// The threads that run handlers, and those that write spool files. Private to this folder.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "http/server.h"

namespace sluice::http {

class Connection;

// Calls that wait for a thread, in order. A call to wake a thread costs as much as a short handler, so there are few: calls
// come in batches, and at most one thread is on its way to look for work: it wakes the next when it has found more than one.
class CallQueue {
 public:
  CallQueue(std::string name, std::size_t threads, std::size_t limit);
  ~CallQueue() { stop(); }
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  // Takes as many as there is room for, from the front; the number. Their run_job() is called on a thread of this lane.
  std::size_t push(const std::vector<Connection*>& calls);
  // Runs what is queued and joins; later calls are not taken. Twice is fine.
  void stop();

 private:
  void work();
  Connection* next();
  bool grant_wake();

  std::mutex mutex_;  // guards everything up to stopping_
  std::condition_variable wake_;
  std::deque<Connection*> calls_;
  std::size_t sleeping_ = 0;
  std::size_t looking_ = 0;  // awake without a call; also those that were granted a wake-up and have not run yet
  std::size_t granted_ = 0;
  bool stopping_ = false;
  const std::size_t limit_;
  base::ThreadPool threads_;
};

class Lanes {
 public:
  explicit Lanes(const ServerOptions& options);

  std::size_t push(Lane lane, const std::vector<Connection*>& calls) { return (lane == Lane::quick ? quick_ : slow_).push(calls); }
  // Disk work of bodies; at most one job of a connection at a time, so it is never full.
  bool post_file(std::function<void()> job) { return files_.post(std::move(job)); }
  void stop_handlers();
  void stop_files() { files_.stop(); }

 private:
  CallQueue quick_;
  CallQueue slow_;
  base::ThreadPool files_;
};

}  // namespace sluice::http
