// Stages of the data path, each by itself, on rows of 20 columns as a customer table has them. One thread.
//   ninja -C build data_bench && build/src/data/data_bench
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/convert.h"
#include "data/csv_reader.h"
#include "data/csv_scan.h"
#include "data/csv_writer.h"
#include "data/detect.h"
#include "data/gzip.h"
#include "data/utf8.h"

namespace {

using namespace sluice;

constexpr std::size_t kRows = 200'000;
constexpr std::size_t kHotRows = 2'000;  // in a run, rows come from a buffer that is still in the cache

enum class Letters : std::uint8_t { ascii, mixed };

class Random {
 public:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 33);
  }
  std::uint32_t below(std::uint32_t limit) { return next() % limit; }

 private:
  std::uint64_t state_ = 1;
};

const std::vector<std::string>& names() {
  static const std::vector<std::string> kNames = {
      "id",      "first_name", "last_name", "email",   "phone",          "born",          "street",        "city",  "state", "zip",
      "country", "gender",     "language",  "loyalty", "lifetime_value", "last_purchase", "consent_email", "notes", "score", "updated_at"};
  return kNames;
}

std::string two(std::uint32_t number) { return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)}; }

std::vector<std::string> make_row(Random& random, std::size_t i, Letters letters) {
  const bool ascii = letters == Letters::ascii;
  const std::string date = "19" + two(40 + random.below(60)) + "-" + two(1 + random.below(12)) + "-" + two(1 + random.below(28));
  const std::string time = "2026-" + two(1 + random.below(12)) + "-" + two(1 + random.below(28)) + "T" + two(random.below(24)) + ":00:07Z";
  std::string note;
  if (random.below(3) == 0) note = "called about the order, prefers email";
  if (random.below(50) == 0) note = "said \"call back\",\nthen left";
  return {std::to_string(i),
          ascii ? "Anna" : "Zoë",
          ascii ? "Andersson" : "Svobodová",
          "user" + std::to_string(i) + "@example.com",
          "+" + std::to_string(1 + random.below(89)) + "-555-" + std::to_string(1'000 + random.below(9'000)),
          date,
          std::to_string(random.below(9'999)) + (ascii ? " High Street" : " Rue de l'Église"),
          ascii ? "Seattle" : "München",
          random.below(4) == 0 ? "" : "WA",
          std::to_string(10'000 + random.below(90'000)),
          "US",
          "F",
          "en-US",
          "Gold",
          std::to_string(random.below(50'000)) + "." + two(random.below(100)),
          time,
          random.below(2) == 0 ? "true" : "false",
          note,
          "0." + std::to_string(100'000 + random.below(900'000)),
          time};
}

struct Sample {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<base::Cell>> cells;
  std::string csv;

  explicit Sample(Letters letters) {
    Random random;
    const data::CsvWriter writer;
    writer.append_header(csv, names());
    for (std::size_t i = 0; i < kRows; ++i) {
      rows.push_back(make_row(random, i, letters));
      auto& line = cells.emplace_back();
      for (const std::string& text : rows.back()) line.push_back(text.empty() ? base::Cell() : base::Cell::of(text));
      writer.append(csv, line);
    }
  }
};

const Sample& sample(Letters letters) {
  static const Sample kAscii(Letters::ascii);
  static const Sample kMixed(Letters::mixed);
  return letters == Letters::ascii ? kAscii : kMixed;
}

// `work` for kRows rows.
template <class Work>
void each_hot_row(const Sample& from, Work work) {
  for (std::size_t done = 0; done < kRows; done += kHotRows) {
    for (std::size_t i = 0; i < kHotRows; ++i) work(from.cells[i]);
  }
}

void report(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows) * state.iterations());
}

void read(benchmark::State& state, Letters letters, const data::CsvOptions& options) {
  const Sample& from = sample(letters);
  for (auto _ : state) {
    auto reader = data::CsvReader::open(std::make_unique<data::MemorySource>(from.csv), options);
    std::size_t rows = 0;
    for (auto row = reader->next(); row.ok() && !row->empty(); row = reader->next()) {
      rows += 1;
      benchmark::DoNotOptimize(row->data());
    }
    if (rows != kRows) state.SkipWithError("rows are missing");
  }
  report(state, from.csv.size());
}

