#include "features/notices/store.h"

#include <utility>

namespace sluice::notices::store {

namespace {

using base::Result;

bool is_administrator(const base::Actor& actor) { return actor.may(base::Permission::connections_manage); }

std::string visible_to(const base::Actor& actor) { return is_administrator(actor) ? "1 = 1" : "n.audience = 'everybody'"; }

constexpr std::string_view kIsRead = "EXISTS (SELECT 1 FROM notice_reads r WHERE r.notice_id = n.id AND r.user_id = ?1)";

Notice to_notice(const db::Row& row, std::string detail) {
  Notice notice{.id = row.get<NoticeId>(0), .at = row.get<base::Timestamp>(1), .severity = row.get<Severity>(2)};
  notice.reason = row.get<std::string>(3);
  notice.title = row.get<std::string>(4);
  notice.detail = std::move(detail);
  notice.link = row.get<std::string>(5);
  notice.count = row.get<std::int64_t>(6);
  notice.is_resolved = !row.is_null(7);
  return notice;
}
constexpr std::string_view kColumns =
    "n.id, n.at, n.severity, n.reason, n.title, n.link, n.count, n.resolved_at, n.detail, n.public_detail";
constexpr std::size_t kColumnCount = 10;

}  // namespace

Result<Counted> insert_or_count(db::Write& tx, const Raise& raise, const std::string& collapse_key, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.one(R"sql(
      INSERT INTO notices (id, topic, collapse_key, severity, reason, title, detail, public_detail, link, audience, count, at, changed_at, version)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?11, 1)
          ON CONFLICT (collapse_key) WHERE resolved_at IS NULL
          DO UPDATE SET count = notices.count + 1, title = ?6, detail = ?7, public_detail = ?8, link = ?9, at = ?11, changed_at = ?11,
                        version = notices.version + 1
   RETURNING id, count)sql",
                                          NoticeId::make(now), raise.topic, collapse_key, raise.severity, raise.reason, raise.title,
                                          raise.detail, raise.public_detail, raise.link, raise.audience, now));
  return Counted{row.get<NoticeId>(0), row.get<std::int64_t>(1)};
}

Result<std::int64_t> close(db::Write& tx, const std::string& topic, base::Timestamp now) {
  return tx.execute("UPDATE notices SET resolved_at = ?2, changed_at = ?2, version = version + 1 WHERE topic = ?1 AND resolved_at IS NULL",
                    topic, now);
}

Result<NoticeId> insert_recovery(db::Write& tx, const Recovery& recovery, base::Timestamp now) {
  const auto id = NoticeId::make(now);
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO notices (id, topic, collapse_key, severity, reason, title, detail, public_detail, link, audience, count, at, changed_at,
                           resolved_at, version)
      VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, 1, ?9, ?9, ?9, 1))sql",
                             id, recovery.topic, Severity::info, recovery.reason, recovery.title, recovery.detail, recovery.link,
                             recovery.audience, now));
  return id;
}

Result<std::vector<Notice>> list(db::Read& tx, const base::Actor& actor, bool unread_only, const db::Page& page,
                                 std::optional<std::string>& next_cursor) {
  std::vector<db::Value> parameters{db::to_value(actor.id)};
  std::string sql = "SELECT " + std::string(kColumns) + ", " + std::string(kIsRead) + ", " + page.sort_expression() +
                    " FROM notices n WHERE " + visible_to(actor);
  if (unread_only) sql += " AND NOT " + std::string(kIsRead);
  sql += page.condition(parameters) + page.order();
  ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
  next_cursor = page.cut(rows);
  std::vector<Notice> notices;
  for (const db::Row& row : rows) {
    notices.push_back(to_notice(row, row.get<std::string>(is_administrator(actor) ? 8 : 9)));
    notices.back().is_read = row.get<bool>(kColumnCount);
  }
  return notices;
}

Result<std::int64_t> count_unread(db::Read& tx, const base::Actor& actor) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.one("SELECT count(*) FROM notices n WHERE " + visible_to(actor) + " AND NOT " + std::string(kIsRead), actor.id));
  return row.get<std::int64_t>(0);
}

Result<bool> mark_read(db::Write& tx, const base::Actor& actor, NoticeId id, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT n.id FROM notices n WHERE n.id = ?1 AND " + visible_to(actor), id));
  if (!row) return false;
  RETURN_IF_ERROR(
      tx.execute("INSERT INTO notice_reads (notice_id, user_id, read_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", id, actor.id, now));
  return true;
}

Result<void> mark_all_read(db::Write& tx, const base::Actor& actor, base::Timestamp now) {
  RETURN_IF_ERROR(
      tx.execute("INSERT INTO notice_reads (notice_id, user_id, read_at) SELECT n.id, ?1, CAST(?2 AS BIGINT) FROM notices n WHERE " +
                     visible_to(actor) + " AND NOT " + std::string(kIsRead) + " ON CONFLICT DO NOTHING",
                 actor.id, now));
  return {};
}

Result<void> mark_unread(db::Write& tx, NoticeId id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM notice_reads WHERE notice_id = ?1", id));
  return {};
}

