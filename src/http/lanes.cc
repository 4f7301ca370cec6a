#include "http/lanes.h"

namespace sluice::http {

namespace {
constexpr std::size_t kFileThreads = 2;
}

Lanes::Lanes(const ServerOptions& options)
    : quick_("quick", options.quick_threads, options.quick_queue),
      slow_("slow", options.slow_threads, options.slow_queue),
      files_("spool", kFileThreads, 2 * options.max_connections + 16) {}

bool Lanes::post(Lane lane, std::function<void()> job) {
  return lane == Lane::quick ? quick_.post(std::move(job)) : slow_.post(std::move(job));
}

void Lanes::stop_handlers() {
  quick_.stop();
  slow_.stop();
}

}  // namespace sluice::http
