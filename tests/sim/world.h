// A few nodes on one database, a clock that only the world moves, and a generator that decides what happens next: what is
// triggered, cancelled and approved, which node works, dies, freezes or wakes, and how each execution ends. The same seed
// gives the same story.
//
// Subjects: three tables (kind "table", two at a time) and four exports, two on a connection that takes one at a time and two
// on one that takes two. The job "refresh" is all of them, each export after tables. An execution delivers rows one by one to
// a destination that believes only who holds the lease.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "db/db.h"
#include "features/runs/runs.h"
#include "features/schedules/schedules.h"
#include "sim/watch.h"
#include "sim/worker.h"

namespace sluice::sim {

struct Node {
  std::string name;
  std::unique_ptr<runs::Runs> runs;
  std::unique_ptr<schedules::Schedules> schedules;
  std::vector<std::unique_ptr<Worker>> workers;
  bool is_frozen = false;
  bool is_up() const { return runs != nullptr && !is_frozen; }
};

// What came to pass, for the figures of many seeds.
struct Tally {
  std::map<std::string, std::int64_t> events;
  void add(const Tally& other) {
    for (const auto& [name, count] : other.events) events[name] += count;
  }
};

class World {
 public:
  World(std::uint64_t seed, const std::string& location);
  ~World();

  // What went wrong, or nothing.
  std::string play(int steps);
  const std::vector<std::string>& trace() const { return trace_; }
  const Tally& tally() const { return tally_; }

 private:
  // ---- chance
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
  bool is_chance(unsigned percent) { return below(100) < percent; }

  // ---- the steps
  void step();
  void work();  // an execution goes on, or a free worker looks for one
  void pass(base::Timestamp::duration span);
  void keep(Node& node);
  void trigger();
  void trigger_job();
  void cancel();
  void cancel_job();
  void approve();
  void die_or_start(Node& node);
  void freeze_or_thaw(Node& node);
  void shut_down(Node& node);
  void jump();
  void tick();
  void reschedule();
  void drain();

  // ---- parts
  void start(Node& node);
  void claim(Node& node);
  void unwind(Node& node);
  void register_kinds(Node& node);
  runs::Request request_for(const std::string& kind, int number);
  base::Result<std::vector<runs::Task>> plan();
  base::Result<std::string> start_scheduled(Node& node, db::Write& tx, const std::string& kind, const std::string& id);
  runs::Ended execute(Node& node, runs::Execution& execution);
  runs::Ended end_of(runs::Execution& execution);
  // On the worker's thread: the destination takes a row from who holds the lease, and from nobody else.
  void deliver(Node& node, runs::Execution& execution, std::int64_t token);
  void changed(const runs::Run& run);
  void check_fence();
  void note(const std::string& what);
  void count(const std::string& what) { ++tally_.events[what]; }
  void fail(const std::string& what);
  void look();
  std::optional<runs::RunId> any_active();
  struct Held {
    std::int64_t token = 0;
    std::int64_t version = 0;
    runs::State state = runs::State::queued;
    std::string owner;
  };
  Held held(runs::RunId id);

  std::mt19937_64 random_;
  base::Timestamp now_;
  std::unique_ptr<db::Db> db_;
  std::unique_ptr<Watch> watch_;
  std::array<Node, 3> nodes_;
  int generation_ = 0;
  bool is_calm_ = false;  // no more faults
  // What an execution must find when its end was written, or was not.
  struct Fence {
    runs::RunId id;
    Held before;
    bool is_holder = false;
  };
  std::map<const Worker*, Fence> fences_;
  std::map<const Worker*, std::int64_t> tokens_;  // of the execution under way
  bool is_reporting_ = false;                     // what was just asked of the lease must still hold when the row is delivered
  std::set<std::string> occurrences_;
  std::vector<std::string> trace_;
  Tally tally_;
  std::string wrong_;
};

}  // namespace sluice::sim
