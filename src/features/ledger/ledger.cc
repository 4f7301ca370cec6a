#include "features/ledger/ledger.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "features/ledger/impl.h"

namespace sluice::ledger {

using base::Result;

namespace {

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

bool is_ours(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".rec" || ending == ".key" || ending == ".log";
}

// Nothing that only a ledger would have written.
bool is_unused(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (is_ours(entry.path())) return false;
  }
  return true;
}

std::string manifest_path(const std::string& folder) { return folder + "/" + std::string(kManifestName); }

Result<void> begin(const std::string& folder, std::uint64_t first, std::string_view rebaselined) {
  RETURN_IF_ERROR(make_folder(folder));
  ASSIGN_OR_RETURN(const File lock, lock_folder(folder));
  if (exists(manifest_path(folder))) return {};  // another was quicker
  Manifest manifest;
  manifest.salt = crypto::make_short_hash_key();
  manifest.first = first;
  manifest.rebaselined = rebaselined;
  return write_manifest(folder, manifest);
}

}  // namespace

Result<File> lock_folder(const std::string& folder) {
  ASSIGN_OR_RETURN(File lock, File::open_or_create(folder + "/lock"));
  RETURN_IF_ERROR(lock.lock(true));
  return lock;
}

void sweep(const std::string& folder, const Manifest& manifest) {
  std::vector<std::string> kept;
  for (const SegmentInfo& one : manifest.segments) {
    kept.push_back(record_name(one.generation));
    kept.push_back(key_name(one.generation));
  }
  std::error_code error;
  std::vector<std::filesystem::path> dead;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const std::string ending = entry.path().extension().string();
    const bool is_segment = ending == ".rec" || ending == ".key";
    if ((is_segment && std::find(kept.begin(), kept.end(), name) == kept.end()) || ending == ".new" || ending == ".tmp")
      dead.push_back(entry.path());
  }
  for (const auto& path : dead) std::filesystem::remove(path, error);
}

Result<void> Ledger::Impl::open_segments() {
  segments.clear();
  for (const SegmentInfo& info : manifest.segments) {
    ASSIGN_OR_RETURN(Segment segment, Segment::open(options.folder, info, manifest.salt));
    segments.push_back(std::move(segment));
  }
  return {};
}

