// A bounded pool of connections that are made when first needed. take() waits for a free place; whoever took a connection
// gives it back, or gives back nothing when it broke. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.h"
#include "db/errors.h"

namespace sluice::db {

template <class Connection>
class Pool {
 public:
  explicit Pool(std::size_t limit) : limit_(limit == 0 ? 1 : limit) {}

  // A place in the pool; `connection` is empty when it must still be made. Gives everything back when it dies.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> taken) : connection(std::move(taken)), pool_(&pool) {}
    Lease(Lease&& other) noexcept : connection(std::move(other.connection)), pool_(std::exchange(other.pool_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(connection));
    }

    std::unique_ptr<Connection> connection;

   private:
    Pool* pool_;
  };

  base::Result<Lease> take() {
    std::unique_lock lock(mutex_);
    const bool free = wake_.wait_for(lock, kPatience, [&] { return closed_ || taken_ < limit_; });
    if (closed_) return errors::closed();
    if (!free) return errors::unavailable("no connection became free");
    ++taken_;
    if (idle_.empty()) return Lease(*this, nullptr);
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return Lease(*this, std::move(connection));
  }

  // Waits until everything is back.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    idle_.clear();
    wake_.notify_all();
    wake_.wait(lock, [&] { return taken_ == 0; });
  }

 private:
  static constexpr std::chrono::seconds kPatience{30};

  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (connection && !closed_) idle_.push_back(std::move(connection));
    // All, because close() waits on the same condition.
    wake_.notify_all();
  }

  const std::size_t limit_;
  std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;
  std::size_t taken_ = 0;
  bool closed_ = false;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace sluice::db