Result<std::vector<Changed>> changed_since(db::Read& tx, base::Timestamp since) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + std::string(kColumns) +
                                               ", n.audience, n.version FROM notices n WHERE n.changed_at >= ?1 ORDER BY "
                                               "n.changed_at, n.id LIMIT 500",
                                           since));
  std::vector<Changed> changed;
  for (const db::Row& row : rows)
    changed.push_back({to_notice(row, row.get<std::string>(8)), row.get<std::string>(9), row.get<Audience>(kColumnCount),
                       row.get<std::int64_t>(kColumnCount + 1)});
  return changed;
}

Result<void> remove_before(db::Write& tx, base::Timestamp before) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM notices WHERE changed_at < ?1", before));
  return {};
}

Result<std::pair<MailSettings, std::int64_t>> load_mail(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.one("SELECT mail, version FROM notice_settings WHERE id = 1"));
  MailSettings mail;
  if (const auto text = row.get<std::string>(0); !text.empty()) {
    ASSIGN_OR_RETURN(static_cast<MailServer&>(mail), base::read_json<MailServer>(text));
  }
  return std::pair(std::move(mail), row.get<std::int64_t>(1));
}

Result<std::vector<Target>> targets(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id, url, is_on, last_status, last_detail, last_at FROM notice_targets ORDER BY id"));
  std::vector<Target> targets;
  for (const db::Row& row : rows) {
    targets.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<bool>(2), {}});
    targets.back().last = {row.get<std::optional<std::string>>(3), row.get<std::optional<std::string>>(4),
                           row.get<std::optional<base::Timestamp>>(5)};
  }
  return targets;
}

Result<bool> update_mail(db::Write& tx, const MailServer& mail, std::int64_t version) {
  ASSIGN_OR_RETURN(const auto changed,
                   tx.execute("UPDATE notice_settings SET mail = ?1, version = version + 1 WHERE id = 1 AND version = ?2",
                              base::to_json(mail), version));
  return changed == 1;
}

Result<void> put_target(db::Write& tx, const std::string& id, const std::string& url, bool is_on) {
  RETURN_IF_ERROR(
      tx.execute("INSERT INTO notice_targets (id, url, is_on) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET url = ?2, is_on = ?3", id,
                 url, is_on));
  return {};
}

Result<void> remove_target(db::Write& tx, const std::string& id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM notice_targets WHERE id = ?1", id));
  return drop_waiting(tx, id);
}

Result<void> drop_waiting(db::Write& tx, const std::string& target_id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM notice_messages WHERE target_id = ?1", target_id));
  return {};
}

Result<void> note_try(db::Write& tx, const std::string& target_id, std::string_view status, const std::string& detail,
                      base::Timestamp now) {
  RETURN_IF_ERROR(tx.execute("UPDATE notice_targets SET last_status = ?2, last_detail = ?3, last_at = ?4 WHERE id = ?1", target_id, status,
                             detail, now));
  return {};
}

Result<void> insert_message(db::Write& tx, const NoticeId& notice_id, const Message& message, base::Timestamp now) {
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO notice_messages (id, notice_id, target_id, recipient, event_id, payload, state, attempts, next_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 0, ?7))sql",
                             message.id, notice_id, message.target_id, message.recipient, message.event_id, message.payload, now));
  return {};
}

Result<std::vector<Message>> due(db::Read& tx, base::Timestamp now, std::int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.all("SELECT id, target_id, recipient, event_id, payload, attempts FROM notice_messages WHERE state = 'pending' AND "
                          "next_at <= ?1 ORDER BY next_at, id LIMIT " +
                              std::to_string(limit),
                          now));
  std::vector<Message> messages;
  for (const db::Row& row : rows)
    messages.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3),
                        row.get<std::string>(4), row.get<std::int64_t>(5)});
  return messages;
}

Result<std::int64_t> count_waiting(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.one("SELECT count(*) FROM notice_messages WHERE state = 'pending'"));
  return row.get<std::int64_t>(0);
}

Result<bool> claim(db::Write& tx, const Message& message, base::Timestamp again_at) {
  ASSIGN_OR_RETURN(
      const auto changed,
      tx.execute("UPDATE notice_messages SET attempts = attempts + 1, next_at = ?3 WHERE id = ?1 AND attempts = ?2 AND state = "
                 "'pending'",
                 message.id, message.attempts, again_at));
  return changed == 1;
}

Result<void> remove_message(db::Write& tx, const std::string& id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM notice_messages WHERE id = ?1", id));
  return {};
}

Result<void> put_back(db::Write& tx, const std::string& id, std::int64_t attempts, base::Timestamp next_at) {
  RETURN_IF_ERROR(tx.execute("UPDATE notice_messages SET attempts = ?2, next_at = ?3 WHERE id = ?1", id, attempts, next_at));
  return {};
}

Result<void> give_up(db::Write& tx, const std::string& id) {
  RETURN_IF_ERROR(tx.execute("UPDATE notice_messages SET state = 'failed' WHERE id = ?1", id));
  return {};
}

}  // namespace sluice::notices::store
