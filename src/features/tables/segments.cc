// Segments: subsets of the Customer table, by rule or by an imported list of ids.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "data/csv_reader.h"
#include "features/audit/audit.h"
#include "features/tables/errors.h"
#include "features/tables/rules.h"
#include "features/tables/store.h"
#include "features/tables/tables.h"

namespace sluice::tables {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

namespace {

void add_can(const base::Actor& actor, Segment& segment) {
  segment.can.clear();
  if (actor.may(base::Permission::segments_edit)) segment.can = {"update", "refresh", "download", "remove"};
}

// Bad values are found when the filter meets the database; their place there becomes a pointer.
Error with_pointer(Error error) {
  if (error.reason != "filter.bad_value") return error;
  std::string pointer = "/rule";
  if (!error.internal.empty()) {
    for (const std::string_view part : base::split(error.internal, '/')) pointer += "/conditions/" + std::string(part);
  }
  error.reason = "segment.bad_rule";
  error.code = base::Code::invalid;
  error.fields = {{pointer + "/value", "wrong_kind", error.detail}};
  error.internal.clear();
  return error;
}

}  // namespace

Result<Table> Tables::customer_table(db::Read& tx) {
  ASSIGN_OR_RETURN(auto table, store::find_table(tx, std::string(kCustomerTable)));
  if (!table || !table->data_version) return no_customer_table();
  return *std::move(table);
}

Result<db::Filter> Tables::filter_of(const Segment& segment, const Table& customer) {
  if (segment.kind == SegmentKind::rule) return rules::compile(segment.rule, customer.columns, "/rule");
  db::Filter filter{.kind = db::Filter::Kind::in_list, .parts = {}};
  const auto key = std::find_if(customer.columns.begin(), customer.columns.end(), [](const Column& c) { return c.key; });
  filter.column = static_cast<std::size_t>(key - customer.columns.begin());
  filter.list_version = segment.list_version.value_or("");
  return filter;
}

Result<std::int64_t> Tables::count_members(const Table& customer, const db::Filter& filter) {
  auto count = store_.count(*customer.data_version, filter, rules::stored_columns(customer.columns));
  if (!count.ok()) return with_pointer(std::move(count).error());
  return *count;
}

Result<std::vector<Segment>> Tables::list_segments(const base::Actor& actor) {
  ASSIGN_OR_RETURN(auto segments, db_.read([](db::Read& tx) { return store::list_segments(tx); }));
  for (Segment& segment : segments) add_can(actor, segment);
  return segments;
}

Result<Segment> Tables::load_segment(db::Read& tx, SegmentId id) {
  ASSIGN_OR_RETURN(auto segment, store::find_segment(tx, id));
  if (!segment) return segment_missing();
  return *std::move(segment);
}

Result<Segment> Tables::load_segment(const base::Actor& actor, SegmentId id) {
  ASSIGN_OR_RETURN(Segment segment, db_.read([&](db::Read& tx) { return load_segment(tx, id); }));
  add_can(actor, segment);
  return segment;
}

Result<std::string> Tables::store_list(const UploadId& upload_id, const std::optional<std::string>& column, const std::string& version) {
  ASSIGN_OR_RETURN(const auto upload, db_.read([&](db::Read& tx) { return store::find_upload(tx, upload_id); }));
  if (!upload) return upload_missing();
  ASSIGN_OR_RETURN(const data::Detected detected, data::detect_file(upload_path(upload_id)));
  ASSIGN_OR_RETURN(data::CsvReader reader, data::CsvReader::open_file(upload_path(upload_id), detected.options()));
  std::size_t index = 0;
  if (column) {
    const auto found = std::find(reader.columns().begin(), reader.columns().end(), *column);
    if (found == reader.columns().end()) {
      return Error{.code = base::Code::invalid,
                   .reason = "import.unknown_column",
                   .detail = "The file has no column named " + *column + ".",
                   .fields = {{"/column", "unknown", "is not a column of the file"}}};
    }
    index = static_cast<std::size_t>(found - reader.columns().begin());
  }
  ASSIGN_OR_RETURN(const auto writer, store_.create(version, {{"id", base::ColumnType::text}}, std::nullopt));
  for (;;) {
    ASSIGN_OR_RETURN(const auto row, reader.next());
    if (row.empty()) break;
    if (row[index].null || row[index].size == 0) continue;
    RETURN_IF_ERROR(writer->append(row.subspan(index, 1)));
  }
  RETURN_IF_ERROR(writer->finish());
  return version;
}

Result<Segment> Tables::create_segment(const base::Actor& actor, const SegmentDraft& draft) {
  const base::Timestamp now = clock_();
  Segment segment{
      .id = SegmentId::make(now), .display_name = std::string(base::trim(draft.display_name)), .kind = draft.kind, .rule = draft.rule};
  segment.name = draft.name ? std::string(base::trim(*draft.name)) : rules::segment_name_from(segment.display_name);
  RETURN_IF_ERROR(rules::check_segment_name(segment.name));
  if (segment.display_name.empty())
    return Error{.code = base::Code::invalid,
                 .reason = "request.invalid",
                 .detail = "The display name must not be empty.",
                 .fields = {{"/display_name", "required", "must not be empty"}}};
  segment.created_at = segment.updated_at = now;
  segment.refreshed_at = now;
  segment.created_by = {actor.id, actor.display_name};
  ASSIGN_OR_RETURN(const Table customer, db_.read([&](db::Read& tx) { return customer_table(tx); }));
  std::shared_ptr<void> list_pin;
  if (draft.kind == SegmentKind::list) {
    if (!draft.upload_id) return upload_missing();
    segment.rule = Value();
    const std::string version = segment.id.str() + "-list";
    list_pin = pin(version);
    ASSIGN_OR_RETURN(segment.list_version, store_list(*draft.upload_id, draft.column, version));
  }
  const auto customer_pin = pin(*customer.data_version);
  ASSIGN_OR_RETURN(const db::Filter filter, filter_of(segment, customer));
  ASSIGN_OR_RETURN(segment.members, count_members(customer, filter));
  // A name that was only proposed is made free by a number; one that was asked for is refused when taken.
  const std::string wanted = segment.name;
  for (int attempt = 2;; ++attempt) {
    const auto added = db_.write([&](db::Write& tx) -> Result<void> {
      RETURN_IF_ERROR(store::insert_segment(tx, segment));
      return audit::append(tx, actor, now, "segment.created", {"segment", segment.id.str(), segment.display_name},
                           Object{{"kind", base::to_name(segment.kind)}, {"rule", segment.rule}, {"members", segment.members}});
    });
    if (added.ok()) break;
    if (added.error().reason != "table.name_taken" || draft.name || attempt > 50) {
      list_pin.reset();
      sweep();
      return added.error();
    }
    segment.name = wanted + "_" + std::to_string(attempt);
  }
  return load_segment(actor, segment.id);
}

Result<Segment> Tables::update_segment(const base::Actor& actor, SegmentId id, std::int64_t version, const SegmentChange& change) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(const Segment before, db_.read([&](db::Read& tx) { return load_segment(tx, id); }));
  Segment segment = before;
  if (change.display_name && change.display_name.value) segment.display_name = std::string(base::trim(*change.display_name.value));
  if (segment.display_name.empty())
    return Error{.code = base::Code::invalid,
                 .reason = "request.invalid",
                 .detail = "The display name must not be empty.",
                 .fields = {{"/display_name", "required", "must not be empty"}}};
  if (change.rule && segment.kind == SegmentKind::rule) {
    segment.rule = change.rule.value.value_or(Value());
    ASSIGN_OR_RETURN(const Table customer, db_.read([&](db::Read& tx) { return customer_table(tx); }));
    const auto customer_pin = pin(*customer.data_version);
    ASSIGN_OR_RETURN(const db::Filter filter, filter_of(segment, customer));
    ASSIGN_OR_RETURN(segment.members, count_members(customer, filter));
    segment.status = "ready";
    segment.refreshed_at = now;
  }
  segment.updated_at = now;
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const bool changed, store::update_segment(tx, segment, version));
    if (!changed) return stale("segment");
    Object details;
    if (!(before.rule == segment.rule)) details.set("rule", Object{{"old", before.rule}, {"new", segment.rule}});
    if (before.display_name != segment.display_name)
      details.set("display_name", Object{{"old", before.display_name}, {"new", segment.display_name}});
    return audit::append(tx, actor, now, "segment.updated", {"segment", id.str(), segment.display_name}, details);
  }));
  return load_segment(actor, id);
}

