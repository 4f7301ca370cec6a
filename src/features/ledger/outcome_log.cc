#include "features/ledger/outcome_log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/random.h"
#include "data/checksum.h"

namespace sluice::ledger {

using base::Result;

namespace {

constexpr std::string_view kMagic = "SLLEDLOG";
constexpr std::string_view kEnding = ".log";
constexpr std::size_t kFrameBytes = std::size_t{1} << 20;
constexpr std::size_t kLongestFrame = 2 * kFrameBytes;
constexpr std::size_t kFrameHead = 20;  // checksum, length, mark, durable
constexpr std::string_view kMark = "SLFR";
constexpr std::size_t kMarkAt = 8;

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

base::Error busy() { return {.code = base::Code::conflict, .reason = "ledger.busy", .detail = "Another run of this export is at work."}; }
base::Error cut_short() {
  return {
      .code = base::Code::internal, .reason = "ledger.unavailable", .detail = "The record of this run could not be written to its end."};
}

// `durable`: how much of the file was safe when the frame was made. A hole below that is damage; above it, a crash.
std::string frame(std::string_view bytes, std::uint64_t durable) {
  std::string out(sizeof(std::uint32_t), '\0');
  put(out, static_cast<std::uint32_t>(bytes.size()));
  out += kMark;
  put(out, durable);
  out += bytes;
  const std::uint32_t checksum = data::crc32c(std::string_view(out).substr(4));
  std::memcpy(out.data(), &checksum, sizeof checksum);
  return out;
}

struct Frame {
  std::uint64_t durable = 0;
  std::string bytes;
};

// The frame at `offset`; empty when none that is whole begins there.
Result<std::optional<Frame>> read_frame(const File& file, std::uint64_t offset, std::uint64_t end) {
  std::optional<Frame> none;
  if (end < offset + kFrameHead) return none;
  std::string bytes(kFrameHead, '\0');
  RETURN_IF_ERROR(file.read(offset, bytes));
  Reader reader(bytes);
  const auto checksum = reader.get<std::uint32_t>();
  const auto size = reader.get<std::uint32_t>();
  if (reader.take(kMark.size()) != kMark || size > kLongestFrame || end - offset - kFrameHead < size) return none;
  const auto durable = reader.get<std::uint64_t>();
  bytes.resize(kFrameHead + size);
  RETURN_IF_ERROR(file.read(offset + kFrameHead, std::span(bytes).subspan(kFrameHead)));
  if (checksum != data::crc32c(std::string_view(bytes).substr(4))) return none;
  bytes.erase(0, kFrameHead);
  return std::optional(Frame{durable, std::move(bytes)});
}

// Whether what lies at `offset` was safe once, by the word of a whole frame behind it.
Result<bool> was_durable(const File& file, std::uint64_t offset, std::uint64_t end) {
  std::string bytes;
  for (std::uint64_t at = offset; at < end;) {
    bytes.resize(std::min<std::uint64_t>(kFrameBytes, end - at));
    RETURN_IF_ERROR(file.read(at, bytes));
    for (std::size_t found = bytes.find(kMark); found != std::string::npos; found = bytes.find(kMark, found + 1)) {
      if (at + found < kMarkAt) continue;
      ASSIGN_OR_RETURN(const auto later, read_frame(file, at + found - kMarkAt, end));
      if (later && later->durable > offset) return true;
    }
    if (at + bytes.size() == end) break;
    at += bytes.size() - (kMark.size() - 1);  // a mark may lie across
  }
  return false;
}

}  // namespace

void put_outcome(std::string& out, const LoggedOutcome& outcome) {
  put(out, outcome.hash);
  put(out, outcome.payload);
  put(out, static_cast<std::uint8_t>(static_cast<unsigned>(outcome.operation) << 4 | static_cast<unsigned>(outcome.answer)));
  put(out, static_cast<std::uint8_t>(outcome.reason.size()));
  put(out, static_cast<std::uint16_t>(outcome.key.size()));
  out += outcome.reason;
  out += outcome.key;
}

std::optional<LoggedOutcome> take_outcome(std::string_view& bytes) {
  Reader reader(bytes);
  LoggedOutcome outcome;
  outcome.hash = reader.get<KeyHash>();
  outcome.payload = reader.get<std::uint64_t>();
  const auto what = reader.get<std::uint8_t>();
  outcome.operation = static_cast<Operation>(what >> 4);
  outcome.answer = static_cast<Answer>(what & 15U);
  const auto reason = reader.get<std::uint8_t>();
  const auto key = reader.get<std::uint16_t>();
  outcome.reason = reader.take(reason);
  outcome.key = reader.take(key);
  if (!reader.is_whole() || what >> 4 > 1 || (what & 15U) < 1 || (what & 15U) > 3) return std::nullopt;
  bytes.remove_prefix(bytes.size() - reader.left());
  return outcome;
}

// Named by time first, so that the order of names is that of creation.
std::string log_name(std::uint64_t log_id) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%016llx.log", static_cast<unsigned long long>(log_id));
  return text.data();
}

