// Every connection is verified again once a period (BEY-18), so that one that broke is known before its next run. Two threads
// of low priority do it, one connection after the other and spread over the period; a connection is due when it was neither
// verified nor tried for that long. Whoever moves the time of the try on in the database does it, whatever the number of nodes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "db/db.h"
#include "features/connections/connections.h"

namespace sluice::connections {

class Reverification {
 public:
  // A period of 0 is never.
  Reverification(db::Db& db, Connections& connections, base::Clock clock, std::chrono::microseconds period);
  ~Reverification();

  void start();
  void stop();

 private:
  struct Due {
    ConnectionId id;
    std::string display_name;
  };
  void work(std::stop_token stop);
  // The one that is due longest, now taken; empty when none is.
  base::Result<std::optional<Due>> take();
  // Waits for the turn of the next start.
  void wait_for_turn(std::stop_token stop);

  db::Db& db_;
  Connections& connections_;
  base::Clock clock_;
  std::chrono::microseconds period_;

  std::mutex mutex_;  // guards next_turn_, pace_
  std::condition_variable_any wake_;
  std::chrono::steady_clock::time_point next_turn_{};
  std::chrono::microseconds pace_{};
  std::vector<std::jthread> threads_;
};

}  // namespace sluice::connections