Result<Segment> Tables::refresh_segment(const base::Actor& actor, SegmentId id) {
  ASSIGN_OR_RETURN(const Segment segment, db_.read([&](db::Read& tx) { return load_segment(tx, id); }));
  ASSIGN_OR_RETURN(const Table customer, db_.read([&](db::Read& tx) { return customer_table(tx); }));
  const auto customer_pin = pin(*customer.data_version);
  ASSIGN_OR_RETURN(const db::Filter filter, filter_of(segment, customer));
  ASSIGN_OR_RETURN(const std::int64_t members, count_members(customer, filter));
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(store::set_members(tx, id, members, "ready", clock_()));
    return audit::append(tx, actor, clock_(), "segment.refreshed", {"segment", id.str(), segment.display_name},
                         Object{{"members", members}});
  }));
  return load_segment(actor, id);
}

void Tables::refresh_segments() {
  const auto segments = db_.read([](db::Read& tx) { return store::list_segments(tx); });
  const auto customer = db_.read([&](db::Read& tx) { return customer_table(tx); });
  if (!segments.ok() || !customer.ok()) return;
  for (const Segment& segment : *segments) {
    const auto filter = filter_of(segment, *customer);
    const auto members = filter.ok() ? count_members(*customer, *filter) : Result<std::int64_t>(filter.error());
    const auto written = db_.write([&](db::Write& tx) {
      return store::set_members(tx, segment.id, members.ok() ? *members : 0, members.ok() ? "ready" : "failed", clock_());
    });
    if (!members.ok() || !written.ok())
      base::log::warn("segment.refresh_failed",
                      {{"segment_id", segment.id.str()}, {"why", members.ok() ? written.error().internal : members.error().detail}});
  }
}

