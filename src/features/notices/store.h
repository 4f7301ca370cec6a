// SQL of notices, their settings and the outbox. Private to this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "db/db.h"
#include "db/page.h"
#include "features/notices/notice.h"
#include "features/notices/settings.h"

namespace sluice::notices::store {

inline constexpr std::string_view kMailTarget = "mail";

struct Counted {
  NoticeId id;
  std::int64_t count = 0;  // 1: it is new
};
// A new notice, or one more time for the open one with this key.
base::Result<Counted> insert_or_count(db::Write& tx, const Raise& raise, const std::string& collapse_key, base::Timestamp now);
// How many were open.
base::Result<std::int64_t> close(db::Write& tx, const std::string& topic, base::Timestamp now);
// A notice that is resolved from the beginning.
base::Result<NoticeId> insert_recovery(db::Write& tx, const Recovery& recovery, base::Timestamp now);

base::Result<std::vector<Notice>> list(db::Read& tx, const base::Actor& actor, bool unread_only, const db::Page& page,
                                       std::optional<std::string>& next_cursor);
base::Result<std::int64_t> count_unread(db::Read& tx, const base::Actor& actor);
// False when the actor sees no such notice.
base::Result<bool> mark_read(db::Write& tx, const base::Actor& actor, NoticeId id, base::Timestamp now);
base::Result<void> mark_all_read(db::Write& tx, const base::Actor& actor, base::Timestamp now);
base::Result<void> mark_unread(db::Write& tx, NoticeId id);

struct Changed {
  Notice notice;
  std::string public_detail;
  Audience audience = Audience::everybody;
  std::int64_t version = 0;
};
base::Result<std::vector<Changed>> changed_since(db::Read& tx, base::Timestamp since);
base::Result<void> remove_before(db::Write& tx, base::Timestamp before);

struct Target {
  std::string id;
  std::string url;
  bool is_on = false;
  LastTry last;
};
// Mail settings without what the vault and the targets know; the version.
base::Result<std::pair<MailSettings, std::int64_t>> load_mail(db::Read& tx);
base::Result<std::vector<Target>> targets(db::Read& tx);
base::Result<bool> update_mail(db::Write& tx, const MailServer& mail, std::int64_t version);
base::Result<void> put_target(db::Write& tx, const std::string& id, const std::string& url, bool is_on);
// With what waits for it.
base::Result<void> remove_target(db::Write& tx, const std::string& id);
base::Result<void> drop_waiting(db::Write& tx, const std::string& target_id);
base::Result<void> note_try(db::Write& tx, const std::string& target_id, std::string_view status, const std::string& detail,
                            base::Timestamp now);

struct Message {
  std::string id;
  std::string target_id;
  std::string recipient;
  std::string event_id;
  std::string payload;
  std::int64_t attempts = 0;
};
base::Result<void> insert_message(db::Write& tx, const NoticeId& notice_id, const Message& message, base::Timestamp now);
// Due ones, the oldest first.
base::Result<std::vector<Message>> due(db::Read& tx, base::Timestamp now, std::int64_t limit);
base::Result<std::int64_t> count_waiting(db::Read& tx);
// Takes it for the next try; false when another node was quicker. Comes back by itself at `again_at`.
base::Result<bool> claim(db::Write& tx, const Message& message, base::Timestamp again_at);
base::Result<void> remove_message(db::Write& tx, const std::string& id);
base::Result<void> put_back(db::Write& tx, const std::string& id, std::int64_t attempts, base::Timestamp next_at);
base::Result<void> give_up(db::Write& tx, const std::string& id);

}  // namespace sluice::notices::store
