// What a run of an export does: the snapshot that its row holds, so that an edit never changes a run in flight (CON-56).
#pragma once

#include <string>
#include <vector>

#include "base/describe.h"
#include "base/json.h"
#include "features/exports/exports.h"

namespace sluice::exports {

struct Exports::Plan {
  std::string export_id;
  std::string display_name;
  std::string connection_id;
  std::vector<std::string> tables;
  Columns columns;
  base::json::Object settings;
  base::json::Object mapping;
  Mode mode = Mode::full;
  Guard guard;
  std::string resend;  // file of corrected rows; empty: the segments themselves
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("export_id", s.export_id);
    v("display_name", s.display_name);
    v("connection_id", s.connection_id);
    v("tables", s.tables);
    v("columns", s.columns);
    v("settings", s.settings);
    v("mapping", s.mapping, base::absent_ok());
    v("mode", s.mode, base::absent_ok());
    v("guard", s.guard, base::absent_ok());
    v("resend", s.resend, base::absent_ok());
  }
};

}  // namespace sluice::exports
