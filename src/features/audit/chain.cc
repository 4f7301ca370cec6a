#include "features/audit/chain.h"

#include <utility>
#include <vector>

#include "crypto/crypto.h"

namespace sluice::audit::chain {

namespace {

using base::Result;

constexpr int kPage = 500;
constexpr std::string_view kColumns =
    "id, at, event, actor_id, actor_name, object_kind, object_id, object_name, request_id, address, details";
constexpr std::size_t kColumnCount = 11;

// Whatever lies in the column: who tampers with SQLite may put a number or bytes where text was.
std::optional<std::string> text_of(const db::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* bytes = std::get_if<db::Blob>(&value)) return "bytes " + bytes->bytes;
  if (const auto* number = std::get_if<double>(&value)) return "number " + std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return std::nullopt;
}

Columns columns_of(const db::Row& row) {
  const auto text = [&](std::size_t i) { return text_of(row.at(i)); };
  return {text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7), text(8), text(9), text(10)};
}

void append_field(std::string& out, const std::optional<std::string>& text) {
  if (text)
    out += std::to_string(text->size()) + ":" + *text + "\n";
  else
    out += "-\n";
}

Result<Head> read_head(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT seq, hash FROM audit_head WHERE id = 1"));
  const auto* seq = row ? std::get_if<std::int64_t>(&row->at(0)) : nullptr;
  if (seq == nullptr) return Head{.seq = -1, .hash = {}};
  return Head{*seq, text_of(row->at(1)).value_or("")};
}

// Compare and set, so that a chain that somebody broke is not continued in silence.
Result<void> move_head(db::Write& tx, const Head& from, const Head& to) {
  ASSIGN_OR_RETURN(const auto changed,
                   tx.execute("UPDATE audit_head SET seq = ?1, hash = ?2 WHERE id = 1 AND seq = ?3", to.seq, to.hash, from.seq));
  if (changed == 1) return {};
  return base::Error{.code = base::Code::internal,
                     .reason = "audit.no_head",
                     .detail = "The end of the audit log cannot be found, so nothing can be changed. Run: sluice verify-log",
                     .internal = "audit_head has no row with seq " + std::to_string(from.seq)};
}

std::string named(const Columns& columns, std::int64_t seq) {
  return "Entry " + columns.id.value_or("without an id") + " (number " + std::to_string(seq) + ")";
}

// What is wrong with the entry after `head`; moves `head` on when nothing is.
std::optional<std::string> check(const db::Row& row, Head& head) {
  const Columns columns = columns_of(row);
  const auto* number = std::get_if<std::int64_t>(&row.at(kColumnCount));
  const std::int64_t seq = head.seq + 1;
  if (number == nullptr || *number != seq)
    return "The entry with the number " + std::to_string(seq) + " is missing: the next is " + columns.id.value_or("one without an id") +
           " with the number " + text_of(row.at(kColumnCount)).value_or("") + ".";
  std::string hash = hash_of(seq, head.hash, columns);
  if (text_of(row.at(kColumnCount + 1)) != hash)
    return named(columns, seq) + " was changed: its hash is not that of its contents and of the entry before it.";
  head = {seq, std::move(hash)};
  return std::nullopt;
}

Result<std::optional<std::string>> check_end(db::Read& tx, const Head& head, const std::optional<Head>& noted) {
  ASSIGN_OR_RETURN(const auto outside, tx.maybe_one("SELECT id FROM audit_entries WHERE seq IS NULL OR seq < 1 ORDER BY at, id LIMIT 1"));
  if (outside) return std::optional("Entry " + text_of(outside->at(0)).value_or("without an id") + " is not in the chain.");
  ASSIGN_OR_RETURN(const Head end, read_head(tx));
  if (end.seq < 0) return std::optional<std::string>("The row of audit_head, which names the last entry, is missing.");
  if (end.seq > head.seq)
    return std::optional("The last " + std::to_string(end.seq - head.seq) + " entries are missing: the log ends with the number " +
                         std::to_string(head.seq) + ", and should end with " + std::to_string(end.seq) + ".");
  if (end.seq != head.seq || end.hash != head.hash)
    return std::optional<std::string>("The end of the log is not what audit_head says: number " + std::to_string(end.seq) + ", hash " +
                                      end.hash + ".");
  if (noted && noted->seq > head.seq)
    return std::optional("The log ends with the number " + std::to_string(head.seq) + ", before the noted number " +
                         std::to_string(noted->seq) + ".");
  return std::optional<std::string>();
}

}  // namespace

