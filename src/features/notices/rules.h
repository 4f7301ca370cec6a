// What runs tell, how messages read, when a message is tried again. Pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "features/notices/notice.h"
#include "features/notices/settings.h"
#include "features/runs/run.h"

namespace sluice::notices::rules {

std::string topic_of(const runs::Run& run);
// What an ended run gives cause to raise: it failed, or it was skipped because something before it failed (SYS-21..23). A run
// that will be tried again has not ended and raises nothing (SYS-20).
std::optional<Raise> raise_of(const runs::Run& run);
// When the run delivered.
std::optional<Recovery> recovery_of(const runs::Run& run);

// Two raises with the same key are one notice while it is open.
std::string collapse_key(const Raise& raise, base::Timestamp now);

// One event on its way out. Kept as JSON in the outbox, so that every try sends the same.
struct Payload {
  std::string event;  // "notice.raised", "notice.resolved"
  base::Timestamp at{};
  std::string notice_id;
  Severity severity = Severity::error;
  std::string reason;
  std::string title;
  std::string detail;
  std::string link;
  std::int64_t count = 1;
  Facts facts;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("event", s.event);
    v("at", s.at);
    v("notice_id", s.notice_id);
    v("severity", s.severity);
    v("reason", s.reason);
    v("title", s.title);
    v("detail", s.detail);
    v("link", s.link);
    v("count", s.count);
    v("facts", s.facts);
  }
};

std::string mail_subject(const NamedRef& environment, const Payload& payload);
std::string mail_body(const NamedRef& environment, const std::string& base_url, const Payload& payload);
// The JSON that is posted.
std::string webhook_body(const NamedRef& environment, const std::string& base_url, const std::string& event_id, const Payload& payload);

// How long to wait after the attempt with this number, counted from 1; nothing: give up. `random` from 0 to 1 spreads them.
std::optional<std::chrono::seconds> wait_after(std::int64_t attempt, double random);

// Reason "request.invalid" with pointers.
base::Result<void> check(const SettingsDraft& draft);

}  // namespace sluice::notices::rules
