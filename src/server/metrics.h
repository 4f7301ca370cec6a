// GET /metrics for Prometheus (SYS-50). Counters are of this process since its start; the queue and the outbox are looked up,
// and are those of all nodes. Labels are bounded: see base/metrics.h. Any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "features/notices/notices.h"
#include "features/runs/runs.h"
#include "http/router.h"

namespace sluice::server {

class Metrics {
 public:
  struct About {
    std::string version;
    std::string store;
  };
  Metrics(runs::Runs& runs, notices::Notices& notices, base::Clock clock, About about);

  void note(const http::Served& served);
  // A run that has ended.
  void note(const runs::Run& run);
  // Called at each collection, for parts that are not always there.
  void add_part(std::function<void(base::metrics::Writer&)> part);

  base::Result<std::string> collect() const;

 private:
  runs::Runs& runs_;
  notices::Notices& notices_;
  base::Clock clock_;
  About about_;
  std::vector<std::function<void(base::metrics::Writer&)>> parts_;
  base::metrics::Counters requests_;
  base::metrics::Histograms latencies_;
  base::metrics::Counters ended_;
  base::metrics::Counters rows_;
  base::metrics::Counters bytes_;
  base::metrics::Histograms durations_;
};

// For administrators and for any API key; for everybody when the operator says so.
void add_metrics_route(http::Router& router, Metrics& metrics, bool is_public);

}  // namespace sluice::server
