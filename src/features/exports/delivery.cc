#include "features/exports/delivery.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "data/block.h"
#include "data/csv_writer.h"
#include "data/gzip.h"
#include "features/tables/rules.h"

namespace sluice::exports {

namespace {

using base::Error;
using base::Result;

// Blocks between two threads: enough to even out, few enough to stay small.
constexpr std::size_t kBlocksInFlight = 4;

Result<void> scan_rows(db::TableStore& store, const tables::ReadPlan& plan, const Part& part, const FileFormat& format,
                       data::BlockQueue& out, std::atomic<std::int64_t>& rows, std::stop_token stop) {
  const std::vector<db::TableColumn> columns = tables::rules::stored_columns(plan.columns);
  ASSIGN_OR_RETURN(
      const auto scan,
      store.scan(
          {.version = plan.version, .columns = part.columns, .filter = plan.filter, .first_row = part.first_row, .last_row = part.last_row},
          columns));
  const data::CsvWriter writer(format.delimiter);
  data::Block block = out.fresh();
  writer.append_header(block, names_of(plan, part.columns));
  std::int64_t count = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const auto row, scan->next());
    if (row.empty()) break;
    writer.append(block, row);
    ++count;
    if (block.full()) {
      RETURN_IF_ERROR(out.push(std::move(block), stop));
      block = out.fresh();
      rows.store(count, std::memory_order_relaxed);
    }
  }
  rows.store(count, std::memory_order_relaxed);
  return out.push(std::move(block), stop);
}

Result<void> compress(data::BlockQueue& in, data::BlockQueue& out, std::stop_token stop) {
  data::GzipEncoder encoder;
  data::Block packed = out.fresh();
  for (;;) {
    ASSIGN_OR_RETURN(auto block, in.pop(stop));
    if (!block) break;
    encoder.encode(block->view(), packed);
    in.recycle(std::move(*block));
    if (packed.full()) {
      RETURN_IF_ERROR(out.push(std::move(packed), stop));
      packed = out.fresh();
    }
  }
  encoder.finish(packed);
  return out.push(std::move(packed), stop);
}

// Runs a stage on its own thread; its end or its error travels through the queue it fills.
template <class F>
std::jthread stage(data::BlockQueue& fills, F body) {
  return std::jthread([&fills, body = std::move(body)] {
    auto done = body();
    if (done.ok())
      fills.close();
    else
      fills.fail(std::move(done).error());
  });
}

}  // namespace

FileFormat format_of(const base::json::Object& settings) {
  FileFormat format{.delimiter = ',', .gzip = settings.get("compression").text() != "none"};
  if (const std::string_view delimiter = settings.get("delimiter").text(); !delimiter.empty())
    format.delimiter = delimiter == "tab" ? '\t' : delimiter.front();
  return format;
}

std::int64_t part_count(const base::json::Object& settings, const tables::ReadPlan& plan) {
  const std::int64_t* files = settings.get("files").as_int();
  return std::clamp<std::int64_t>(files == nullptr ? 1 : *files, 1, std::max<std::int64_t>(plan.last_row, 1));
}

std::vector<std::size_t> chosen_columns(const tables::ReadPlan& plan, const Columns& chosen) {
  const auto wanted = chosen.find(plan.name);
  std::vector<std::size_t> picked;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (wanted == chosen.end() || std::find(wanted->second.begin(), wanted->second.end(), plan.columns[i].name) != wanted->second.end())
      picked.push_back(i);
  }
  return picked;
}

std::vector<std::string> names_of(const tables::ReadPlan& plan, const std::vector<std::size_t>& columns) {
  std::vector<std::string> names;
  for (const std::size_t i : columns) names.push_back(plan.columns[i].name);
  return names;
}

Result<Delivered> deliver(db::TableStore& store, const tables::ReadPlan& plan, const Part& part, const FileFormat& format,
                          drivers::FileSession& session, std::stop_token stop, const std::function<void(const Delivered&)>& progress) {
  RETURN_IF_ERROR(session.open(part.path, part.run_id));
  data::BlockQueue encoded(kBlocksInFlight);
  data::BlockQueue packed(kBlocksInFlight);
  std::atomic<std::int64_t> rows = 0;
  // Stops the stages when sending fails.
  std::stop_source halt;
  const std::stop_callback forward(stop, [&] { halt.request_stop(); });
  data::BlockQueue& ready = format.gzip ? packed : encoded;
  std::jthread scanner = stage(encoded, [&] { return scan_rows(store, plan, part, format, encoded, rows, halt.get_token()); });
  std::jthread packer;
  if (format.gzip) packer = stage(packed, [&] { return compress(encoded, packed, halt.get_token()); });

  Delivered delivered;
  const auto send = [&]() -> Result<void> {
    for (;;) {
      ASSIGN_OR_RETURN(auto block, ready.pop(halt.get_token()));
      if (!block) return {};
      RETURN_IF_ERROR(session.write(block->view()));
      delivered.bytes += static_cast<std::int64_t>(block->size());
      ready.recycle(std::move(*block));
      delivered.rows = rows.load(std::memory_order_relaxed);
      progress(delivered);
    }
  };
  auto sent = send();
  halt.request_stop();
  if (scanner.joinable()) scanner.join();
  if (packer.joinable()) packer.join();
  if (sent.ok()) sent = session.commit();
  if (!sent.ok()) {
    session.abandon();
    return std::move(sent).error();
  }
  delivered.rows = rows.load();
  progress(delivered);
  return delivered;
}

}  // namespace sluice::exports