std::string hash_of(std::int64_t seq, std::string_view previous, const Columns& c) {
  std::string bytes = "sluice audit 1\n";
  append_field(bytes, std::to_string(seq));
  append_field(bytes, std::string(previous));
  for (const auto* column : {&c.id, &c.at, &c.event, &c.actor_id, &c.actor_name, &c.object_kind, &c.object_id, &c.object_name,
                             &c.request_id, &c.address, &c.details})
    append_field(bytes, *column);
  return crypto::sha256_hex(bytes);
}

Result<void> add(db::Write& tx, const Columns& c, base::Timestamp at) {
  ASSIGN_OR_RETURN(const Head before, read_head(tx));
  const Head head{before.seq + 1, hash_of(before.seq + 1, before.hash, c)};
  // The head first: two that append at once meet here, where PostgreSQL lets one of them run again, and not at the number.
  RETURN_IF_ERROR(move_head(tx, before, head));
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO audit_entries (id, at, event, actor_id, actor_name, object_kind, object_id, object_name, request_id, address, details,
                                 seq, hash)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13))sql",
                             c.id, at, c.event, c.actor_id, c.actor_name, c.object_kind, c.object_id, c.object_name, c.request_id,
                             c.address, c.details, head.seq, head.hash));
  return {};
}

Result<void> adopt_older(db::Db& db) {
  ASSIGN_OR_RETURN(const bool is_due, db.read([](db::Read& tx) -> Result<bool> {
    ASSIGN_OR_RETURN(const Head head, read_head(tx));
    if (head.seq != 0) return false;
    ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT id FROM audit_entries LIMIT 1"));
    return row.has_value();
  }));
  if (!is_due) return {};
  return db.write([](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const Head before, read_head(tx));
    if (before.seq != 0) return {};  // another node was quicker
    Head head = before;
    for (;;) {
      ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + std::string(kColumns) +
                                               " FROM audit_entries WHERE seq IS NULL ORDER BY at, id LIMIT " + std::to_string(kPage)));
      if (rows.empty()) break;
      for (const db::Row& row : rows) {
        const Columns columns = columns_of(row);
        head = {head.seq + 1, hash_of(head.seq + 1, head.hash, columns)};
        RETURN_IF_ERROR(tx.execute("UPDATE audit_entries SET seq = ?2, hash = ?3 WHERE id = ?1", columns.id, head.seq, head.hash));
      }
    }
    return move_head(tx, before, head);
  });
}

Result<Report> verify(db::Db& db, const std::optional<Head>& noted) {
  return db.read([&](db::Read& tx) -> Result<Report> {
    Report report;
    for (;;) {
      ASSIGN_OR_RETURN(const auto rows,
                       tx.all("SELECT " + std::string(kColumns) + ", seq, hash FROM audit_entries WHERE seq > ?1 ORDER BY seq LIMIT " +
                                  std::to_string(kPage),
                              report.head.seq));
      if (rows.empty()) break;
      for (const db::Row& row : rows) {
        report.fault = check(row, report.head);
        if (report.fault) return report;
        ++report.entries;
        if (noted && noted->seq == report.head.seq && noted->hash != report.head.hash) {
          report.fault =
              named(columns_of(row), report.head.seq) + " has another hash than the noted one: it or an earlier entry was replaced.";
          return report;
        }
      }
    }
    ASSIGN_OR_RETURN(report.fault, check_end(tx, report.head, noted));
    return report;
  });
}

}  // namespace sluice::audit::chain
