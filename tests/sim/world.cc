#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace sluice::sim {

using base::Code;
using base::Error;
using base::Result;
using runs::Ended;
using runs::State;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr int kTables = 3, kExports = 4;
const base::Timestamp kStart = base::from_micros(1'780'000'000'000'000);

base::Actor person() {
  return {.id = *base::UserId::parse("01890000-0000-7000-8000-000000000001"),
          .display_name = "Ada",
          .role = base::Role::administrator,
          .request_id = {},
          .address = {}};
}

schedules::ScheduleChange every(std::int64_t minutes_between) {
  return {schedules::Mode::own, schedules::Rule{.recurrence = schedules::Recurrence::interval,
                                                .every = minutes_between,
                                                .unit = schedules::Unit::minutes,
                                                .weekdays = {},
                                                .month_days = {},
                                                .times = {},
                                                .cron = {},
                                                .time_zone = "UTC"}};
}

}  // namespace

World::World(std::uint64_t seed, const std::string& location) : random_(seed * 2654435761U + 1), now_(kStart) {
  auto opened = db::Db::open({.location = location, .readers = 2});
  BASE_ASSERT(opened.ok());
  db_ = *std::move(opened);
  watch_ = std::make_unique<Watch>(*db_);
  for (Node& node : nodes_) start(node);
  const auto set = db_->write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(nodes_[0].schedules->set(tx, {"export", "E1", "E1"}, every(5), true));
    RETURN_IF_ERROR(nodes_[0].schedules->set(tx, {"export", "E3", "E3"}, every(45), true));
    return nodes_[0].schedules->set(tx, {std::string(schedules::kRefresh), "", "System refresh"}, every(30), true);
  });
  if (!set.ok()) fail("the schedules: " + set.error().internal);
}

World::~World() {
  for (Node& node : nodes_) unwind(node);
}

// ---- nodes

void World::start(Node& node) {
  const auto number = static_cast<std::size_t>(&node - nodes_.data());
  node.name = "n" + std::to_string(number + 1) + "." + std::to_string(++generation_);
  const auto clock = [this] { return now_; };
  node.runs = std::make_unique<runs::Runs>(
      *db_, clock, runs::Settings{.node = node.name, .retry = {}, .spread = [this] { return static_cast<double>(below(1000)) / 1000; }});
  node.schedules = std::make_unique<schedules::Schedules>(*db_, clock);
  node.is_frozen = false;
  register_kinds(node);
  for (int i = 0; i < 2; ++i) node.workers.push_back(std::make_unique<Worker>([this, &node] { claim(node); }));
  if (const auto done = node.schedules->recompute(); !done.ok()) fail("recompute: " + done.error().internal);
}

void World::register_kinds(Node& node) {
  for (const char* kind : {"table", "export"}) {
    node.runs->register_kind(kind, {.execute = [this, &node](runs::Execution& e) { return execute(node, e); },
                                    .ended = [](db::Write&, const runs::Run&) { return Result<void>(); },
                                    .may_cancel = [](const base::Actor&, const runs::Run&) { return true; }});
  }
  node.runs->on_change([this](const runs::Run& run) { changed(run); });
  node.runs->register_job("refresh", [this](db::Write&) { return plan(); });
  node.schedules->register_kind(
      std::string(schedules::kRefresh),
      [this, &node](db::Write& tx, const std::string& id) { return start_scheduled(node, tx, std::string(schedules::kRefresh), id); },
      [&node] { node.runs->plan_jobs(); });
  node.schedules->register_kind(
      "export", [this, &node](db::Write& tx, const std::string& id) { return start_scheduled(node, tx, "export", id); }, [] {});
}

void World::claim(Node& node) {
  tokens_.erase(Worker::current());
  const auto ran = node.runs->claim_and_run();
  if (!ran.ok()) fail(node.name + " could not claim: " + ran.error().reason + " " + ran.error().internal);
  check_fence();
}

