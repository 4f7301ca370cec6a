// A driver is code that speaks one protocol; which services use it is data (connectors/<id>/manifest.yaml). Drivers are plain
// blocking functions with a deadline and a stop token; they know nothing of the database, of HTTP handlers or of roles.
// All drivers are named in one array in drivers.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/guard.h"

namespace sluice::drivers {

// Where to: the settings and secrets of one connection. Owned by the caller for the whole call.
struct Target {
  base::json::Object settings;
  std::map<std::string, base::Secret> secrets;  // by field name; absent when not set

  std::string_view text(std::string_view field) const { return settings.get(field).text(); }
  const base::Secret* secret(const std::string& field) const {
    const auto found = secrets.find(field);
    return found == secrets.end() || found->second.empty() ? nullptr : &found->second;
  }
};

// How long a driver is patient. The defaults are the product's; tests shorten them.
struct Patience {
  std::chrono::milliseconds step = std::chrono::seconds(20);       // one step of a verification
  std::chrono::milliseconds handshake = std::chrono::seconds(15);  // greeting and key exchange (C-050)
  std::chrono::milliseconds stall = std::chrono::seconds(60);      // nothing moved, in either direction (C-049)
  std::chrono::milliseconds keepalive = std::chrono::seconds(30);  // a sign of life while the caller is busy (C-051)
};

// What surrounds a call. `guard` decides which addresses may be reached.
struct Context {
  base::Deadline deadline = base::Deadline::after(std::chrono::seconds(30));
  std::stop_token stop;
  const net::Guard* guard = nullptr;
  std::string data_folder;  // where the folder driver may write: <data>/exports
  Patience patience;
};

// ---- verify (BEY-07): steps in the order they were done, on the same path a run takes

enum class StepState : std::uint8_t { passed, failed, skipped };
constexpr auto enum_names(StepState) {
  using namespace std::string_view_literals;
  return std::array{"passed"sv, "failed"sv, "skipped"sv};
}

// A value the person may accept for a field, such as the host key that was found.
struct Proposal {
  std::string field;
  std::string value;
  std::string title;  // of the button: "Pin this host key"
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("field", s.field);
    v("value", s.value);
    v("title", s.title);
  }
};

struct Step {
  std::string name;   // stable: "resolve", "connect", "host_key", "sign_in", "folder", "write", "clean_up"
  std::string title;  // "Sign in as sluice"
  StepState state = StepState::skipped;
  std::int64_t duration_ms = 0;
  std::string detail;                 // what was found, or the service's own words, cut and scrubbed
  std::optional<std::string> advice;  // on failure: what to do
  std::optional<Proposal> proposal;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("title", s.title);
    v("state", s.state);
    v("duration_ms", s.duration_ms);
    v("detail", s.detail);
    v("advice", s.advice, base::absent_ok());
    v("proposal", s.proposal, base::absent_ok());
  }
};

// Calls `report` after each step. Passed when no step failed and at least one passed.
using Verify = std::vector<Step> (*)(const Context&, const Target&, const std::function<void(const Step&)>& report);

// ---- files: services that take files in folders

// One signed-in session that writes files one after the other. A file appears under its name only when complete: it is
// written as `<folder>/.<name>.<run>.part` and renamed. Paths are relative to the connection's folder, '/' separates,
// folders are made when missing, bytes of names are used exactly as given. One thread at a time.
// Context::deadline bounds only the opening: an upload may take hours. Afterwards every wait ends when nothing moved for
// Patience::stall, and within a second of a stop (abandon() still removes the temporary file then).
// After an Error of write() or commit() the file can only be abandoned. A lost connection stays lost: open a new session.
class FileSession {
 public:
  virtual ~FileSession() = default;  // an open file is abandoned
  virtual base::Result<void> open(const std::string& path, std::string_view run_id) = 0;
  // Returns when the bytes are taken over (they may still be in flight).
  virtual base::Result<void> write(std::string_view bytes) = 0;
  // Waits for every byte, checks the size on the server, renames. The file is then visible.
  virtual base::Result<void> commit() = 0;
  // Removes the temporary file; best effort.
  virtual void abandon() = 0;
  // Removes a finished file; absent is fine. Only for files that Sluice wrote.
  virtual base::Result<void> remove(const std::string& path) = 0;
  // Removes temporary files in `folder` that carry one of these run ids (left by a killed process).
  virtual base::Result<void> sweep(const std::string& folder, std::span<const std::string> run_ids) = 0;
};
using OpenFiles = base::Result<std::unique_ptr<FileSession>> (*)(const Context&, const Target&);

struct Driver {
  std::string_view name;           // the manifest's `driver:`
  Verify verify = nullptr;         // null: the service offers no way
  OpenFiles open_files = nullptr;  // null: it takes no files
};

// nullptr when there is none.
const Driver* find_driver(std::string_view name);
std::span<const Driver* const> all_drivers();

}  // namespace sluice::drivers
