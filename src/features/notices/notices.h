// Use cases of notices, and the thread that carries them out of the house. raise(), resolve() and note_run() work in the
// transaction of what happened, which also writes the messages to send (an outbox): neither is lost, neither comes without the
// other. The thread of start() sends them (at least once, with an event id that stays the same), publishes the event "notice",
// and removes what is older than 90 days. A message that cannot be sent is tried again for a day and then marked as failed; that
// is shown in the settings and raises no notice of its own. Any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "db/db.h"
#include "features/notices/notice.h"
#include "features/notices/settings.h"
#include "features/runs/run.h"
#include "features/vault/vault.h"
#include "http/events.h"
#include "net/guard.h"
#include "net/trust.h"

namespace sluice::notices {

struct NoticePage {
  std::vector<Notice> items;
  std::optional<std::string> next_cursor;
  std::int64_t unread = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("next_cursor", s.next_cursor);
    v("unread", s.unread);
  }
};

class Notices {
 public:
  struct Outside {
    const net::Guard& guard;
    const net::Trust& trust;
  };
  // `base_url` gives the address people use, for links; asked when a message leaves.
  Notices(db::Db& db, vault::Vault& vault, http::EventHub& hub, Outside outside, base::Clock clock, NamedRef environment,
          std::function<std::string()> base_url);
  ~Notices();

  // After the commit wake() makes the thread look at once; without it, within a second.
  base::Result<void> raise(db::Write& tx, const Raise& raise);
  // Closes every open notice of the topic, and tells so once; nothing when there is none.
  base::Result<void> resolve(db::Write& tx, const Recovery& recovery);
  base::Result<void> note_run(db::Write& tx, const runs::Run& run);
  void wake();

  base::Result<NoticePage> list(const base::Actor& actor, bool unread_only, std::optional<std::string_view> cursor, std::int64_t limit);
  base::Result<void> mark_read(const base::Actor& actor, NoticeId id);
  base::Result<void> mark_all_read(const base::Actor& actor);

  base::Result<Settings> load_settings();
  // Reasons: "request.invalid", "request.stale", "notices.unknown_webhook", "notices.secret_required" (a stored password must not
  // follow to another server).
  base::Result<Settings> update_settings(const base::Actor& actor, std::int64_t version, SettingsDraft draft);
  // How many messages wait to be sent (SYS-50).
  base::Result<std::int64_t> outbox_depth();
  struct Tried {
    bool ok = false;
    std::string detail;
    template <class V, class S>
    static void describe(V& v, S& s) {
      v("ok", s.ok);
      v("detail", s.detail);
    }
  };
  // Sends a real message now: to "mail" (the actor, or all administrators when a program asks) or to a webhook.
  base::Result<Tried> test(const base::Actor& actor, const std::string& target, base::Deadline deadline, std::stop_token stop);

  void start();
  void stop();

 private:
  struct Sending;
  base::Result<void> enqueue(db::Write& tx, const NoticeId& id, const std::string& event, const Raise& raise, std::int64_t count,
                             base::Timestamp now);
  void work(std::stop_token stop);
  void publish_changes();
  void publish(const Notice& notice, const std::string& public_detail, Audience audience);
  void send_due(std::stop_token stop);
  base::Result<void> send(const Sending& sending, base::Deadline deadline, std::stop_token stop);
  base::Result<void> note_sent(const Sending& sending, const base::Result<void>& sent);
  void remove_old();

  db::Db& db_;
  vault::Vault& vault_;
  http::EventHub& hub_;
  Outside outside_;
  base::Clock clock_;
  NamedRef environment_;
  std::function<std::string()> base_url_;

  // Of the thread alone: what was published in the last seconds, and since when somebody listens.
  std::map<std::string, std::int64_t> published_;
  std::optional<base::Timestamp> listening_since_;
  base::Timestamp cleaned_at_{};

  std::mutex mutex_;  // guards is_woken_
  std::condition_variable_any wake_;
  bool is_woken_ = false;
  std::jthread thread_;
};

}  // namespace sluice::notices
