// The data path of a file export: rows to bytes to the wire, in blocks that move between three threads (house: 7a).
//   scan and encode -> compress -> send
// Memory is the blocks in flight, whatever the size of the table. Private to this folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/tables.h"
#include "drivers/driver.h"
#include "features/exports/export.h"
#include "features/tables/tables.h"

namespace sluice::exports {

struct FileFormat {
  char delimiter = ',';
  bool gzip = true;
};

FileFormat format_of(const base::json::Object& settings);
// Into how many files a table goes: as the settings say, and never more than it has rows.
std::int64_t part_count(const base::json::Object& settings, const tables::ReadPlan& plan);
// The columns of a table that are sent, by number; names that the table does not have are left out.
std::vector<std::size_t> chosen_columns(const tables::ReadPlan& plan, const Columns& chosen);
std::vector<std::string> names_of(const tables::ReadPlan& plan, const std::vector<std::size_t>& columns);

struct Part {
  std::string path;  // relative to the connection's folder
  std::string run_id;
  std::vector<std::size_t> columns;  // of the plan, in the order of the file
  std::int64_t first_row = 1;
  std::int64_t last_row = INT64_MAX;
};

struct Delivered {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

// Writes one file and commits it. `progress` is called from time to time on the calling thread with rows read and bytes
// handed to the session. An error leaves nothing visible.
base::Result<Delivered> deliver(db::TableStore& store, const tables::ReadPlan& plan, const Part& part, const FileFormat& format,
                                drivers::FileSession& session, std::stop_token stop, const std::function<void(const Delivered&)>& progress);

}  // namespace sluice::exports
