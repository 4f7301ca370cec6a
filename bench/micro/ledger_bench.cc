// A ledger of N keys: first delivery, then a day on which 1 % changed, 0.1 % came and 0.1 % went. Beside it the same work in a
// SQLite table of the same columns, by the sqlite3 command line, where that is installed.
//
//   ninja ledger_bench && ledger_bench 1000000 [folder]     100 million: 20 GB in the folder; then without SQLite
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/crypto.h"
#include "features/ledger/ledger.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace {

namespace fs = std::filesystem;
using namespace sluice;
using namespace sluice::ledger;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Since the last call: the mark is put back each time.
long peak_mb() {
  long kilobytes = 0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) kilobytes = std::strtol(line.c_str() + 6, nullptr, 10);
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return kilobytes / 1024;
}

double folder_mb(const fs::path& folder) {
  double bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder)) bytes += static_cast<double>(entry.file_size());
  return bytes / 1e6;
}

template <class T>
T must(base::Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s %s\n", result.error().detail.c_str(), result.error().internal.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

bool is_changed(std::int64_t i) { return i % 100 == 7; }
bool is_gone(std::int64_t i) { return i % 1000 == 3; }

std::string_view key_of(std::int64_t i, std::array<char, 24>& room) {
  return {room.data(), static_cast<std::size_t>(std::snprintf(room.data(), room.size(), "C%011lld", static_cast<long long>(i)))};
}

void line(const char* what, double seconds, long mb, const std::string& more = {}) {
  std::printf("  %-46s %8.2f s %6ld MB  %s\n", what, seconds, mb, more.c_str());
  std::fflush(stdout);
}

void ours(std::int64_t n, const std::string& folder) {
  std::array<char, 24> room{};
  auto ledger = must(Ledger::open({.folder = folder}));
  peak_mb();
  {
    const Stopwatch noting;
    auto writer = must(Writer::create(ledger, {}));
    for (std::int64_t i = 0; i < n; ++i)
      must(writer.add({.key = key_of(i, room), .payload = static_cast<std::uint64_t>(i), .answer = Answer::acknowledged}));
    must(writer.checkpoint());
    line("note N outcomes, checkpoint", noting.seconds(), peak_mb());
    const Stopwatch committing;
    must(ledger.commit(writer));
    line("commit them", committing.seconds(), peak_mb(), std::to_string(folder_mb(folder)) + " MB of files");
  }
  const Stopwatch hashing;
  Rows rows(ledger);
  for (std::int64_t i = 0; i < n + n / 1000; ++i) {
    if (!is_gone(i) || i >= n) must(rows.add(key_of(i, room), static_cast<std::uint64_t>(is_changed(i) ? i + 1 : i), i + 1));
  }
  const double hashed = hashing.seconds();
  line("today's rows: hash and deal", hashed, peak_mb());
  const Stopwatch diffing;
  std::int64_t heard = 0;
  const auto count = [&](const Change&) -> base::Result<void> {
    ++heard;
    return {};
  };
  const auto counts = must(ledger.diff(rows, count));
  line("diff", diffing.seconds(), peak_mb(),
       std::to_string(counts.added) + " " + std::to_string(counts.changed) + " " + std::to_string(counts.removed));
  std::printf("  %-46s %8.2f s\n", "rows and diff together", hashed + diffing.seconds());
  const Stopwatch again;
  must(ledger.diff(rows, count));
  line("diff again, for the removals", again.seconds(), peak_mb());
  auto writer = must(Writer::create(ledger, {}));
  for (std::int64_t i = 0; i < n; ++i) {
    if (is_changed(i))
      must(writer.add({.key = key_of(i, room), .payload = static_cast<std::uint64_t>(i + 1), .answer = Answer::acknowledged}));
    if (is_gone(i)) must(writer.add({.key = key_of(i, room), .operation = Operation::remove, .answer = Answer::acknowledged}));
  }
  const Stopwatch committing;
  must(ledger.commit(writer));
  line("commit 1.1 %", committing.seconds(), peak_mb());
  const Stopwatch finding;
  constexpr int kLookups = 10'000;
  for (int i = 0; i < kLookups; ++i) must(ledger.find(key_of(i * (n / kLookups), room)));
  std::printf("  %-46s %8.1f us each\n", "find a key", finding.seconds() / kLookups * 1e6);
  const Stopwatch verifying;
  const auto verdict = must(ledger.verify());
  line("verify every byte", verifying.seconds(), peak_mb(), verdict.fault.value_or("whole"));
}

// Runs a program to its end; its highest memory in MB.
long run(const std::string& database, const std::string& sql) {
  std::string program = "sqlite3";
  std::string file = database;
  std::string text = "PRAGMA cache_size=-65536; PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; " + sql;
  std::array<char*, 4> arguments{program.data(), file.data(), text.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, "sqlite3", nullptr, nullptr, arguments.data(), environ) != 0) return -1;
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  return status == 0 ? usage.ru_maxrss / 1024 : -1;
}

void peer(std::int64_t n, const std::string& database) {
  const std::string rows = std::to_string(n);
  const std::string all = std::to_string(n + n / 1000);
  const auto numbers = [](const std::string& end) {
    return "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i+1<" + end + ") ";
  };
  const auto step = [&](const char* what, const std::string& sql) {
    const Stopwatch watch;
    const long mb = run(database, sql);
    line(what, watch.seconds(), mb);
  };
  step("SQLite: write the ledger table",
       "CREATE TABLE ledger(key TEXT PRIMARY KEY, payload INTEGER, state INTEGER, run INTEGER, attempts INTEGER) WITHOUT ROWID; " +
           std::string("INSERT INTO ledger ") + numbers(rows) + "SELECT printf('C%011d',i), i, 1, 1, 1 FROM n;");
  std::printf("  %-46s %8.0f MB\n", "SQLite: its file", static_cast<double>(fs::file_size(database)) / 1e6);
  step("SQLite: write today's rows",
       "CREATE TABLE today(key TEXT PRIMARY KEY, payload INTEGER) WITHOUT ROWID; INSERT INTO today " + numbers(all) +
           "SELECT printf('C%011d',i), CASE WHEN i%100=7 THEN i+1 ELSE i END FROM n WHERE i%1000<>3 OR i>=" + rows + ";");
  step("SQLite: diff by joins",
       "SELECT count(*) FILTER (WHERE l.key IS NULL), count(*) FILTER (WHERE l.payload<>t.payload OR l.state IN (2,3)) FROM today t LEFT "
       "JOIN ledger l ON l.key=t.key; SELECT count(*) FROM ledger l LEFT JOIN today t ON t.key=l.key WHERE t.key IS NULL AND l.state<>4;");
  step("SQLite: diff by EXCEPT",
       "SELECT count(*) FROM (SELECT key,payload FROM today EXCEPT SELECT key,payload FROM ledger); "
       "SELECT count(*) FROM (SELECT key FROM ledger EXCEPT SELECT key FROM today);");
}

}  // namespace

int main(int count, char** arguments) {
  crypto::initialise();
  const std::int64_t n = count > 1 ? std::strtoll(arguments[1], nullptr, 10) : 1'000'000;
  const fs::path base = count > 2 ? fs::path(arguments[2]) : fs::temp_directory_path();
  const fs::path folder = base / ("sluice-ledger-bench-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::printf("%lld keys; seconds, highest memory while at it\n", static_cast<long long>(n));
  ours(n, (folder / "ledger").string());
  if (n < 50'000'000) peer(n, (folder / "peer.db").string());
  fs::remove_all(folder);
  return 0;
}