void World::unwind(Node& node) {
  for (const auto& worker : node.workers) {
    worker->die();
    fences_.erase(worker.get());
  }
  node.workers.clear();
  node.runs.reset();
  node.schedules.reset();
}

// ---- what runs

runs::Request World::request_for(const std::string& kind, int number) {
  const bool is_table = kind == "table";
  const std::string id = (is_table ? "T" : "E") + std::to_string(number);
  runs::Request request{.kind = kind, .subject = {id, id}, .connection = {}, .defined_by = {}, .plan = {}, .expected_rows = {}};
  if (is_table) {
    request.parallel = 2;
  } else {
    const std::string connection = number <= 2 ? "C1" : "C2";
    request.connection = runs::ConnectionRef{connection, connection, "sftp"};
    request.parallel = number <= 2 ? 1 : 2;
  }
  return request;
}

Result<std::vector<runs::Task>> World::plan() {
  std::vector<runs::Task> tasks;
  for (int i = 1; i <= kTables; ++i) {
    runs::Task task{request_for("table", i), {}};
    task.request.stage = "data_sources";
    tasks.push_back(std::move(task));
  }
  for (int i = 1; i <= kExports; ++i) {
    runs::Task task{request_for("export", i), {{"table", "T" + std::to_string(1 + i % kTables)}}};
    if (i % 2 == 0) task.after.emplace_back("table", "T1");
    task.request.stage = "exports";
    tasks.push_back(std::move(task));
  }
  return tasks;
}

Result<std::string> World::start_scheduled(Node& node, db::Write& tx, const std::string& kind, const std::string& id) {
  ASSIGN_OR_RETURN(const auto row, tx.one("SELECT last_due_at FROM schedules WHERE kind = ?1 AND subject_id = ?2", kind, id));
  const std::string due = base::format_rfc3339(row.get<base::Timestamp>(0));
  if (!occurrences_.insert(kind + id + due).second) fail("the occurrence " + due + " of " + kind + " " + id + " started twice");
  note("schedule of " + kind + " " + id + ", due " + due);
  count("occurrences started");
  if (kind == schedules::kRefresh) {
    ASSIGN_OR_RETURN(const auto job, node.runs->start_job(tx, base::Actor::system(), "refresh", runs::Trigger::schedule, true));
    return job.created ? std::string() : std::string("A refresh waited already.");
  }
  runs::Request request = request_for(kind, id.back() - '0');
  request.trigger = runs::Trigger::schedule;
  ASSIGN_OR_RETURN(const auto enqueued, node.runs->enqueue(tx, base::Actor::system(), request));
  return enqueued.created ? std::string() : std::string("It ran already.");
}

World::Held World::held(runs::RunId id) {
  const auto row =
      db_->read([&](db::Read& tx) { return tx.one("SELECT lease_token, version, state, lease_owner FROM runs WHERE id = ?1", id); });
  if (!row.ok()) return {};
  return {row->get<std::int64_t>(0), row->get<std::int64_t>(1), row->get<State>(2), row->get<std::optional<std::string>>(3).value_or("")};
}

Ended World::execute(Node& node, runs::Execution& execution) {
  const runs::RunId id = execution.run().id;
  const std::int64_t token = tokens_.at(Worker::current());
  note(node.name + " begins " + execution.run().subject.id + " attempt " + std::to_string(execution.run().attempt));
  count("executions");
  execution.tables() = {{.name = "rows", .state = State::running}};
  const auto rows = 1 + below(4);
  for (std::uint64_t i = 0; i < rows; ++i) {
    Worker::park();
    is_reporting_ = true;
    execution.report_now();
    is_reporting_ = false;
    if (execution.stop().stop_requested()) break;
    deliver(node, execution, token);
  }
  if (is_chance(50)) Worker::park();
  const Held before = held(id);
  const bool is_holder = before.state == State::running && before.token == token;
  if (!is_holder) count("ends without the lease");
  fences_[Worker::current()] = {id, before, is_holder};
  Ended ended = execution.stop().stop_requested() && is_chance(80) ? Ended{.state = State::canceled} : end_of(execution);
  note(node.name + " ends " + execution.run().subject.id + " as " + std::string(base::to_name(ended.state)) +
       (is_holder ? "" : ", without the lease"));
  return ended;
}

