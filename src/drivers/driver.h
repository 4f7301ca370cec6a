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

#include "base/cell.h"
#include "base/describe.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "manifest/connector.h"
#include "net/guard.h"
#include "net/trust.h"

namespace sluice::drivers {

// Where to: the settings and secrets of one connection. Owned by the caller for the whole call.
struct Target {
  base::json::Object settings;
  std::map<std::string, base::Secret> secrets;  // by field name; absent when not set
  const manifest::Connector* connector = nullptr;
  std::string connection_id;  // empty while it is only a draft

  std::string_view text(std::string_view field) const { return settings.get(field).text(); }
  const base::Secret* secret(const std::string& field) const {
    const auto found = secrets.find(field);
    return found == secrets.end() || found->second.empty() ? nullptr : &found->second;
  }
};

// How long a driver is patient. The defaults are the product's; tests shorten them.
struct Patience {
  std::chrono::milliseconds step = std::chrono::seconds(20);         // one step of a verification
  std::chrono::milliseconds handshake = std::chrono::seconds(15);    // greeting and key exchange (C-050)
  std::chrono::milliseconds stall = std::chrono::seconds(60);        // nothing moved, in either direction (C-049)
  std::chrono::milliseconds keepalive = std::chrono::seconds(30);    // a sign of life while the caller is busy (C-051)
  std::chrono::milliseconds retry = std::chrono::milliseconds(500);  // before a failed call is made again; doubles, to its 60-fold
};

// One call to a service, as administrators may look at it (BEY-20): secrets masked, headers that may carry one left out, bodies
// cut to 2 KiB.
struct RequestRecord {
  base::Timestamp at{};
  std::string method;
  std::string url;
  std::int64_t status = 0;  // 0: no answer
  std::int64_t duration_ms = 0;
  std::int64_t rows = 0;
  std::int64_t request_bytes = 0;
  std::int64_t answer_bytes = 0;
  std::string request_headers, request_body;  // headers a line each
  std::string answer_headers, answer_body;
  std::string error;  // why there is no answer
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("at", s.at);
    v("method", s.method);
    v("url", s.url);
    v("status", s.status);
    v("duration_ms", s.duration_ms);
    v("rows", s.rows);
    v("request_bytes", s.request_bytes);
    v("answer_bytes", s.answer_bytes);
    v("request_headers", s.request_headers);
    v("request_body", s.request_body);
    v("answer_headers", s.answer_headers);
    v("answer_body", s.answer_body);
    v("error", s.error);
  }
};

// What surrounds a call. `guard` decides which addresses may be reached.
struct Context {
  base::Deadline deadline = base::Deadline::after(std::chrono::seconds(30));
  std::stop_token stop;
  const net::Guard* guard = nullptr;
  std::string data_folder;  // where the folder driver may write: <data>/exports
  Patience patience;
  const net::Trust* trust = nullptr;
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

// ---- rows: services that take rows and answer for each

// A column of the rows a run sends: an attribute of the mapping, in the order of the cells.
struct RowColumn {
  std::string name;  // ours: "email"
  std::string as;    // on the wire
  base::ColumnType type = base::ColumnType::text;
  bool identifies = false;
};

// What a run sends, and where. Outlived by nothing: a session keeps its own copy.
struct RowsPlan {
  base::json::Object settings;  // of the export
  std::string audience;         // name of the segment
  std::string run_id;
  std::vector<RowColumn> columns;
};

// Rows as they will be sent, normalised and hashed already, in flat memory. Filled by the data path, then only read, by requests
// in flight too, hence shared.
class RowBlock {
 public:
  explicit RowBlock(std::size_t columns) : columns_(columns) {}

  // `cells` are copied; as many as there are columns. `key` is that of the ledger, `number` that of the row in its table.
  void add(std::int64_t number, std::string_view key, std::uint64_t payload, std::span<const base::Cell> cells);

