#include "features/diagnostics/diagnostics.h"

#include <array>
#include <utility>

#include "features/diagnostics/files.h"
#include "features/diagnostics/syslog.h"

namespace sluice::diagnostics {

namespace {

using base::Result;

constexpr std::size_t kMostRemembered = 10'000;

}  // namespace

Diagnostics::Diagnostics(Environment environment, base::Clock clock) : environment_(std::move(environment)), clock_(std::move(clock)) {}

Result<std::unique_ptr<Diagnostics>> Diagnostics::make(const Settings& settings, Environment environment, base::Clock clock) {
  std::unique_ptr<Diagnostics> made(new Diagnostics(std::move(environment), std::move(clock)));
  const auto forward_to = [&](std::string name, auto destination) {
    made->forwarders_.push_back(std::make_unique<Forwarder>(
        std::move(name), [destination](std::span<const Event> events) { return destination->deliver(events); }));
  };
  if (!settings.folder.empty()) forward_to("files", std::make_shared<Files>(settings.folder));
  if (!settings.syslog.empty()) {
    ASSIGN_OR_RETURN(SyslogAddress address, parse_syslog(settings.syslog));
    forward_to("syslog", std::make_shared<Syslog>(std::move(address)));
  }
  return made;
}

void Diagnostics::start() {
  for (const auto& forwarder : forwarders_) forwarder->start();
}

void Diagnostics::stop() {
  for (const auto& forwarder : forwarders_) forwarder->stop();
}

void Diagnostics::add(const Event& event) {
  for (const auto& forwarder : forwarders_) forwarder->add(event);
}

void Diagnostics::note(const http::Served& served) {
  if (forwarders_.empty() || !served.call.path.starts_with("/api/")) return;
  add(api_event(served, environment_, clock_()));
}

bool Diagnostics::is_news(const std::string& id, Moment moment) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = told_.try_emplace(id, moment);
  if (is_new) {
    order_.push_back(id);
    if (order_.size() > kMostRemembered) {
      told_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }
  if (at->second == Moment::completed || moment == Moment::started) return false;
  at->second = moment;
  return true;
}

void Diagnostics::note(const runs::Run& run) {
  if (forwarders_.empty() || (run.state != runs::State::running && runs::is_active(run.state))) return;
  const Moment moment = run.state == runs::State::running ? Moment::started : Moment::completed;
  if (!is_news(run.id.str(), moment)) return;
  const base::Timestamp now = clock_();
  const auto tell = [&](Scope scope) { add(run_event(run, scope, moment, environment_, now)); };
  const bool is_alone = !run.job_id;
  if (is_alone && moment == Moment::started) tell(Scope::workflow);
  tell(Scope::task);
  if (is_alone && moment == Moment::completed) tell(Scope::workflow);
}

void Diagnostics::note(const runs::Job& job) {
  if (forwarders_.empty() || job.state == runs::State::queued) return;
  const base::Timestamp now = clock_();
  if (is_news(job.id.str(), Moment::started)) add(job_event(job, Moment::started, environment_, now));
  if (!runs::is_active(job.state) && is_news(job.id.str(), Moment::completed)) add(job_event(job, Moment::completed, environment_, now));
}

void Diagnostics::write_metrics(base::metrics::Writer& out) const {
  if (forwarders_.empty()) return;
  const std::array<std::string, 1> label = {"destination"};
  const auto write = [&](std::string_view name, std::string_view type, std::string_view help, auto pick) {
    out.describe(name, type, help);
    for (const auto& forwarder : forwarders_) out.value(name, label, {forwarder->name()}, static_cast<double>(pick(forwarder->figures())));
  };
  write("sluice_diagnostics_delivered_total", "counter", "Diagnostics events that the destination took.",
        [](const Forwarder::Figures& f) { return f.delivered; });
  write("sluice_diagnostics_dropped_total", "counter", "Diagnostics events lost because too many waited.",
        [](const Forwarder::Figures& f) { return f.dropped; });
  write("sluice_diagnostics_waiting_events", "gauge", "Diagnostics events that wait for the destination.",
        [](const Forwarder::Figures& f) { return f.waiting; });
  write("sluice_diagnostics_healthy", "gauge", "1 when the destination took the last events, else 0.",
        [](const Forwarder::Figures& f) { return f.is_healthy ? 1 : 0; });
}

}  // namespace sluice::diagnostics