void World::deliver(Node& node, runs::Execution& execution, std::int64_t token) {
  const Held now = held(execution.run().id);
  if (now.state != State::running || now.token != token || now.owner != node.name)
    fail(node.name + " may write for " + execution.run().subject.id + " and does not hold its lease");
  execution.counts().rows_sent += 1;
  count("rows delivered");
}

Ended World::end_of(runs::Execution& execution) {
  const auto failed = [](Code code, const char* reason) {
    return Ended{.state = State::failed, .error = Error{.code = code, .reason = reason, .detail = "It did not work."}};
  };
  const std::uint64_t die = is_calm_ ? 99 : below(100);
  if (die < 8) return failed(Code::upstream_unavailable, "sftp.unreachable");
  if (die < 14) return failed(Code::timeout, "sftp.timeout");
  if (die < 20) {
    Ended ended = failed(Code::rate_limited, "http.rate_limited");
    ended.error->retry_after = seconds(1 + below(1800));
    return ended;
  }
  if (die < 28) return failed(Code::upstream_rejected, "sftp.refused");
  if (die < 36 && !execution.is_approved())
    return {.state = State::needs_approval, .approval = runs::Approval{"export.shrank", "Half the rows are gone.", {{"rows", 5}}}};
  if (die < 44)
    return {.state = State::completed_with_errors,
            .error = Error{.code = Code::upstream_rejected, .reason = "export.table_failed", .detail = "One table failed."}};
  if (die < 50) return {.state = State::completed_with_warnings};
  return {.state = State::succeeded};
}

void World::changed(const runs::Run& run) {
  const Held now = held(run.id);
  if (!runs::is_active(run.state) && run.state != now.state)
    fail(run.subject.id + " was told to be " + std::string(base::to_name(run.state)) + " and is " + std::string(base::to_name(now.state)));
  if (Worker::current() == nullptr || is_reporting_) return;
  check_fence();
  tokens_.try_emplace(Worker::current(), now.token);  // the first that is told is the run that was claimed
  Worker::park();
}

void World::check_fence() {
  const auto fence = fences_.find(Worker::current());
  if (fence == fences_.end()) return;
  const auto [id, before, is_holder] = fence->second;
  fences_.erase(fence);
  const Held after = held(id);
  if (is_holder && after.version != before.version + 1) fail(id.str() + ": the end was not written");
  if (!is_holder && (after.version != before.version || after.state != before.state))
    fail(id.str() + " was changed by a node that had lost its lease");
}

// ---- the steps

void World::note(const std::string& what) {
  const auto at = std::chrono::duration_cast<milliseconds>(now_ - kStart).count();
  trace_.push_back(std::to_string(at) + " ms  " + what);
}

void World::fail(const std::string& what) {
  if (!wrong_.empty()) return;
  wrong_ = what;
  note("WRONG: " + what);
}

void World::look() {
  if (auto wrong = watch_->look(); !wrong.empty()) fail(wrong);
}

void World::pass(base::Timestamp::duration span) { now_ += span; }

std::string World::play(int steps) {
  for (int i = 0; i < steps && wrong_.empty(); ++i) {
    pass(milliseconds(1 + below(400)));
    step();
    look();
  }
  if (wrong_.empty()) drain();
  if (wrong_.empty()) {
    if (auto wrong = watch_->look_at_end(); !wrong.empty()) fail(wrong);
    for (const auto& [id, run] : watch_->runs()) count("runs ended as " + std::string(base::to_name(run.state)));
  }
  return wrong_;
}