void read_ascii(benchmark::State& state) { read(state, Letters::ascii, {}); }
void read_mixed(benchmark::State& state) { read(state, Letters::mixed, {}); }
void read_without_vectors(benchmark::State& state) {
  data::scan::use_vectors_in_tests(false);
  read(state, Letters::ascii, {});
  data::scan::use_vectors_in_tests(true);
}
void read_windows1252(benchmark::State& state) { read(state, Letters::ascii, {.encoding = data::Encoding::windows1252}); }

void check_utf8(benchmark::State& state) {
  const Sample& from = sample(Letters::mixed);
  for (auto _ : state) benchmark::DoNotOptimize(data::check_utf8(from.csv.data(), from.csv.size()));
  report(state, from.csv.size());
}

void detect(benchmark::State& state) {
  const Sample& from = sample(Letters::mixed);
  const data::OpenSource open = [&from]() -> base::Result<std::unique_ptr<data::Source>> {
    return std::unique_ptr<data::Source>(std::make_unique<data::MemorySource>(from.csv));
  };
  for (auto _ : state) {
    const auto found = data::detect(open);
    if (!found.ok()) state.SkipWithError("detection failed");
  }
  report(state, from.csv.size());
}

void convert(benchmark::State& state) {
  using base::ColumnType;
  const Sample& from = sample(Letters::mixed);
  std::vector<data::ConvertColumn> columns;
  for (const std::string& name : names()) columns.push_back({name, ColumnType::text});
  columns[0].type = columns[9].type = ColumnType::integer;
  columns[5].type = ColumnType::date;
  columns[14].type = columns[18].type = ColumnType::decimal;
  columns[15].type = columns[19].type = ColumnType::timestamp;
  columns[16].type = ColumnType::boolean;
  data::RowConverter converter(columns);
  for (auto _ : state) {
    each_hot_row(from, [&](const auto& row) {
      const auto converted = converter.convert(row);
      if (!converted.ok()) state.SkipWithError("a value did not fit");
      benchmark::DoNotOptimize(converted->data());
    });
  }
  report(state, from.csv.size());
}

void write(benchmark::State& state) {
  const Sample& from = sample(Letters::mixed);
  const data::CsvWriter writer;
  data::Block block;
  for (auto _ : state) {
    each_hot_row(from, [&](const auto& row) {
      writer.append(block, row);
      if (block.full()) block.clear();
    });
    benchmark::DoNotOptimize(block.data());
  }
  report(state, from.csv.size());
}

void gzip(benchmark::State& state) {
  const Sample& from = sample(Letters::mixed);
  data::GzipEncoder encoder;
  data::Block out;
  std::size_t size = 0;
  for (auto _ : state) {
    size = 0;
    for (std::size_t at = 0; at < from.csv.size(); at += data::Block::kBytes) {
      encoder.encode(std::string_view(from.csv).substr(at, data::Block::kBytes), out);
      size += out.size();
      out.clear();
    }
    encoder.finish(out);
    size += out.size();
    out.clear();
  }
  state.counters["ratio"] = static_cast<double>(from.csv.size()) / static_cast<double>(size);
  report(state, from.csv.size());
}

void read_and_write(benchmark::State& state) {
  const Sample& from = sample(Letters::mixed);
  const data::CsvWriter writer;
  data::Block block;
  for (auto _ : state) {
    auto reader = data::CsvReader::open(std::make_unique<data::MemorySource>(from.csv));
    for (auto row = reader->next(); row.ok() && !row->empty(); row = reader->next()) {
      writer.append(block, *row);
      if (block.full()) block.clear();
    }
  }
  report(state, from.csv.size());
}

BENCHMARK(read_ascii)->Unit(benchmark::kMillisecond);
BENCHMARK(read_mixed)->Unit(benchmark::kMillisecond);
BENCHMARK(read_without_vectors)->Unit(benchmark::kMillisecond);
BENCHMARK(read_windows1252)->Unit(benchmark::kMillisecond);
BENCHMARK(check_utf8)->Unit(benchmark::kMillisecond);
BENCHMARK(detect)->Unit(benchmark::kMillisecond);
BENCHMARK(convert)->Unit(benchmark::kMillisecond);
BENCHMARK(write)->Unit(benchmark::kMillisecond);
BENCHMARK(gzip)->Unit(benchmark::kMillisecond);
BENCHMARK(read_and_write)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