Result<void> Tables::remove_segment(const base::Actor& actor, SegmentId id, std::int64_t version) {
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const Segment segment, load_segment(tx, id));
    ASSIGN_OR_RETURN(const auto users, store::users_of(tx, segment.name));
    if (!users.empty()) return in_use("segment", users);
    ASSIGN_OR_RETURN(const bool removed, store::remove_segment(tx, segment, version));
    if (!removed) return stale("segment");
    return audit::append(tx, actor, clock_(), "segment.removed", {"segment", id.str(), segment.display_name});
  }));
  sweep();
  return {};
}

Result<Preview> Tables::preview(const Value& rule) {
  ASSIGN_OR_RETURN(const Table customer, db_.read([&](db::Read& tx) { return customer_table(tx); }));
  const auto customer_pin = pin(*customer.data_version);
  ASSIGN_OR_RETURN(const db::Filter filter, rules::compile(rule, customer.columns, "/rule"));
  Preview preview;
  ASSIGN_OR_RETURN(preview.members, count_members(customer, filter));
  preview.total = customer.rows;
  ASSIGN_OR_RETURN(preview.sample, read_rows(customer, filter, 10));
  return preview;
}

Result<Rows> Tables::sample_segment(SegmentId id, std::int64_t limit) {
  ASSIGN_OR_RETURN(const Segment segment, db_.read([&](db::Read& tx) { return load_segment(tx, id); }));
  ASSIGN_OR_RETURN(const Table customer, db_.read([&](db::Read& tx) { return customer_table(tx); }));
  const auto customer_pin = pin(*customer.data_version);
  ASSIGN_OR_RETURN(const db::Filter filter, filter_of(segment, customer));
  return read_rows(customer, filter, limit);
}

}  // namespace sluice::tables
