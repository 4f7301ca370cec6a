// A notice tells people that something broke, and once more when it works again. The bell shows it to everybody who may know;
// mail and webhooks carry it to administrators. What broke is named by a topic ("run:export:<id>"); what happens again while a
// notice of it is open is counted and not told again, by the rule in Repeat.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/id.h"
#include "base/time.h"

namespace sluice::notices {

using namespace std::string_view_literals;
using NoticeId = base::Id<struct NoticeTag>;

enum class Severity : std::uint8_t { error, warning, info };
constexpr auto enum_names(Severity) { return std::array{"error"sv, "warning"sv, "info"sv}; }

enum class Audience : std::uint8_t { everybody, administrators };
constexpr auto enum_names(Audience) { return std::array{"everybody"sv, "administrators"sv}; }

// When the same topic is told again before it was resolved.
enum class Repeat : std::uint8_t {
  never,       // once until it is resolved
  daily,       // once a day (UTC) and reason (SYS-27)
  every_time,  // counted like daily, and yet told each time (SYS-22)
};

struct NamedRef {
  std::string id;
  std::string display_name;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
  }
};

// What a message names besides the words (SYS-26).
struct Facts {
  std::string task;  // "export", "import", "connection"
  NamedRef subject;
  std::optional<NamedRef> connection;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("task", s.task);
    v("subject", s.subject);
    v("connection", s.connection);
  }
};

struct Raise {
  std::string topic;
  Severity severity = Severity::error;
  std::string reason;
  std::string title;
  std::string detail;         // for administrators
  std::string public_detail;  // for everybody else: nothing of destinations (ROL-39)
  std::string link;           // "/runs/…"
  Audience audience = Audience::everybody;
  Repeat repeat = Repeat::daily;
  Facts facts;
};

struct Recovery {
  std::string topic;
  std::string reason;
  std::string title;
  std::string detail;
  std::string link;
  Audience audience = Audience::everybody;
  Facts facts;
};

// As one person sees it.
struct Notice {
  NoticeId id;
  base::Timestamp at{};  // of the last time
  Severity severity = Severity::error;
  std::string reason;
  std::string title;
  std::string detail;
  std::string link;
  std::int64_t count = 1;
  bool is_read = false;
  bool is_resolved = false;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("at", s.at);
    v("severity", s.severity);
    v("reason", s.reason);
    v("title", s.title);
    v("detail", s.detail);
    v("link", s.link);
    v("count", s.count);
    v("is_read", s.is_read);
    v("is_resolved", s.is_resolved);
  }
};

}  // namespace sluice::notices