void World::step() {
  Node& node = nodes_[below(nodes_.size())];
  const std::uint64_t die = below(100);
  if (die < 50) return work();
  if (die < 62) {
    if (is_chance(50)) pass(milliseconds(below(4000)));
    return keep(node);
  }
  if (die < 76) return trigger();
  if (die < 78) return trigger_job();
  if (die < 84) return cancel();
  if (die < 85) return cancel_job();
  if (die < 88) return approve();
  if (die < 90) return die_or_start(node);
  if (die < 91) return shut_down(node);
  if (die < 94) return freeze_or_thaw(node);
  if (die < 96) return jump();
  if (die < 99) return tick();
  reschedule();
}

void World::work() {
  std::vector<Worker*> ready;
  for (Node& node : nodes_) {
    if (!node.is_up()) continue;
    for (const auto& worker : node.workers) ready.push_back(worker.get());
  }
  if (!ready.empty()) ready[below(ready.size())]->step();
}

void World::keep(Node& node) {
  if (!node.is_up()) return;
  node.runs->keep_once();
}

void World::trigger() {
  Node& node = nodes_[below(nodes_.size())];
  if (!node.is_up()) return;
  const bool is_table = is_chance(35);
  runs::Request request = request_for(is_table ? "table" : "export", 1 + static_cast<int>(below(is_table ? kTables : kExports)));
  request.queue_behind = is_chance(40);
  const bool waits = !is_table && is_chance(40);
  for (int times = is_chance(30) ? 2 : 1; times > 0; --times) {
    const auto done = db_->write([&](db::Write& tx) -> Result<runs::Runs::Enqueued> {
      runs::Request whole = request;
      if (waits) {
        ASSIGN_OR_RETURN(const auto tables, node.runs->active_among(tx, {"T1", "T2", "T3"}));
        for (const runs::RunId id : tables) whole.waits_for.push_back({id, is_chance(50)});
      }
      return node.runs->enqueue(tx, person(), whole);
    });
    if (!done.ok()) return fail("enqueue: " + done.error().reason + " " + done.error().internal);
    note(node.name + " is asked for " + request.subject.id + (request.queue_behind ? " behind" : "") +
         (done->created ? ": a new run" : ": the one there is"));
    count(done->created ? "runs asked for" : "triggers that joined");
    node.runs->wake();
  }
}

void World::trigger_job() {
  Node& node = nodes_[below(nodes_.size())];
  if (!node.is_up()) return;
  const auto job = node.runs->request_job(person(), "refresh");
  if (!job.ok()) return fail("refresh: " + job.error().reason + " " + job.error().internal);
  note(node.name + " is asked for a refresh" + (job->created ? "" : ", and one goes on"));
  count("refreshes asked for");
}

std::optional<runs::RunId> World::any_active() {
  const auto active = watch_->active();
  if (active.empty()) return std::nullopt;
  return runs::RunId::parse(active[below(active.size())]);
}

void World::cancel() {
  Node& node = nodes_[below(nodes_.size())];
  const auto id = any_active();
  if (!node.is_up() || !id) return;
  const auto done = node.runs->cancel(person(), *id);
  if (!done.ok()) return fail("cancel: " + done.error().reason + " " + done.error().internal);
  note(node.name + " cancels " + done->subject.id + ", now " + std::string(base::to_name(done->state)));
  count("cancellations");
}

void World::cancel_job() {
  Node& node = nodes_[below(nodes_.size())];
  if (!node.is_up()) return;
  const auto job = node.runs->last_job(person(), true);
  if (!job.ok() || !job->has_value()) return;
  note(node.name + " cancels the refresh");
  const auto done = node.runs->cancel_job(person(), (*job)->id);
  if (!done.ok()) return fail("cancel of a job: " + done.error().reason + " " + done.error().internal);
  count("jobs cancelled");
}

