#include "features/connections/reverify.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace sluice::connections {

namespace {

using base::Result;
using namespace std::chrono_literals;

constexpr int kThreads = 2;
constexpr int kNiceness = 10;
constexpr std::chrono::seconds kVerifyTime{30};
// Between two starts: never more, so that what is due is seen soon; never less, so that looking costs nothing.
constexpr std::chrono::microseconds kLongestPace = 1min;
constexpr std::chrono::microseconds kShortestPace = 100ms;

// Half of what an even spread allows, to catch up after a time without a server.
std::chrono::microseconds pace_of(std::chrono::microseconds period, std::int64_t connections) {
  return std::clamp(period / (2 * std::max<std::int64_t>(connections, 1)), kShortestPace, kLongestPace);
}

}  // namespace

Reverification::Reverification(db::Db& db, Connections& connections, base::Clock clock, std::chrono::microseconds period)
    : db_(db), connections_(connections), clock_(std::move(clock)), period_(period), pace_(pace_of(period, 1)) {}

Reverification::~Reverification() { stop(); }

void Reverification::start() {
  if (period_ == 0us) return;
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
    pthread_setname_np(threads_.back().native_handle(), ("reverify-" + std::to_string(i)).c_str());
  }
}

void Reverification::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Reverification::wait_for_turn(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_turn_) {
      next_turn_ = now + pace_;
      return;
    }
    wake_.wait_until(lock, stop, next_turn_, [] { return false; });
  }
}

void Reverification::work(std::stop_token stop) {
  // Runs and people come first.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  for (wait_for_turn(stop); !stop.stop_requested(); wait_for_turn(stop)) {
    const auto due = take();
    if (!due.ok()) base::log::error("connection.reverify_failed", {{"why", due.error().internal}});
    if (!due.ok() || !due->has_value()) continue;
    const auto verified = connections_.verify(base::Actor::system(), (*due)->id, base::Deadline::after(kVerifyTime), stop);
    // Switched off, removed meanwhile, verified by a person a moment ago: the next time comes.
    if (!verified.ok() && verified.error().code != base::Code::cancelled)
      base::log::info("connection.not_reverified", {{"connection_id", (*due)->id.str()}, {"reason", verified.error().reason}});
  }
}

Result<std::optional<Reverification::Due>> Reverification::take() {
  const base::Timestamp now = clock_();
  std::int64_t count = 0;
  ASSIGN_OR_RETURN(const auto due, db_.read([&](db::Read& tx) -> Result<std::optional<db::Row>> {
    ASSIGN_OR_RETURN(const auto all, tx.one("SELECT count(*) FROM connections"));
    count = all.get<std::int64_t>(0);
    return tx.maybe_one(R"sql(
        SELECT id, display_name, reverify_tried_at FROM connections
         WHERE created_at < ?1 AND reverify_tried_at < ?1 AND COALESCE(verified_at, 0) < ?1
         ORDER BY reverify_tried_at, id LIMIT 1)sql",
                        now - period_);
  }));
  {
    const std::lock_guard lock(mutex_);
    pace_ = pace_of(period_, count);
  }
  if (!due) return std::optional<Due>();
  const auto id = due->get<ConnectionId>(0);
  ASSIGN_OR_RETURN(const auto taken, db_.write([&](db::Write& tx) {
    return tx.execute("UPDATE connections SET reverify_tried_at = ?3 WHERE id = ?1 AND reverify_tried_at = ?2", id,
                      due->get<base::Timestamp>(2), now);
  }));
  if (taken != 1) return std::optional<Due>();
  return std::optional(Due{id, due->get<std::string>(1)});
}

}  // namespace sluice::connections
