// The ledger of one export and one connection: for each profile key, what was delivered to that destination and how it ended.
// It is what makes an export send only what is new, changed or owed, remove only what we ourselves sent (BEY-02), and never
// send an acknowledged row twice (BEY-16). On disk, `<data>/ledger/<export_id>/<connection_id>/`: immutable sorted segments and
// a manifest that is replaced whole; docs/adr/0010-ledger.md has the bytes. Memory does not grow with the number of keys.
//
// A run:
//
//   Ledger ledger = *Ledger::open({.folder = …, .at_least = generation in our database});   // "ledger.damaged": see rebaseline
//   ledger.recover();                                   // outcomes of runs that were killed; then the diff is right by itself
//   Rows rows(ledger);                                  // scan the table:
//   rows.add(key, ledger.payload_hash(bytes of the row as it would be sent), row number);
//   ledger.diff(rows, [&](const Change& change) { … }); // mark rows to send, count removals; then ask the guard (BEY-10)
//   Writer writer = *Writer::create(ledger, {.id = run id, …});
//   writer.add({.key = …, .payload = …, .operation = Operation::send, .answer = Answer::acknowledged});   // scan again, send, note
//   ledger.diff(rows, …);                               // the same answers again: removals, with their keys, in one pass
//   writer.checkpoint();                                // after each batch: from here on a crash forgets nothing
//   ledger.commit(writer);                              // also when the run failed: what was acknowledged stays acknowledged
//
// recover() comes before the diff, always: a log that is taken up after a newer commit would speak of older things. Between an
// acknowledgement and the next checkpoint a kill makes the row come again; where a service takes idempotency keys, note the
// batch as unknown and make a checkpoint before sending it, and send what is owed under the same key.
//
// What this is not: it knows no tables, no destinations and no policy. A Ledger belongs to one thread at a time; several
// Ledgers may be open on one folder, and each keeps the generation it opened. Two commits on the same generation: the second
// is refused ("stale"). Errors: "ledger.damaged" (what is written there is not what was written), "ledger.disk_full",
// "ledger.unavailable" (any other failure of the disk), "ledger.changed_meanwhile", "ledger.busy", "ledger.key_too_long",
// "ledger.unknown_version" (written by a newer release: no reason to rebaseline).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/crypto.h"

namespace sluice::ledger {

class Rows;
class Writer;

inline constexpr std::size_t kLongestKey = 1024;  // bytes
inline constexpr std::size_t kLongestReason = 64;

enum class State : std::uint8_t {
  acknowledged = 1,  // the destination holds this payload
  rejected = 2,      // it said no, for the reason
  unknown = 3,       // sent, and no answer came (C-092)
  removed = 4        // it held the key and confirmed the removal; the key itself is not kept, only its hash
};
enum class Operation : std::uint8_t { send = 0, remove = 1 };
enum class Answer : std::uint8_t { acknowledged = 1, rejected = 2, unknown = 3 };

struct Run {
  base::Uuid id{};
  base::Timestamp at{};
  std::string fields;  // what was sent of each row, as the caller names it: "Email,FirstName"
  std::uint32_t normaliser = 0;
};

struct Entry {
  State state = State::unknown;
  Operation last = Operation::send;  // what was tried last: after a failed removal the state is rejected or unknown
  bool is_held = false;              // the destination has the key from us, or may have: an unknown send counts
  std::uint64_t payload = 0;         // hash of what was sent last
  std::uint16_t attempts = 0;        // at this payload, up to the last acknowledgement
  std::uint8_t reason = 0;           // Ledger::reason()
  std::uint32_t run = 0;             // Ledger::run()
};

struct Change {
  enum class Kind : std::uint8_t {
    added,      // never sent, or removed since
    changed,    // acknowledged, with another payload
    owed,       // rejected or unknown when last tried, or its removal was: send it (C-099). `before` says how often, and whether
                // the payload changed: a row that is refused for good need not be tried again before its data changes
    unchanged,  // acknowledged, with this payload; told only when asked for
    removed,    // gone from the table, and the destination has it from us
    vanished,   // gone, and never taken: nothing to send. Note it as removed and acknowledged to have it forgotten
  };
  Kind kind = Kind::added;
  std::uint64_t payload = 0;
  std::int64_t row = 0;           // 0 for removed and vanished
  std::string_view key;           // of removed and vanished, until the callback returns; the others are found by their row
  const Entry* before = nullptr;  // null for added, unless it is `removed`
};

struct DiffCounts {
  std::int64_t rows = 0;  // with different keys
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t owed = 0;
  std::int64_t unchanged = 0;
  std::int64_t removed = 0;
  std::int64_t vanished = 0;
  std::int64_t held = 0;        // keys that the destination has: what the share of removals is of
  std::int64_t duplicates = 0;  // rows whose key an earlier row has; left out
};

struct Outcome {
  std::string_view key;
  std::uint64_t payload = 0;  // of a removal: any
  Operation operation = Operation::send;
  Answer answer = Answer::unknown;
  std::string_view reason;  // a code ("http.422"), not a sentence; the ledger keeps 254 different ones
};

struct Committed {
  std::uint64_t generation = 0;
  std::string head;       // hexadecimal; the end of the hash chain (BEY-05), to be written into the audit log
  std::int64_t held = 0;  // keys that the destination has now
};

struct Verdict {
  std::int64_t records = 0;
  std::string head;
  std::optional<std::string> fault;  // the first, as a sentence
};

// How far a commit writes older segments anew. The key of a removed customer lies in them until then, so erasing somebody (BEY-04)
// means `everything`, which costs one pass over all keys.
enum class Join : std::uint8_t { as_needed, everything };

struct Options {
  std::string folder;  // made when missing
  // The generation that our database remembers. A folder with less is damaged: lost, or restored from an older backup.
  std::uint64_t at_least = 0;
  // How long removed keys (as hashes) are remembered at least.
  std::chrono::days keep_removed{400};
};

class Ledger {
 public:
  static base::Result<Ledger> open(Options options);
  // After "ledger.damaged": puts what is there aside (`<folder>.damaged-<n>`) and begins an empty ledger that says why. The next
  // diff finds everything added and nothing to remove (C-096): rows are sent again, and nothing at the destination goes.
  static base::Result<Ledger> rebaseline(Options options, std::string_view why);

  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  ~Ledger();