void World::approve() {
  Node& node = nodes_[below(nodes_.size())];
  if (!node.is_up()) return;
  for (const auto& [id, run] : watch_->runs()) {
    if (run.state != State::needs_approval) continue;
    const auto done = node.runs->approve(person(), *runs::RunId::parse(id));
    if (!done.ok()) return fail("approve: " + done.error().reason + " " + done.error().internal);
    note(node.name + " lets " + run.subject + " go on");
    count("approvals");
    return;
  }
}

void World::die_or_start(Node& node) {
  if (node.runs == nullptr) {
    start(node);
    note(node.name + " starts");
    return;
  }
  note(node.name + " dies");
  count("deaths");
  unwind(node);
}

void World::freeze_or_thaw(Node& node) {
  if (node.runs == nullptr) return;
  node.is_frozen = !node.is_frozen;
  note(node.name + (node.is_frozen ? " freezes" : " wakes"));
  if (node.is_frozen) count("freezes");
}

// As an operator ends it: executions are asked to stop and go back into the queue.
void World::shut_down(Node& node) {
  if (!node.is_up()) return;
  note(node.name + " shuts down");
  count("shut downs");
  node.runs->stop();
  for (const auto& worker : node.workers) {
    while (worker->is_busy() && wrong_.empty()) {
      pass(milliseconds(5));
      worker->step();
      look();
    }
  }
  unwind(node);
}

void World::jump() {
  const bool is_back = is_chance(50);
  const auto span = is_chance(50) ? seconds(below(60)) : seconds(below(2 * 3600));
  now_ += is_back ? -span : span;
  note("the clock jumps " + std::string(is_back ? "back " : "on ") + std::to_string(span.count()) + " s");
  count("clock jumps");
}

void World::tick() {
  if (is_chance(30)) pass(minutes(below(20)));
  for (Node& node : nodes_) {
    if (!node.is_up() || !is_chance(70)) continue;
    const auto done = node.schedules->tick();
    if (!done.ok()) fail("tick: " + done.error().reason + " " + done.error().internal);
  }
}

void World::reschedule() {
  Node& node = nodes_[below(nodes_.size())];
  if (!node.is_up()) return;
  const bool is_active = is_chance(70);
  const auto done = db_->write([&](db::Write& tx) -> Result<void> {
    if (is_chance(50)) return node.schedules->set_active(tx, {"export", "E1", "E1"}, is_active);
    return node.schedules->set(tx, {"export", "E3", "E3"}, every(5 + static_cast<std::int64_t>(below(3)) * 5), is_active);
  });
  if (!done.ok()) fail("a change of a schedule: " + done.error().internal);
}

// Nothing goes wrong any more: within hours everything that was asked for has ended.
void World::drain() {
  note("no more faults");
  is_calm_ = true;
  for (Node& node : nodes_) {
    if (node.runs == nullptr) start(node);
    node.is_frozen = false;
  }
  const base::Timestamp end = now_ + hours(6);
  for (;;) {
    bool was_busy = false;
    for (Node& node : nodes_) {
      node.runs->keep_once();
      look();
      for (const auto& worker : node.workers) {
        const bool went_on = worker->is_busy();
        worker->step();
        if (!went_on && !worker->is_busy()) continue;  // found nothing
        was_busy = true;
        look();
      }
    }
    approve();
    look();
    if (!wrong_.empty()) return;
    if (watch_->active().empty() && !was_busy) return;
    if (now_ > end) return;
    if (was_busy) {
      pass(milliseconds(700));
      continue;
    }
    // On to the next retry, so that hours of waiting cost nothing.
    base::Timestamp next = now_ + hours(1);
    for (const auto& [id, run] : watch_->runs()) {
      if (runs::is_active(run.state)) next = std::min(next, std::max(run.ready_at, now_ + seconds(6)));
    }
    now_ = next;
  }
}

}  // namespace sluice::sim
