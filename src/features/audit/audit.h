// The audit log: who did what to which object, when, from where. Append-only, and written in the transaction of the change
// itself, so that a change without an entry cannot be committed. Never holds a secret: a changed secret is the word "changed".
// Reading it is in log.h; the chain of hashes that shows whether it was tampered with is in chain.h.
#pragma once

#include <string>
#include <string_view>

#include "base/authz.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "db/db.h"

namespace sluice::audit {

using EntryId = base::Id<struct EntryTag>;

struct Object {
  std::string_view kind;  // "connection"
  std::string id;
  std::string name;  // as it was then; entries outlive what they tell of (C-004)
};

// `event` is <noun>.<past_verb>. `details` has old and new values of changed fields (SYS-47). One row more is read and written
// than the entry itself: the end of the chain. On PostgreSQL of two transactions that append at once the later is run again.
base::Result<void> append(db::Write& tx, const base::Actor& actor, base::Timestamp now, std::string_view event, const Object& object,
                          const base::json::Object& details = {});

}  // namespace sluice::audit
