// Connections of a table store that nobody uses just now: connecting costs the server a process each time. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "db/postgres/connection.h"

namespace sluice::db::postgres {

class IdleConnections : public std::enable_shared_from_this<IdleConnections> {
 public:
  explicit IdleConnections(std::string url) : url_(std::move(url)) {}

  // Gives the connection back when it dies, unless it is inside a transaction or a COPY: then it is closed, which undoes and
  // stops whatever that was.
  class Lease {
   public:
    Lease(std::shared_ptr<IdleConnections> home, Handle handle) : home_(std::move(home)), handle_(std::move(handle)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (handle_) home_->give_back(std::move(handle_));
    }
    PGconn* get() const { return handle_.get(); }

   private:
    std::shared_ptr<IdleConnections> home_;
    Handle handle_;
  };

  base::Result<Lease> take();

 private:
  static constexpr std::size_t kMost = 8;

  void give_back(Handle handle);

  const std::string url_;
  std::mutex mutex_;  // guards idle_
  std::vector<Handle> idle_;
};

}  // namespace sluice::db::postgres
