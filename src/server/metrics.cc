#include "server/metrics.h"

#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace sluice::server {

namespace {

using base::Permission;
using base::Result;
using base::metrics::Values;
using base::metrics::Writer;
using http::Call;
using http::Method;
using http::Response;

constexpr std::array kLatencyBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
constexpr std::array kDurationBounds = {0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0};

// The type of the connector, or nothing for runs that need no connection.
std::string type_of(const runs::Run& run) { return run.connection ? run.connection->type : std::string(); }

double seconds_of(const timespec& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9; }

void write_process(Writer& out) {
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  if (std::ifstream memory("/proc/self/statm"); memory >> pages >> resident)
    out.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.",
              static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0)
    out.counter("process_cpu_seconds_total", "Time that the process spent on processors.", seconds_of(used));
  std::error_code failed;
  double files = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", failed); !failed && at != std::filesystem::directory_iterator();
       at.increment(failed))
    ++files;
  out.gauge("process_open_fds", "Open files and sockets.", files);
}

void write_queue(Writer& out, const runs::Queue& queue, base::Timestamp now) {
  out.describe("sluice_queue_runs", "gauge", "Runs that have not ended, by state.");
  const std::array<std::string, 1> label = {"state"};
  for (const auto& [state, count] :
       {std::pair(runs::State::queued, queue.queued), std::pair(runs::State::running, queue.running),
        std::pair(runs::State::retrying, queue.retrying), std::pair(runs::State::needs_approval, queue.needs_approval)})
    out.value("sluice_queue_runs", label, {std::string(base::to_name(state))}, static_cast<double>(count));
  const auto age = queue.oldest_queued_at ? now - *queue.oldest_queued_at : std::chrono::microseconds(0);
  out.gauge("sluice_queue_oldest_seconds", "How long the run waits that was queued first; 0 when none waits.",
            std::max(0.0, std::chrono::duration<double>(age).count()));
}

Result<Response> show(Metrics& metrics, Call&) {
  ASSIGN_OR_RETURN(std::string text, metrics.collect());
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = std::move(text);
  return response;
}

constexpr std::string_view kSummary = "Figures for Prometheus";
constexpr http::Route<Metrics> kRoutes[] = {
    {Method::get, "/metrics", Permission::system_manage, &show, kSummary, {.any_api_key = true}},
};
constexpr http::Route<Metrics> kPublicRoutes[] = {
    {Method::get, "/metrics", Permission::anyone, &show, kSummary},
};

}  // namespace

Metrics::Metrics(runs::Runs& runs, notices::Notices& notices, base::Clock clock, About about)
    : runs_(runs),
      notices_(notices),
      clock_(std::move(clock)),
      about_(std::move(about)),
      requests_({"method", "route", "status"}),
      latencies_({"method", "route"}, std::span<const double>(kLatencyBounds)),
      ended_({"kind", "type", "state"}),
      rows_({"kind", "type"}),
      bytes_({"kind", "type"}),
      durations_({"kind", "type"}, std::span<const double>(kDurationBounds)) {}

void Metrics::note(const http::Served& served) {
  const std::string method(http::name_of(served.call.method));
  const std::string route = served.route == nullptr ? "-" : std::string(served.route->pattern);
  requests_.at({method, route, std::to_string(served.response.status / 100) + "xx"}).add();
  latencies_.at({method, route}).observe(std::chrono::duration<double>(served.took).count());
}

void Metrics::note(const runs::Run& run) {
  const Values values = {run.kind, type_of(run)};
  ended_.at({run.kind, type_of(run), std::string(base::to_name(run.state))}).add();
  rows_.at(values).add(static_cast<std::uint64_t>(run.counts.rows_sent));
  bytes_.at(values).add(static_cast<std::uint64_t>(run.counts.bytes));
  if (run.started_at && run.ended_at) durations_.at(values).observe(std::chrono::duration<double>(*run.ended_at - *run.started_at).count());
}

void Metrics::add_part(std::function<void(Writer&)> part) { parts_.push_back(std::move(part)); }

Result<std::string> Metrics::collect() const {
  ASSIGN_OR_RETURN(const runs::Queue queue, runs_.queue());
  ASSIGN_OR_RETURN(const std::int64_t outbox, notices_.outbox_depth());
  Writer out;
  const std::array<std::string, 2> about = {"version", "store"};
  out.describe("sluice_build_info", "gauge", "What runs here; always 1.");
  out.value("sluice_build_info", about, {about_.version, about_.store}, 1);
  out.counters("sluice_runs_ended_total", "Runs that ended on this node, by kind, connector type and state.", ended_);
  out.counters("sluice_rows_sent_total", "Rows that ended runs had sent or imported.", rows_);
  out.counters("sluice_bytes_sent_total", "Bytes that ended runs had sent, as they left.", bytes_);
  out.histograms("sluice_run_duration_seconds", "From the last start of a run to its end.", durations_);
  write_queue(out, queue, clock_());
  out.gauge("sluice_notices_outbox_messages", "Mails and webhook calls that wait to be sent.", static_cast<double>(outbox));
  out.counters("sluice_http_requests_total", "Requests by route and class of status; - is no route.", requests_);
  out.histograms("sluice_http_request_duration_seconds", "From the head of a request to its answer.", latencies_);
  for (const auto& part : parts_) part(out);
  write_process(out);
  return out.take();
}

void add_metrics_route(http::Router& router, Metrics& metrics, bool is_public) {
  if (is_public)
    router.add(kPublicRoutes, metrics);
  else
    router.add(kRoutes, metrics);
}

}  // namespace sluice::server