Ledger::Ledger(std::unique_ptr<Impl> state) : state_(std::move(state)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(Options options) {
  const std::string& folder = options.folder;
  if (!exists(manifest_path(folder))) {
    if (!is_unused(folder)) return damaged("its manifest is missing");
    if (options.at_least > 0) return damaged("it is lost");
    RETURN_IF_ERROR(begin(folder, 0, {}));
  }
  auto state = std::make_unique<Impl>();
  state->options = std::move(options);
  for (;;) {
    ASSIGN_OR_RETURN(state->manifest, read_manifest(state->options.folder));
    const auto opened = state->open_segments();
    if (opened.ok()) break;
    // A commit may just have removed the files that this manifest names.
    ASSIGN_OR_RETURN(const Manifest newer, read_manifest(state->options.folder));
    if (newer.generation() == state->manifest.generation()) return opened.error();
  }
  if (state->manifest.generation() < state->options.at_least)
    return damaged("it is older than what was committed, as after restoring a backup");
  return Ledger(std::move(state));
}

Result<Ledger> Ledger::rebaseline(Options options, std::string_view why) {
  std::uint64_t first = options.at_least;
  if (exists(options.folder)) {
    if (const auto before = read_manifest(options.folder); before.ok()) first = std::max(first, before->generation());
    std::string aside;
    for (int i = 1; aside.empty() || exists(aside); ++i) aside = options.folder + ".damaged-" + std::to_string(i);
    if (std::rename(options.folder.c_str(), aside.c_str()) != 0) return failed("putting a damaged ledger aside");
  }
  base::log::warn("ledger.rebaselined", {{"folder", options.folder}, {"why", why}});
  RETURN_IF_ERROR(begin(options.folder, first, why.empty() ? "unknown" : why));
  return open(std::move(options));
}

std::uint64_t Ledger::generation() const { return state_->manifest.generation(); }

std::string Ledger::head() const { return state_->manifest.runs.empty() ? "" : base::hex(state_->manifest.runs.back().head); }

const std::string& Ledger::rebaselined() const { return state_->manifest.rebaselined; }

const Run* Ledger::run(std::uint32_t number) const {
  const auto& runs = state_->manifest.runs;
  return number == 0 || number > runs.size() ? nullptr : &runs[number - 1].run;
}

std::string_view Ledger::reason(std::uint8_t number) const {
  if (number == kManyReasons) return "other";
  const auto& reasons = state_->manifest.reasons;
  return number == 0 || number > reasons.size() ? std::string_view() : std::string_view(reasons[number - 1]);
}

std::vector<std::string> Ledger::files() const {
  std::vector<std::string> names;
  for (const SegmentInfo& one : state_->manifest.segments) {
    names.push_back(record_name(one.generation));
    names.push_back(key_name(one.generation));
  }
  names.emplace_back(kManifestName);
  return names;
}

std::uint64_t Ledger::payload_hash(std::string_view bytes) const { return crypto::short_hash_64(state_->manifest.salt, bytes); }

Result<std::optional<Entry>> Ledger::find(std::string_view key) const {
  const KeyHash hash = hash_of(state_->manifest.salt, key);
  for (auto segment = state_->segments.rbegin(); segment != state_->segments.rend(); ++segment) {
    ASSIGN_OR_RETURN(const auto record, segment->find(hash));
    if (record) return std::optional(entry_of(*record));
  }
  return std::optional<Entry>();
}

Result<Committed> Ledger::commit(Writer& writer, Join join) {
  if (writer.state_->is_committed)
    return base::Error{.code = base::Code::conflict, .reason = "ledger.busy", .detail = "The run was committed."};
  RETURN_IF_ERROR(writer.state_->log.checkpoint());
  ASSIGN_OR_RETURN(const Committed committed, state_->commit(writer.state_->log, join));
  writer.state_->is_committed = true;
  return committed;
}

Result<std::int64_t> Ledger::recover() {
  std::int64_t outcomes = 0;
  for (const std::string& path : list_logs(state_->options.folder)) {
    ASSIGN_OR_RETURN(auto log, OutcomeLog::reopen(path, state_->manifest.salt));
    if (!log || log->count() == 0) {
      ::unlink(path.c_str());
      continue;
    }
    const auto& runs = state_->manifest.runs;
    if (std::any_of(runs.begin(), runs.end(), [&](const RunEntry& entry) { return entry.log_id == log->id(); })) {
      ::unlink(path.c_str());  // committed, and then interrupted
      continue;
    }
    ASSIGN_OR_RETURN(const Committed committed, state_->commit(*log, Join::as_needed));
    outcomes += log->count();
    base::log::info("ledger.recovered",
                    {{"folder", state_->options.folder}, {"outcomes", log->count()}, {"generation", committed.generation}});
  }
  return outcomes;
}

namespace {

Result<std::int64_t> check_records(const Segment& segment, const crypto::ShortHashKey& salt) {
  Cursor cursor(segment);
  std::optional<KeyHash> before;
  std::int64_t count = 0;
  for (cursor.start(); cursor.at() != nullptr; cursor.advance()) {
    const Record& record = *cursor.at();
    ASSIGN_OR_RETURN(const std::string_view key, cursor.key());
    const bool has_its_key = state_of(record) == State::removed ? key.empty() : hash_of(salt, key) == record.hash;
    if ((before && record.hash <= *before) || !is_sane(record) || !has_its_key)
      return damaged("record " + std::to_string(count) + " of " + record_name(segment.info().generation) + " makes no sense");
    before = record.hash;
    ++count;
  }
  if (cursor.fault()) return *cursor.fault();
  return count;
}

}  // namespace

Result<Verdict> Ledger::verify() const {
  Verdict verdict{.head = head()};
  const auto note = [&](const base::Error& error) -> Result<Verdict> {
    if (error.reason != "ledger.damaged") return error;
    verdict.fault = error.detail;
    return verdict;
  };
  if (const std::uint64_t link = broken_link(state_->manifest); link != 0)
    return note(damaged("the entry of run " + std::to_string(link) + " is not the one that was written"));
  for (const Segment& segment : state_->segments) {
    if (const auto checked = segment.check_digests(); !checked.ok()) return note(checked.error());
    const auto records = check_records(segment, state_->manifest.salt);
    if (!records.ok()) return note(records.error());
    verdict.records += *records;
  }
  for (const std::string& path : list_logs(state_->options.folder)) {
    const auto log = OutcomeLog::reopen(path, state_->manifest.salt);
    if (!log.ok() && log.error().reason == "ledger.damaged") return note(log.error());
  }
  return verdict;
}

Writer::Writer(std::unique_ptr<Impl> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::create(const Ledger& ledger, const Run& run) {
  // Ids of logs must never come again, wherever the clock went.
  std::uint64_t last_log = 0;
  for (const RunEntry& entry : ledger.state_->manifest.runs) last_log = std::max(last_log, entry.log_id);
  auto state = std::make_unique<Impl>();
  state->salt = ledger.state_->manifest.salt;
  ASSIGN_OR_RETURN(state->log, OutcomeLog::create(ledger.state_->options.folder, state->salt, run, last_log + 1));
  return Writer(std::move(state));
}

Result<void> Writer::add(const Outcome& outcome) {
  if (outcome.key.size() > kLongestKey) {
    return base::Error{.code = base::Code::invalid, .reason = "ledger.key_too_long", .detail = "A key is longer than 1,024 bytes."};
  }
  if (state_->is_committed) return base::Error{.code = base::Code::conflict, .reason = "ledger.busy", .detail = "The run was committed."};
  return state_->log.add({.hash = hash_of(state_->salt, outcome.key),
                          .payload = outcome.payload,
                          .operation = outcome.operation,
                          .answer = outcome.answer,
                          .reason = outcome.reason.substr(0, kLongestReason),
                          .key = outcome.key});
}

Result<void> Writer::checkpoint() { return state_->log.checkpoint(); }

std::int64_t Writer::count() const { return state_->log.count(); }

}  // namespace sluice::ledger
