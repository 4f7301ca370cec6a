// What the system refresh does with tables and segments.
#include <utility>

#include "features/tables/errors.h"
#include "features/tables/rules.h"
#include "features/tables/store.h"
#include "features/tables/tables.h"

namespace sluice::tables {

using base::Result;

Result<std::vector<std::pair<std::string, std::string>>> Tables::sources_of(db::Read& tx, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> sources;
  bool needs_customers = false;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const auto table, store::find_table(tx, name));
    if (table) {
      sources.emplace_back("import", table->id.str());
      continue;
    }
    ASSIGN_OR_RETURN(const auto segment, store::find_segment(tx, name));
    if (!segment) continue;
    sources.emplace_back("segment", segment->id.str());
    needs_customers = true;
  }
  if (needs_customers) {
    ASSIGN_OR_RETURN(const auto customers, store::find_table(tx, std::string(kCustomerTable)));
    if (customers) sources.emplace_back("import", customers->id.str());
  }
  return sources;
}

Result<std::vector<runs::Task>> Tables::plan_refresh(db::Write& tx) {
  std::vector<runs::Task> tasks;
  ASSIGN_OR_RETURN(const auto segments, store::list_segments(tx));
  ASSIGN_OR_RETURN(const auto customers, store::find_table(tx, std::string(kCustomerTable)));
  for (const Segment& segment : segments) {
    runs::Task task{.request = {.kind = "segment",
                                .subject = {segment.id.str(), segment.display_name},
                                .connection = {},
                                .defined_by = segment.created_by,
                                .plan = {},
                                .expected_rows = {},
                                .waits_for = {}},
                    .after = {}};
    task.request.stage = "segments";
    if (customers) task.after.emplace_back("import", customers->id.str());
    tasks.push_back(std::move(task));
  }
  return tasks;
}

runs::Ended Tables::execute_segment(runs::Execution& execution) {
  const auto id = SegmentId::parse(execution.run().subject.id);
  if (!id) return {runs::State::failed, segment_missing()};
  const auto segment = refresh_segment(base::Actor::system(), *id);
  if (!segment.ok()) {
    // It shows as failed on its page too; its members stay what they were.
    const auto before = db_.read([&](db::Read& tx) { return load_segment(tx, *id); });
    if (before.ok()) {
      const auto noted = db_.write([&](db::Write& tx) { return store::set_members(tx, *id, before->members, "failed", clock_()); });
      if (!noted.ok()) return {runs::State::failed, noted.error()};
    }
    return {runs::State::failed, segment.error()};
  }
  execution.counts().rows_read = segment->members;
  return {runs::State::succeeded};
}

runs::Kind Tables::segment_kind() {
  runs::Kind kind;
  kind.execute = [this](runs::Execution& execution) { return execute_segment(execution); };
  kind.may_cancel = [](const base::Actor& actor, const runs::Run&) { return actor.may(base::Permission::segments_edit); };
  return kind;
}

}  // namespace sluice::tables
