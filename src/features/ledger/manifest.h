// The manifest: which segments make up the newest generation, and the runs that wrote it, each bound to the one before by a
// hash (BEY-05). Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "features/ledger/format.h"

namespace sluice::ledger {

struct SegmentInfo {
  std::uint64_t generation = 0;  // that wrote it, and its name
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;  // of the two files
  std::uint64_t key_bytes = 0;
  std::string record_digest;  // BLAKE2b-256 of the two files
  std::string key_digest;
};

struct RunEntry {
  Run run;
  std::uint64_t log_id = 0;     // of the log whose outcomes these are, so that none is taken in twice
  std::string segments_digest;  // of the segments as this run left them
  std::string head;             // BLAKE2b-256 of the head before and of all the above
};

struct Manifest {
  crypto::ShortHashKey salt{};
  std::uint64_t first = 0;  // what the numbering began with: 0, or where the ledger that was lost had come to
  std::string rebaselined;
  std::vector<std::string> reasons;
  std::vector<RunEntry> runs;
  std::vector<SegmentInfo> segments;  // oldest first

  std::uint64_t generation() const { return first + runs.size(); }
};

std::string record_name(std::uint64_t generation);
std::string key_name(std::uint64_t generation);
inline constexpr std::string_view kManifestName = "manifest";
inline constexpr std::string_view kNewManifestName = "manifest.new";

// Adds the run as the next generation, chained to the one before.
void add_run(Manifest& manifest, const Run& run, std::uint64_t log_id);
// The first entry whose hash is wrong, from 1; 0 when the chain is whole and its end is the segments'.
std::uint64_t broken_link(const Manifest& manifest);

base::Result<Manifest> read_manifest(const std::string& folder);  // damage too when there is none
base::Result<void> write_manifest(const std::string& folder, const Manifest& manifest);

}  // namespace sluice::ledger