  // Rises by one with each commit, from 0, or from `at_least` after a rebaseline: keep it in our database and open with it.
  std::uint64_t generation() const;
  std::string head() const;
  const std::string& rebaselined() const;  // why, until the first commit; empty when it was not
  const Run* run(std::uint32_t number) const;
  std::string_view reason(std::uint8_t number) const;
  // Names of the files of this generation, manifest last: what a backup copies. Files never change; when one is missing, a
  // commit was quicker: open again and begin anew.
  std::vector<std::string> files() const;

  std::uint64_t payload_hash(std::string_view bytes) const;
  // One block of each segment is read.
  base::Result<std::optional<Entry>> find(std::string_view key) const;
  // One pass over `rows` and the ledger, in the order of key hashes. `on_change` hears all but the unchanged; its Error ends the
  // diff. Damage may be found after some calls: act on what was heard when diff() has returned.
  base::Result<DiffCounts> diff(const Rows& rows, const std::function<base::Result<void>(const Change&)>& on_change,
                                bool tells_unchanged = false) const;

  // Publishes what the writer noted as a new generation. On "stale" or a full disk nothing has changed, and the outcomes are
  // still in their log for recover().
  base::Result<Committed> commit(Writer& writer, Join join = Join::as_needed);
  // Commits the logs of writers that were never committed, oldest first; the number of outcomes. "ledger.busy" while one of them
  // is alive in any process: that run must end first.
  base::Result<std::int64_t> recover();
  // Reads every byte and the chain of runs.
  base::Result<Verdict> verify() const;

 private:
  friend class Rows;
  friend class Writer;
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> state);
  std::unique_ptr<Impl> state_;
};

// Today's rows by key hash, in bounded memory: 16 MiB, and one 256th of them at a time while they are read. The rest lies in a
// file without a name in the ledger's folder, which no crash leaves behind. Outlived by its Ledger's folder, not its Ledger.
class Rows {
 public:
  explicit Rows(const Ledger& ledger);
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();
  // `row`: its number from 1, as the caller will find it again.
  base::Result<void> add(std::string_view key, std::uint64_t payload, std::int64_t row);

 private:
  friend class Ledger;
  struct Impl;
  std::unique_ptr<Impl> state_;
};

// Notes outcomes, in any order, in a log of the ledger's folder. What a key met last counts.
class Writer {
 public:
  static base::Result<Writer> create(const Ledger& ledger, const Run& run);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();  // not committed: the log stays, for recover()

  base::Result<void> add(const Outcome& outcome);
  // Durable from here on. After an error the writer takes nothing more; what an earlier checkpoint made durable stays.
  base::Result<void> checkpoint();
  std::int64_t count() const;

 private:
  friend class Ledger;
  struct Impl;
  explicit Writer(std::unique_ptr<Impl> state);
  std::unique_ptr<Impl> state_;
};

}  // namespace sluice::ledger
