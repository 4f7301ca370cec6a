// What the public classes hold. Private to this folder.
#pragma once

#include <vector>

#include "features/ledger/ledger.h"
#include "features/ledger/manifest.h"
#include "features/ledger/outcome_log.h"
#include "features/ledger/segment.h"
#include "features/ledger/spill.h"

namespace sluice::ledger {

struct Ledger::Impl {
  Options options;
  Manifest manifest;
  std::vector<Segment> segments;  // of the manifest, in its order

  base::Result<void> open_segments();
  base::Result<Committed> commit(OutcomeLog& log, Join join);
};

struct Rows::Impl {
  crypto::ShortHashKey salt;
  Spill spill;

  // The rows of a part, sorted, each key once; returns how many were left out.
  base::Result<std::int64_t> load(std::size_t part, std::vector<Row>& rows, std::vector<Row>& scratch) const;
};

struct Writer::Impl {
  crypto::ShortHashKey salt;
  OutcomeLog log;
  bool is_committed = false;
};

// Whoever holds it may change the folder's manifest.
base::Result<File> lock_folder(const std::string& folder);
// Removes what an interrupted commit left.
void sweep(const std::string& folder, const Manifest& manifest);

}  // namespace sluice::ledger