  std::size_t size() const { return rows_.size(); }
  std::size_t columns() const { return columns_; }
  std::size_t bytes() const { return bytes_.size(); }
  base::Cell cell(std::size_t row, std::size_t column) const {
    const Slot& slot = slots_[row * columns_ + column];
    return slot.size == kNull ? base::Cell{} : base::Cell{bytes_.data() + slot.offset, slot.size, false};
  }
  std::int64_t number(std::size_t row) const { return rows_[row].number; }
  std::uint64_t payload(std::size_t row) const { return rows_[row].payload; }
  std::string_view key(std::size_t row) const { return {bytes_.data() + rows_[row].key_offset, rows_[row].key_size}; }

 private:
  static constexpr std::uint32_t kNull = UINT32_MAX;
  struct Slot {
    std::uint32_t offset = 0;
    std::uint32_t size = kNull;
  };
  struct Row {
    std::int64_t number = 0;
    std::uint64_t payload = 0;
    std::uint32_t key_offset = 0;
    std::uint32_t key_size = 0;
  };
  std::size_t columns_;
  std::string bytes_;
  std::vector<Slot> slots_;
  std::vector<Row> rows_;
};

enum class RowState : std::uint8_t {
  acknowledged,  // the destination has it, or no longer has it after a removal
  rejected,      // it said no
  unknown        // sent, and no answer came (C-092)
};

// About one row of a block that was handed to the session.
struct RowAnswer {
  const RowBlock* block = nullptr;
  std::size_t row = 0;
  RowState state = RowState::unknown;
  std::string_view reason;  // a code: "http.422", "not_found", or the service's own, at most 64 bytes
  std::string_view detail;  // the service's words, cut and scrubbed
};

// Heard on the thread that calls the session, in any order, each row once. Views hold until the call returns.
struct RowEvents {
  std::function<base::Result<void>(std::span<const RowAnswer>)> answered;
  std::function<void(RequestRecord&&)> called;                                   // may be empty
  std::function<void(std::string_view reason, std::string_view detail)> warned;  // may be empty
  std::function<void(std::int64_t bytes)> sent;                                  // bytes of bodies that left; may be empty
  std::function<void(std::optional<base::Timestamp> until)> waiting;             // for a rate limit to pass; may be empty
};

// One run of one segment. Blocks go in, answers come out by the events, from within the calls; one thread at a time. What was
// sent and what is removed may not be mixed without a flush() between. Errors end the session, and by then every row that was handed over
// has been answered (as unknown when nothing better is known; never sent at all: not answered). Reasons: "service.credentials",
// "service.permission", "service.missing", "service.refused", "service.rate_limited" (Error::retry_after says how long),
// "service.unavailable", "net.…".
class RowSession {
 public:
  virtual ~RowSession() = default;
  // Returns when the rows are taken over, or, when enough are in flight, when some were answered.
  virtual base::Result<void> upsert(std::shared_ptr<const RowBlock> rows) = 0;
  // Of a row only the identifying cells are there.
  virtual base::Result<void> remove(std::shared_ptr<const RowBlock> rows) = 0;
  // Sends what is left and waits for every answer.
  virtual base::Result<void> flush() = 0;
};
using OpenRows = base::Result<std::unique_ptr<RowSession>> (*)(const Context&, const Target&, const RowsPlan&, RowEvents);
// The first call as it would be sent, secrets masked, nothing sent (BEY-09).
using PreviewRows = base::Result<std::string> (*)(const Target&, const RowsPlan&, const RowBlock&);

struct Driver {
  std::string_view name;           // the manifest's `driver:`
  Verify verify = nullptr;         // null: the service offers no way
  OpenFiles open_files = nullptr;  // null: it takes no files
  OpenRows open_rows = nullptr;    // null: it takes no rows
  PreviewRows preview_rows = nullptr;
};

// nullptr when there is none.
const Driver* find_driver(std::string_view name);
std::span<const Driver* const> all_drivers();

}  // namespace sluice::drivers
