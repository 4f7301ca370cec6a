// The driver http_json alone: rows from memory, in batches, to a service that only counts them (rows_sink). bench/rows.py runs it
// beside other clients.
//
//   rows_bench send URL ROWS BATCH PARALLEL    prints seconds and rows a second
//   rows_bench make ROWS                       the same rows as a JSON object a line
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "drivers/http_json/encode.h"
#include "drivers/http_json/http_json.h"

namespace {

using namespace sluice;
using namespace sluice::drivers;

constexpr std::size_t kDistinct = 100'000;  // rows in memory; sent again until there were enough
constexpr std::size_t kBlock = 1'000;

const std::vector<std::string>& columns() {
  static const std::vector<std::string> kColumns = {
      "CustomerId", "FirstName", "LastName", "Email",       "Phone",         "DateOfBirth",  "Street1",      "City",  "State", "PostalCode",
      "Country",    "Gender",    "Language", "LoyaltyTier", "LifetimeValue", "LastPurchase", "ConsentEmail", "Notes", "Score", "UpdatedAt"};
  return kColumns;
}

std::vector<std::string> row(std::size_t number) {
  const std::string n = std::to_string(number);
  const char* const tiers[] = {"Basic", "Silver", "Gold", "Platinum"};
  const std::string day = std::to_string(10 + number % 18);
  return {"C" + n,
          "Anna" + std::to_string(number % 977),
          "Møller-" + std::to_string(number % 3'001),
          "anna." + n + "@example.com",
          "+45" + std::to_string(10'000'000 + number),
          "1980-03-" + day,
          "Nørregade " + std::to_string(number % 200),
          "Aarhus",
          "Midtjylland",
          std::to_string(1'000 + number % 9'000),
          "DK",
          number % 2 == 0 ? "female" : "male",
          "da-DK",
          tiers[number % 4],
          std::to_string(number % 10'000) + ".50",
          "2026-05-" + day,
          number % 3 == 0 ? "false" : "true",
          number % 20 == 0 ? "said \"call me\"\nthen left" : "",
          std::to_string(number % 100),
          "2026-05-" + day + "T12:00:00Z"};
}

std::shared_ptr<const RowBlock> block(std::size_t from) {
  auto out = std::make_shared<RowBlock>(columns().size());
  for (std::size_t number = from; number < from + kBlock; ++number) {
    const std::vector<std::string> values = row(number);
    std::vector<base::Cell> cells;
    for (const std::string& value : values) cells.push_back(base::Cell::of(value));
    out->add(static_cast<std::int64_t>(number), values[0], number, cells);
  }
  return out;
}

manifest::Connector service(std::int64_t rows, std::int64_t parallel) {
  manifest::HttpService http{.base = "${server}", .parallel = parallel};
  http.upsert.rows = rows;
  http.upsert.bytes = 100'000'000;
  manifest::HttpStep step;
  step.request = {.method = "POST", .path = "/upsert", .body = base::json::Object{{"records", "${rows}"}}};
  base::json::Object members;
  for (const std::string& column : columns()) members.set(column, "${" + base::ascii_lower(column) + "}");
  step.row = std::move(members);
  http.upsert.steps.push_back(std::move(step));
  manifest::Connector connector{.id = "sink", .driver = "http_json"};
  connector.connection_fields.push_back({.name = "server", .type = manifest::FieldType::url});
  connector.http = std::make_shared<const manifest::HttpService>(std::move(http));
  return connector;
}

int fail(const base::Error& error) {
  std::fprintf(stderr, "%s: %s %s\n", error.reason.c_str(), error.detail.c_str(), error.internal.c_str());
  return 1;
}

int send(const std::string& url, std::size_t rows, std::int64_t batch, std::int64_t parallel) {
  const manifest::Connector connector = service(batch, parallel);
  Target target{.connector = &connector};
  target.settings.set("server", url);
  RowsPlan plan{.run_id = "bench"};
  for (const std::string& column : columns())
    plan.columns.push_back({base::ascii_lower(column), column, base::ColumnType::text, column == "Email"});
  std::vector<std::shared_ptr<const RowBlock>> blocks;
  for (std::size_t from = 0; from < std::min(rows, kDistinct); from += kBlock) blocks.push_back(block(from));
  const net::Guard guard = *net::Guard::parse("127.0.0.1");
  const net::Trust trust;
  Context context{.guard = &guard, .trust = &trust};
  std::size_t done = 0, calls = 0;
  std::int64_t bytes = 0;
  RowEvents events{.answered = [&](std::span<const RowAnswer> answers) -> base::Result<void> {
                     for (const RowAnswer& answer : answers) done += answer.state == RowState::acknowledged ? 1 : 0;
                     return {};
                   },
                   .called = [&](RequestRecord&&) { ++calls; },
                   .sent = [&](std::int64_t more) { bytes += more; }};
  const auto start = std::chrono::steady_clock::now();
  auto session = http_json::open_rows(context, target, plan, events);
  if (!session.ok()) return fail(session.error());
  for (std::size_t sent = 0, at = 0; sent < rows; sent += kBlock, ++at) {
    if (auto taken = (*session)->upsert(blocks[at % blocks.size()]); !taken.ok()) return fail(taken.error());
  }
  if (auto flushed = (*session)->flush(); !flushed.ok()) return fail(flushed.error());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"rows\":%zu,\"calls\":%zu,\"bytes\":%lld,\"seconds\":%.3f,\"rows_per_second\":%.0f,\"peak_mb\":%ld}\n", done, calls,
              static_cast<long long>(bytes), seconds, static_cast<double>(done) / seconds, usage.ru_maxrss / 1024);
  return 0;
}

int make(std::size_t rows) {
  std::string out;
  for (std::size_t number = 0; number < rows; ++number) {
    const std::vector<std::string> values = row(number % kDistinct);
    out = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].empty()) continue;
      if (i > 0) out += ',';
      http_json::append_json_text(out, columns()[i]);
      out += ':';
      http_json::append_json_text(out, values[i]);
    }
    out += "}\n";
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "send" && argc == 6) return send(argv[2], std::strtoull(argv[3], nullptr, 10), std::atoll(argv[4]), std::atoll(argv[5]));
  if (what == "make" && argc == 3) return make(std::strtoull(argv[2], nullptr, 10));
  std::fprintf(stderr, "rows_bench send URL ROWS BATCH PARALLEL | rows_bench make ROWS\n");
  return 2;
}
