// Tables of 20 columns: how fast they are written and read, and how much memory that takes.
//
//   db_bench                                          SQLite, in a temporary folder
//   SLUICE_BENCH_POSTGRES=postgresql://… db_bench     PostgreSQL too (it uses the schema sluice_data)
//   SLUICE_BENCH_ROWS=10000000 db_bench               1,000,000 unless said
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "db/tables.h"

namespace {

using sluice::base::Cell;
using sluice::base::ColumnType;
using sluice::db::Filter;
using sluice::db::TableColumn;
using sluice::db::TableStore;

constexpr std::size_t kColumns = 20;

std::int64_t rows() {
  const char* wanted = std::getenv("SLUICE_BENCH_ROWS");
  return wanted == nullptr ? 1'000'000 : std::atoll(wanted);
}

std::vector<TableColumn> columns() {
  std::vector<TableColumn> out(kColumns, TableColumn{.name = "x", .type = ColumnType::text});
  out[14].type = ColumnType::decimal;
  out[15].type = ColumnType::timestamp;
  out[18].type = ColumnType::integer;
  return out;
}

// Cells like those of a customer table. Every row depends on its number only.
class Generator {
 public:
  const std::array<Cell, kColumns>& row(std::int64_t number) {
    std::uint64_t state = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15U;
    const auto random = [&state] {
      state ^= state >> 30;
      state *= 0xBF58476D1CE4E5B9U;
      state ^= state >> 27;
      return state;
    };
    std::snprintf(key_, sizeof key_, "%016llx-%016llx", static_cast<unsigned long long>(random()),
                  static_cast<unsigned long long>(random()));
    std::snprintf(mail_, sizeof mail_, "customer.%lld@example.org", static_cast<long long>(number));
    std::snprintf(amount_, sizeof amount_, "%u.%02u", static_cast<unsigned>(random() % 50'000), static_cast<unsigned>(random() % 100));
    const auto end = std::to_chars(score_, score_ + sizeof score_, static_cast<std::int64_t>(random() >> 20)).ptr;
    static constexpr std::array<std::string_view, 8> kNames = {"Anna", "Björn",     "Kateřina", "太郎",
                                                               "José", "Mary-Jane", "Łukasz",   "O'Brien"};
    for (std::size_t i = 1; i < kColumns; ++i) cells_[i] = Cell::of(kNames[(state >> (3 * i)) % kNames.size()]);
    cells_[0] = Cell::of(key_);
    cells_[3] = Cell::of(mail_);
    cells_[4] = random() % 20 == 0 ? Cell{} : Cell::of("+44-761-875-8582");
    cells_[5] = Cell::of("1992-12-10");
    cells_[6] = Cell::of("9868 Rue de l'Église");
    cells_[14] = Cell::of(amount_);
    cells_[15] = Cell::of("2025-05-14T12:33:02Z");
    cells_[17] = random() % 3 == 0 ? Cell::of("asked for a discount, prefers email, called about a late delivery") : Cell::of("");
    cells_[18] = Cell::of({score_, static_cast<std::size_t>(end - score_)});
    return cells_;
  }

 private:
  char key_[40];
  char mail_[40];
  char amount_[20];
  char score_[24];
  std::array<Cell, kColumns> cells_;
};

double megabytes(const char* field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::atof(line.c_str() + std::string_view(field).size()) / 1024;
  }
  return 0;
}

template <class T>
T must(sluice::base::Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s %s\n", result.error().reason.c_str(), result.error().internal.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void write_rows(TableStore& store, const std::string& version) {
  auto writer = must(store.create(version, columns(), 0));
  Generator generator;
  for (std::int64_t i = 1; i <= rows(); ++i) must(writer->append(generator.row(i)));
  must(writer->finish());
}

void import(benchmark::State& state, TableStore& store) {
  for (auto _ : state) {
    must(store.drop("b1"));
    write_rows(store, "b1");
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(rows()), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak MB"] = megabytes("VmHWM:");
}

void scan(benchmark::State& state, TableStore& store, std::size_t width, const Filter& filter) {
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < width; ++i) wanted.push_back(i);
  std::int64_t seen = 0;
  for (auto _ : state) {
    auto scan = must(store.scan({.version = "b1", .columns = wanted, .filter = filter}, columns()));
    std::size_t bytes = 0;
    for (auto row = must(scan->next()); !row.empty(); row = must(scan->next())) {
      for (const Cell& cell : row) bytes += cell.size;
      ++seen;
    }
    benchmark::DoNotOptimize(bytes);
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(rows()), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["rows"] = static_cast<double>(seen) / static_cast<double>(state.iterations());
  state.counters["now MB"] = megabytes("VmRSS:");
}

void add(const std::string& name, TableStore& store) {
  const auto run = [](const std::string& what, auto body) {
    benchmark::RegisterBenchmark(what.c_str(), body)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();
  };
  const Filter names{.kind = Filter::Kind::condition, .column = 1, .op = Filter::Operator::equals, .values = {"Anna"}};
  const Filter amounts{.kind = Filter::Kind::condition, .column = 14, .op = Filter::Operator::greater, .values = {"45000"}};
  run(name + "/import", [&store](benchmark::State& state) { import(state, store); });
  run(name + "/scan_all_columns", [&store](benchmark::State& state) { scan(state, store, kColumns, {}); });
  run(name + "/scan_12_columns", [&store](benchmark::State& state) { scan(state, store, 12, {}); });
  run(name + "/filter_by_text", [&store, names](benchmark::State& state) { scan(state, store, 1, names); });
  run(name + "/filter_by_decimal", [&store, amounts](benchmark::State& state) { scan(state, store, 1, amounts); });
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  char folder[] = "/tmp/sluice-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 1;
  const auto sqlite = must(TableStore::open(folder));
  add("sqlite", *sqlite);
  std::unique_ptr<TableStore> postgres;
  if (const char* url = std::getenv("SLUICE_BENCH_POSTGRES")) {
    postgres = must(TableStore::open(url));
    add("postgres", *postgres);
  }
  benchmark::RunSpecifiedBenchmarks();
  if (postgres) must(postgres->drop("b1"));
  std::filesystem::remove_all(folder);
  return 0;
}
