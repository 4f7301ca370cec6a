// A million rows into a table, through the driver and by hand with psql (COPY into a temporary table, INSERT … ON CONFLICT DO UPDATE), in
// turn on the same server: all new, then one in ten changed. The driver is timed from its first block to the last answer, psql from its
// start to its end.
//   ninja -C build/release postgresql_bench && build/release/src/drivers/postgresql_bench [ROWS [RUNS]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "drivers/postgresql/postgresql.h"
#include "drivers/postgresql/test_server.h"

namespace {

using namespace sluice;
using namespace sluice::drivers;
using postgresql::TestServer;

constexpr int kBlockRows = 4'000;

std::vector<std::string> make_row(int i, bool changed) {
  return {"C" + std::to_string(10'000'000 + i), "user" + std::to_string(i) + "@example.com",
          "Name " + std::to_string(i * 7919LL % 1'000'003),
          changed && i % 10 == 0 ? "Elsewhere" : "Somewhere, " + std::to_string(i % 1'000), std::to_string(i % 10'000) + ".50"};
}

std::vector<std::shared_ptr<const RowBlock>> make_blocks(int rows, bool changed) {
  std::vector<std::shared_ptr<const RowBlock>> blocks;
  for (int from = 0; from < rows; from += kBlockRows) {
    auto block = std::make_shared<RowBlock>(5);
    for (int i = from; i < std::min(rows, from + kBlockRows); ++i) {
      const auto row = make_row(i, changed);
      std::vector<base::Cell> cells;
      for (const std::string& cell : row) cells.push_back(base::Cell::of(cell));
      block->add(i, row[0], 0, cells);
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

std::string make_file(const std::string& folder, int rows, bool changed) {
  const std::string name = folder + (changed ? "/changed" : "/new");
  std::ofstream file(name);
  for (int i = 0; i < rows; ++i) {
    const auto row = make_row(i, changed);
    for (std::size_t c = 0; c < row.size(); ++c) file << (c == 0 ? "" : "\t") << row[c];
    file << '\n';
  }
  return name;
}

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void reset(const TestServer& server) {
  server.sql(
      "DROP TABLE IF EXISTS public.bench; CREATE TABLE public.bench (id text PRIMARY KEY, email text, name text, city text, amount "
      "numeric); CHECKPOINT");
}

double by_driver(const TestServer& server, const std::vector<std::shared_ptr<const RowBlock>>& blocks) {
  const auto guard = net::Guard::parse("127.0.0.1/32");
  Context context;
  context.guard = &*guard;
  Target target;
  target.settings.set("host", "127.0.0.1");
  target.settings.set("port", static_cast<std::int64_t>(server.port()));
  target.settings.set("database", "postgres");
  target.settings.set("username", "postgres");
  target.settings.set("tls", "off");
  target.secrets.emplace("password", base::Secret("secret"));
  RowsPlan plan;
  plan.settings.set("table", "bench");
  plan.columns = {{.name = "id", .as = "id", .identifies = true},
                  {.name = "email", .as = "email"},
                  {.name = "name", .as = "name"},
                  {.name = "city", .as = "city"},
                  {.name = "amount", .as = "amount", .type = base::ColumnType::decimal}};
  std::size_t answered = 0;
  RowEvents events{.answered = [&](std::span<const RowAnswer> answers) -> base::Result<void> {
    answered += answers.size();
    return {};
  }};
  std::size_t rows = 0;
  const double took = seconds([&] {
    auto session = postgresql::open_rows(context, target, plan, events);
    if (!session.ok()) std::abort();
    for (const auto& block : blocks) {
      rows += block->size();
      if (!(*session)->upsert(block).ok()) std::abort();
    }
    if (!(*session)->flush().ok()) std::abort();
  });
  if (answered != rows) std::abort();
  return took;
}

double by_hand(const TestServer& server, const std::string& file) {
  const std::string script = file + ".sql";
  std::ofstream(script)
      << "BEGIN;\nCREATE TEMP TABLE s ON COMMIT DROP AS SELECT * FROM public.bench WITH NO DATA;\n\\copy s FROM '" << file
      << "'\nINSERT INTO public.bench SELECT * FROM s ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, "
         "city = excluded.city, amount = excluded.amount;\nCOMMIT;\n";
  const std::string command = "PGPASSWORD=secret PGSSLMODE=disable psql -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p " +
                              std::to_string(server.port()) + " -U postgres -f " + script + " postgres";
  return seconds([&] {
    if (std::system(command.c_str()) != 0) std::abort();
  });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rows = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const int runs = argc > 2 ? std::atoi(argv[2]) : 3;
  const TestServer& server = TestServer::instance();
  char folder[] = "/tmp/sluice-pg-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 1;
  const std::string files[] = {make_file(folder, rows, false), make_file(folder, rows, true)};
  const std::vector<std::shared_ptr<const RowBlock>> blocks[] = {make_blocks(rows, false), make_blocks(rows, true)};
  std::vector<double> driver[2], hand[2];
  for (int run = 0; run < runs; ++run) {
    reset(server);
    for (int i = 0; i < 2; ++i) driver[i].push_back(by_driver(server, blocks[i]));
    reset(server);
    for (int i = 0; i < 2; ++i) hand[i].push_back(by_hand(server, files[i]));
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  for (int i = 0; i < 2; ++i)
    std::printf("%-22s driver %6.2f s   psql %6.2f s   ratio %.2f\n", i == 0 ? "all new" : "one in ten changed", median(driver[i]),
                median(hand[i]), median(driver[i]) / median(hand[i]));
  return 0;
}
