#include "features/diagnostics/forwarder.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace sluice::diagnostics {

namespace {

constexpr std::size_t kBatch = 500;
// What comes within this time goes out together: files are synchronised once for all of it.
constexpr std::chrono::milliseconds kGather{500};
constexpr std::chrono::seconds kFirstWait{1};
constexpr std::chrono::seconds kLongestWait{30};

}  // namespace

Forwarder::Forwarder(std::string name, Deliver deliver) : name_(std::move(name)), deliver_(std::move(deliver)) {}

Forwarder::~Forwarder() { stop(); }

void Forwarder::start() {
  thread_ = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
  pthread_setname_np(thread_.native_handle(), "diagnostics");
}

void Forwarder::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  while (deliver_some()) {}
}

void Forwarder::add(const Event& event) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMost) {
      ++figures_.dropped;
      return;
    }
    queue_.push_back(event);
  }
  wake_.notify_one();
}

Forwarder::Figures Forwarder::figures() const {
  const std::lock_guard lock(mutex_);
  Figures figures = figures_;
  figures.waiting = queue_.size();
  return figures;
}

void Forwarder::work(std::stop_token stop) {
  std::chrono::seconds wait = kFirstWait;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      wake_.wait_for(lock, stop, kGather, [this] { return queue_.size() >= kBatch; });
    }
    while (deliver_some()) wait = kFirstWait;
    if (figures().is_healthy) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, wait, [] { return false; });
    wait = std::min(2 * wait, kLongestWait);
  }
}

bool Forwarder::deliver_some() {
  std::vector<Event> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.assign(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(std::min(kBatch, queue_.size())));
  }
  if (batch.empty()) return false;
  const Delivered delivered = deliver_(batch);
  const bool is_healthy = delivered.outcome.ok();
  bool has_changed = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(delivered.count));
    figures_.delivered += delivered.count;
    has_changed = std::exchange(figures_.is_healthy, is_healthy) != is_healthy;
  }
  if (has_changed && is_healthy) base::log::info("diagnostics.recovered", {{"destination", name_}});
  if (has_changed && !is_healthy)
    base::log::warn("diagnostics.unreachable", {{"destination", name_}, {"why", delivered.outcome.error().internal}});
  return is_healthy;
}

}  // namespace sluice::diagnostics
