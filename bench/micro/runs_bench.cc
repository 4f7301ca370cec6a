// How fast the queue is: runs that do nothing, queued over some connections, then claimed and ended by four workers.
//
//   runs_bench                                          SQLite, in a temporary folder
//   SLUICE_BENCH_POSTGRES=postgresql://… runs_bench     an empty PostgreSQL database
//   SLUICE_BENCH_RUNS=100000 runs_bench                 10,000 unless said
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "base/log.h"
#include "features/runs/runs.h"

namespace {

using namespace sluice;
using Steady = std::chrono::steady_clock;

constexpr int kConnections = 20;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

int drain(const std::string& location, int count) {
  auto db = db::Db::open({.location = location, .readers = 8});
  if (!db.ok() || !(*db)->migrate(db::embedded_migrations()).ok()) return 1;
  runs::Runs engine(**db, base::system_now, {.node = "bench"});
  std::atomic<int> done = 0;
  engine.register_kind("export", {.execute =
                                      [&](runs::Execution&) {
                                        ++done;
                                        return runs::Ended{};
                                      },
                                  .ended = {},
                                  .may_cancel = {}});
  auto begin = Steady::now();
  const auto queued = (*db)->write([&](db::Write& tx) -> base::Result<void> {
    for (int i = 0; i < count; ++i) {
      const std::string id = std::to_string(i);
      const std::string connection = "C" + std::to_string(i % kConnections);
      const runs::Request request{.kind = "export", .subject = {id, id}, .connection = runs::ConnectionRef{connection, connection, "sftp"}};
      RETURN_IF_ERROR(engine.enqueue(tx, base::Actor::system(), request));
    }
    return {};
  });
  if (!queued.ok()) return 1;
  std::printf("queued   %6d runs in %6.2f s\n", count, seconds_since(begin));
  begin = Steady::now();
  for (int i = 0; i < 100; ++i) {
    if (!engine.claim_and_run().ok()) return 1;
  }
  std::printf("one      %6.2f ms from claim to end, alone, with the queue full\n", seconds_since(begin) * 10);
  begin = Steady::now();
  const int before = done;
  engine.start(4, false);
  while (done < count) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const double took = seconds_since(begin);
  engine.stop();
  std::printf("drained  %6d runs in %6.2f s, %.0f a minute\n", count - before, took, (count - before) / took * 60);
  return 0;
}

}  // namespace

int main() {
  base::log::configure(base::log::Format::text, base::log::Level::error);
  const char* wanted = std::getenv("SLUICE_BENCH_RUNS");
  const int count = wanted == nullptr ? 10'000 : std::atoi(wanted);
  if (const char* postgres = std::getenv("SLUICE_BENCH_POSTGRES")) return drain(postgres, count);
  char folder[] = "/tmp/sluice-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 1;
  const int status = drain(std::string(folder) + "/app.db", count);
  std::filesystem::remove_all(folder);
  return status;
}
