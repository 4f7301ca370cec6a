// The threads that run handlers, and those that write spool files. Private to this folder.
#pragma once

#include <functional>

#include "base/thread_pool.h"
#include "http/server.h"

namespace sluice::http {

class Lanes {
 public:
  explicit Lanes(const ServerOptions& options);

  // False: the queue is full, the client should come back later.
  bool post(Lane lane, std::function<void()> job);
  // Disk work of bodies; at most one job of a connection at a time, so it is never full.
  bool post_file(std::function<void()> job) { return files_.post(std::move(job)); }
  void stop_handlers();
  void stop_files() { files_.stop(); }

 private:
  base::ThreadPool quick_;
  base::ThreadPool slow_;
  base::ThreadPool files_;
};

}  // namespace sluice::http
