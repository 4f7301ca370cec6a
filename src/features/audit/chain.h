// The chain of the audit log (BEY-05): every entry has a number, counted from 1 without gaps, and a SHA-256 over all its
// columns and the hash of the entry before. The row audit_head names the last one. Whoever changes, removes, moves or inserts
// an entry must make anew every hash behind it and the head; verify() finds whoever did not. Against somebody who can do that
// too, keep what `sluice verify-log` prints in another place and give it back to it later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "db/db.h"

namespace sluice::audit::chain {

// An entry as the hash sees it: the text of each column. Empty optional: NULL.
struct Columns {
  std::optional<std::string> id;
  std::optional<std::string> at;  // microseconds
  std::optional<std::string> event;
  std::optional<std::string> actor_id;
  std::optional<std::string> actor_name;
  std::optional<std::string> object_kind;
  std::optional<std::string> object_id;
  std::optional<std::string> object_name;
  std::optional<std::string> request_id;
  std::optional<std::string> address;
  std::optional<std::string> details;
};

// Over "sluice audit 1\n", the number, the hash before and the columns in the order above, each as "<bytes>:<text>\n", NULL as
// "-\n": two different entries never give the same bytes.
std::string hash_of(std::int64_t seq, std::string_view previous, const Columns& columns);

base::Result<void> add(db::Write& tx, const Columns& columns, base::Timestamp at);

// Takes entries from before the chain into it, in the order of their time; nothing once the chain has begun. To be called
// before anything is appended.
base::Result<void> adopt_older(db::Db& db);

struct Head {
  std::int64_t seq = 0;
  std::string hash;
};
struct Report {
  std::int64_t entries = 0;
  Head head;                         // of what was read and is whole
  std::optional<std::string> fault;  // the first broken entry and what is wrong with it, as a sentence
};
// Reads the whole chain as it is at one moment, in pages. `noted`: a head that was printed earlier and must still be in it.
base::Result<Report> verify(db::Db& db, const std::optional<Head>& noted = {});

}  // namespace sluice::audit::chain