std::vector<std::string> list_logs(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == kEnding) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<OutcomeLog> OutcomeLog::create(const std::string& folder, const crypto::ShortHashKey& salt, const Run& run, std::uint64_t least_id) {
  OutcomeLog log;
  std::string path;  // until it is locked and whole: whoever recovers would take it for a dead one
  for (log.id_ = std::max(static_cast<std::uint64_t>(base::to_micros(base::system_now())), least_id);; ++log.id_) {
    log.path_ = folder + "/" + log_name(log.id_);
    path = log.path_ + ".new";
    if (exists(log.path_) || exists(path)) continue;
    ASSIGN_OR_RETURN(log.file_, File::create(path));
    if (!exists(log.path_)) break;
    ::unlink(path.c_str());
  }
  log.run_ = run;
  std::string about;
  put(about, run.id);
  put(about, base::to_micros(run.at));
  put(about, run.normaliser);
  put_text(about, run.fields);
  const std::string bytes = header(kMagic, log.id_, salt) + frame(about, 0);
  const auto begin = [&]() -> Result<void> {
    ASSIGN_OR_RETURN([[maybe_unused]] const bool is_ours, log.file_.lock(true));
    RETURN_IF_ERROR(log.file_.write(0, bytes));
    RETURN_IF_ERROR(log.file_.sync());
    if (std::rename(path.c_str(), log.path_.c_str()) != 0) return failed("naming the log of a run");
    return sync_folder(folder);
  };
  if (auto begun = begin(); !begun.ok()) {
    ::unlink(path.c_str());
    ::unlink(log.path_.c_str());
    return begun.error();
  }
  log.start_ = log.size_ = log.durable_ = bytes.size();
  return log;
}

Result<std::optional<OutcomeLog>> OutcomeLog::reopen(const std::string& path, const crypto::ShortHashKey& salt) {
  std::optional<OutcomeLog> none;
  OutcomeLog log;
  log.path_ = path;
  ASSIGN_OR_RETURN(log.file_, File::open(path));
  ASSIGN_OR_RETURN(const bool is_ours, log.file_.lock(false));
  if (!is_ours) return busy();
  ASSIGN_OR_RETURN(const std::uint64_t end, log.file_.size());
  const std::string stem = std::filesystem::path(path).stem().string();
  log.id_ = std::strtoull(stem.c_str(), nullptr, 16);
  std::string head(std::min<std::uint64_t>(kHeaderBytes, end), '\0');
  RETURN_IF_ERROR(log.file_.read(0, head));
  ASSIGN_OR_RETURN(const auto about, read_frame(log.file_, kHeaderBytes, end));
  const auto checked = check_header(head, kMagic, log.id_, salt, log_name(log.id_));
  if (!about || !checked.ok()) {
    ASSIGN_OR_RETURN(const bool held_outcomes, was_durable(log.file_, kHeaderBytes, end));
    if (held_outcomes) return damaged("the beginning of " + log_name(log.id_) + " was changed, or it is another ledger's");
    return none;
  }
  Reader reader(about->bytes);
  log.run_.id = reader.get<base::Uuid>();
  log.run_.at = base::from_micros(reader.get<std::int64_t>());
  log.run_.normaliser = reader.get<std::uint32_t>();
  log.run_.fields = reader.text();
  log.start_ = kHeaderBytes + kFrameHead + about->bytes.size();
  for (log.size_ = log.start_; log.size_ < end;) {
    ASSIGN_OR_RETURN(const auto whole, read_frame(log.file_, log.size_, end));
    if (!whole) {
      ASSIGN_OR_RETURN(const bool is_damage, was_durable(log.file_, log.size_, end));
      if (is_damage) return damaged("a part of " + log_name(log.id_) + " was changed");
      break;
    }
    log.size_ += kFrameHead + whole->bytes.size();
    std::string_view bytes = whole->bytes;
    while (take_outcome(bytes)) ++log.count_;
  }
  return std::optional(std::move(log));
}

Result<void> OutcomeLog::flush() {
  if (pending_.empty()) return {};
  const std::string bytes = frame(pending_, durable_);
  if (auto written = file_.write(size_, bytes); !written.ok()) {
    is_broken_ = true;
    static_cast<void>(file_.truncate(size_));  // a torn frame would be left out anyway
    return written;
  }
  size_ += bytes.size();
  has_news_ = true;
  pending_.clear();
  return {};
}

Result<void> OutcomeLog::add(const LoggedOutcome& outcome) {
  if (is_broken_) return cut_short();
  put_outcome(pending_, outcome);
  ++count_;
  if (pending_.size() >= kFrameBytes) return flush();
  return {};
}

Result<void> OutcomeLog::checkpoint() {
  if (is_broken_) return cut_short();
  RETURN_IF_ERROR(flush());
  if (auto synced = file_.sync(); !synced.ok()) {
    is_broken_ = true;  // the system forgets what it could not write, and would not say so again
    return synced;
  }
  durable_ = size_;
  if (!std::exchange(has_news_, false)) return {};
  // Says so to whoever reads after a crash. Itself not durable: losing it loses only that word.
  const std::string word = frame({}, durable_);
  if (file_.write(size_, word).ok()) size_ += word.size();
  return {};
}

Result<void> OutcomeLog::read(const std::function<Result<void>(const LoggedOutcome&, std::string_view)>& on_outcome) const {
  for (std::uint64_t offset = start_; offset < size_;) {
    ASSIGN_OR_RETURN(const auto whole, read_frame(file_, offset, size_));
    if (!whole) return damaged("a part of " + log_name(id_) + " was changed");
    std::string_view bytes = whole->bytes;
    while (!bytes.empty()) {
      const std::string_view before = bytes;
      const auto outcome = take_outcome(bytes);
      if (!outcome) return damaged("a part of " + log_name(id_) + " cannot be read");
      RETURN_IF_ERROR(on_outcome(*outcome, before.substr(0, before.size() - bytes.size())));
    }
    offset += kFrameHead + whole->bytes.size();
  }
  return {};
}

}  // namespace sluice::ledger
