// What a run of kind "import" does: the snapshot that its row holds. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "data/csv_reader.h"
#include "features/tables/tables.h"

namespace sluice::tables {

struct Tables::ImportPlan {
  std::string table_id;
  std::string name;
  Source source;
  std::vector<std::string> paths;       // partitions, in order
  std::vector<std::string> upload_ids;  // removed when done
  data::Encoding encoding = data::Encoding::utf8;
  std::string delimiter = ",";
  bool has_header = true;
  std::string key;
  std::vector<ImportColumn> columns;        // included ones only
  std::optional<std::string> refresh_path;  // read it again from here: paths and, for a model.json folder, partitions are found then
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("table_id", s.table_id);
    v("name", s.name);
    v("source", s.source);
    v("paths", s.paths);
    v("upload_ids", s.upload_ids);
    v("encoding", s.encoding);
    v("delimiter", s.delimiter);
    v("has_header", s.has_header);
    v("key", s.key);
    v("columns", s.columns);
    v("refresh_path", s.refresh_path, base::absent_ok());
  }
};

}  // namespace sluice::tables
