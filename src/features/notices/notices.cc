#include "features/notices/notices.h"

#include <utility>

#include "features/auth/people.h"
#include "features/notices/rules.h"
#include "features/notices/store.h"

namespace sluice::notices {

using base::Error;
using base::Result;

Notices::Notices(db::Db& db, vault::Vault& vault, http::EventHub& hub, Outside outside, base::Clock clock, NamedRef environment,
                 std::function<std::string()> base_url)
    : db_(db),
      vault_(vault),
      hub_(hub),
      outside_(outside),
      clock_(std::move(clock)),
      environment_(std::move(environment)),
      base_url_(std::move(base_url)) {}

Notices::~Notices() { stop(); }

Result<void> Notices::raise(db::Write& tx, const Raise& raise) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(const store::Counted counted, store::insert_or_count(tx, raise, rules::collapse_key(raise, now), now));
  if (counted.count > 1 && raise.repeat != Repeat::every_time) return {};
  // What is told again is also unread again.
  if (counted.count > 1) RETURN_IF_ERROR(store::mark_unread(tx, counted.id));
  return enqueue(tx, counted.id, "notice.raised", raise, counted.count, now);
}

Result<void> Notices::resolve(db::Write& tx, const Recovery& recovery) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(const std::int64_t closed, store::close(tx, recovery.topic, now));
  if (closed == 0) return {};
  ASSIGN_OR_RETURN(const NoticeId id, store::insert_recovery(tx, recovery, now));
  const Raise told{.topic = recovery.topic,
                   .severity = Severity::info,
                   .reason = recovery.reason,
                   .title = recovery.title,
                   .detail = recovery.detail,
                   .link = recovery.link,
                   .audience = recovery.audience,
                   .facts = recovery.facts};
  return enqueue(tx, id, "notice.resolved", told, 1, now);
}

Result<void> Notices::note_run(db::Write& tx, const runs::Run& run) {
  if (const auto raised = rules::raise_of(run)) return raise(tx, *raised);
  if (const auto recovery = rules::recovery_of(run)) return resolve(tx, *recovery);
  return {};
}

Result<void> Notices::enqueue(db::Write& tx, const NoticeId& id, const std::string& event, const Raise& raise, std::int64_t count,
                              base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto targets, store::targets(tx));
  const std::string event_id = base::Id<struct EventTag>::make(now).str();
  const rules::Payload payload{.event = event,
                               .at = now,
                               .notice_id = id.str(),
                               .severity = raise.severity,
                               .reason = raise.reason,
                               .title = raise.title,
                               .detail = raise.detail,
                               .link = raise.link,
                               .count = count,
                               .facts = raise.facts};
  const std::string text = base::to_json(payload);
  const auto add = [&](const std::string& target_id, const std::string& recipient) {
    return store::insert_message(tx, id, {base::Id<struct MessageTag>::make(now).str(), target_id, recipient, event_id, text, 0}, now);
  };
  for (const store::Target& target : targets) {
    if (!target.is_on) continue;
    if (target.id != store::kMailTarget) {
      RETURN_IF_ERROR(add(target.id, ""));
      continue;
    }
    ASSIGN_OR_RETURN(const auto administrators, auth::administrators(tx));
    for (const auth::Contact& one : administrators) RETURN_IF_ERROR(add(target.id, one.email));
  }
  return {};
}

Result<NoticePage> Notices::list(const base::Actor& actor, bool unread_only, std::optional<std::string_view> cursor, std::int64_t limit) {
  static const std::vector<db::SortColumn> kSorts = {{"at", "n.at"}};
  ASSIGN_OR_RETURN(const db::Page page, db::Page::parse(kSorts, "n.id", "-at", cursor, limit));
  return db_.read([&](db::Read& tx) -> Result<NoticePage> {
    NoticePage out;
    ASSIGN_OR_RETURN(out.items, store::list(tx, actor, unread_only, page, out.next_cursor));
    ASSIGN_OR_RETURN(out.unread, store::count_unread(tx, actor));
    return out;
  });
}

Result<void> Notices::mark_read(const base::Actor& actor, NoticeId id) {
  ASSIGN_OR_RETURN(const bool found, db_.write([&](db::Write& tx) { return store::mark_read(tx, actor, id, clock_()); }));
  if (!found) return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such notice."};
  return {};
}

Result<void> Notices::mark_all_read(const base::Actor& actor) {
  return db_.write([&](db::Write& tx) { return store::mark_all_read(tx, actor, clock_()); });
}

Result<std::int64_t> Notices::outbox_depth() {
  return db_.read([](db::Read& tx) { return store::count_waiting(tx); });
}

}  // namespace sluice::notices
