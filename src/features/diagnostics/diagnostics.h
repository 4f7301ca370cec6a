// Tells systems outside what happens here (SYS-34): every call of the API, and the start and end of runs and jobs. Nothing
// here ever makes a caller wait or fail. Any thread.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "features/diagnostics/event.h"
#include "features/diagnostics/forwarder.h"

namespace sluice::diagnostics {

struct Settings {
  std::string folder;  // empty: no files
  std::string syslog;  // empty: no messages; see parse_syslog()
};

class Diagnostics {
 public:
  // Reason "config.bad_value".
  static base::Result<std::unique_ptr<Diagnostics>> make(const Settings& settings, Environment environment, base::Clock clock);

  void start();
  void stop();

  void note(const http::Served& served);
  // Whatever changes of a run or job; the events of its start and end are told once by this process.
  void note(const runs::Run& run);
  void note(const runs::Job& job);

  void write_metrics(base::metrics::Writer& out) const;

 private:
  Diagnostics(Environment environment, base::Clock clock);
  void add(const Event& event);
  // Whether this is the first time that it is said of `id`; those said longest ago are forgotten.
  bool is_news(const std::string& id, Moment moment);

  Environment environment_;
  base::Clock clock_;
  std::vector<std::unique_ptr<Forwarder>> forwarders_;

  std::mutex mutex_;  // guards the two
  std::unordered_map<std::string, Moment> told_;
  std::deque<std::string> order_;
};

}  // namespace sluice::diagnostics
