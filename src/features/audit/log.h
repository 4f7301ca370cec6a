// Reading the audit log (SYS-46): lists with filters, downloads, the events there are. For administrators; the route table says
// so. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "base/describe.h"
#include "base/result.h"
#include "db/db.h"
#include "features/audit/audit.h"

namespace sluice::audit {

struct ObjectRef {
  std::string kind;
  std::string id;
  std::string name;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("id", s.id);
    v("name", s.name);
  }
};

struct Entry {
  EntryId id;
  base::Timestamp at{};
  std::string event;
  base::UserRef actor;  // without an id: Sluice itself
  ObjectRef object;
  std::string request_id;
  std::string address;
  base::json::Object details;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("at", s.at);
    v("event", s.event);
    v("actor", s.actor);
    v("object", s.object);
    v("request_id", s.request_id);
    v("address", s.address);
    v("details", s.details);
  }
};

struct Filter {
  std::string search;                   // in names, event, ids, request and address, ignoring case
  std::optional<std::string> actor_id;  // "system": what Sluice did by itself
  std::optional<std::string> event;
  std::optional<std::string> object_kind;
  std::optional<std::string> object_id;
  std::optional<base::Timestamp> from;  // inclusive
  std::optional<base::Timestamp> to;    // exclusive
};

struct EntryPage {
  std::vector<Entry> items;
  std::optional<std::string> next_cursor;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("next_cursor", s.next_cursor);
  }
};

class Log {
 public:
  Log(db::Db& db, base::Clock clock) : db_(db), clock_(std::move(clock)) {}

  // `sort`: "at" or "-at", the newest first when empty.
  base::Result<EntryPage> list(const Filter& filter, std::string_view sort, std::optional<std::string_view> cursor, std::int64_t limit);
  // All that match and are there now, the newest first, as CSV for spreadsheets, piece by piece. Is an entry itself: what the
  // log knows of people leaves.
  base::Result<std::function<base::Result<bool>(std::string& out)>> download(const base::Actor& actor, Filter filter);
  base::Result<std::vector<std::string>> events();

 private:
  db::Db& db_;
  base::Clock clock_;
};

}  // namespace sluice::audit
