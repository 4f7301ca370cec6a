// Outcomes into a new generation: sorted, folded onto what was known, written as a segment together with the smaller ones before.
#include <unistd.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "features/ledger/impl.h"

namespace sluice::ledger {

using base::Result;

namespace {

// Segments of at most this many records are always joined; larger ones when what comes after has grown to a quarter of them.
// So a key is written again some log4(n) times in its life, and there are never more than about ten segments.
constexpr std::uint64_t kSmallSegment = 1 << 16;
constexpr std::uint64_t kGrowth = 4;

std::size_t first_to_join(const std::vector<SegmentInfo>& segments, std::uint64_t outcomes) {
  std::size_t first = segments.size();
  while (first > 0 && segments[first - 1].records <= std::max(kSmallSegment, kGrowth * outcomes)) outcomes += segments[--first].records;
  return first;
}

class Reasons {
 public:
  explicit Reasons(std::vector<std::string>& list) : list_(list) {
    for (std::size_t i = 0; i < list.size(); ++i) numbers_.emplace(list[i], static_cast<std::uint8_t>(i + 1));
  }
  std::uint8_t number(std::string_view text) {
    if (text.empty()) return 0;
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    if (list_.size() + 1 >= kManyReasons) return kManyReasons;
    list_.emplace_back(text);
    return numbers_.emplace(text, static_cast<std::uint8_t>(list_.size())).first->second;
  }

 private:
  std::vector<std::string>& list_;
  std::map<std::string, std::uint8_t, std::less<>> numbers_;
};

// The record of a key after one more outcome.
Record fold(const std::optional<Record>& before, const LoggedOutcome& outcome, std::uint32_t run, std::uint8_t reason) {
  const bool was_held = before && is_held(*before);
  const bool is_send = outcome.operation == Operation::send;
  const std::uint64_t known_payload = before ? before->payload : 0;
  Record after{.hash = outcome.hash, .payload = is_send ? outcome.payload : known_payload, .run = run, .reason = reason};
  const bool is_again = before && (state_of(*before) == State::rejected || state_of(*before) == State::unknown) &&
                        last_of(*before) == outcome.operation && before->payload == after.payload;
  after.attempts = static_cast<std::uint16_t>(is_again ? std::min(before->attempts + 1, 0xFFFF) : 1);
  switch (outcome.answer) {
    case Answer::acknowledged:
      if (is_send) {
        after.state = pack(State::acknowledged, true, Operation::send);
      } else {
        after.state = pack(State::removed, false, Operation::remove);
        after.payload = 0;
      }
      break;
    case Answer::rejected:
      after.state = pack(State::rejected, was_held, outcome.operation);
      break;
    // A send without an answer may have arrived, so a removal must follow when the row goes.
    case Answer::unknown:
      after.state = pack(State::unknown, was_held || is_send, outcome.operation);
      break;
  }
  return after;
}

// The outcomes of a part by key, those of one key in the order they came.
class SortedOutcomes {
 public:
  Result<void> load(const Spill& spill, std::size_t part) {
    bytes_.clear();
    items_.clear();
    next_ = 0;
    RETURN_IF_ERROR(spill.read(part, [&](std::string_view chunk) { bytes_ += chunk; }));
    std::string_view rest = bytes_;
    while (!rest.empty()) {
      const std::size_t at = bytes_.size() - rest.size();
      const auto outcome = take_outcome(rest);
      if (!outcome) return damaged("a temporary file was changed");
      items_.push_back({outcome->hash, at});
    }
    std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return std::tie(a.hash, a.at) < std::tie(b.hash, b.at); });
    return {};
  }
  const KeyHash* hash() const { return next_ < items_.size() ? &items_[next_].hash : nullptr; }
  LoggedOutcome take() {
    std::string_view rest = std::string_view(bytes_).substr(items_[next_++].at);
    return *take_outcome(rest);
  }

 private:
  struct Item {
    KeyHash hash;
    std::size_t at = 0;
  };
  std::string bytes_;
  std::vector<Item> items_;
  std::size_t next_ = 0;
};

class Merge {
 public:
  Merge(const std::vector<Segment>& segments, Manifest& next, std::uint32_t run, base::Timestamp forget_before, std::size_t join_from)
      : view_(segments), next_(next), reasons_(next.reasons), run_(run), forget_before_(forget_before), join_from_(join_from) {}

  Result<void> write(const Spill& outcomes, SegmentWriter& out) {
    for (std::size_t part = 0; part < Spill::kParts; ++part) {
      RETURN_IF_ERROR(sorted_.load(outcomes, part));
      while (sorted_.hash() != nullptr) {
        const KeyHash hash = *sorted_.hash();
        while (view_.at() != nullptr && view_.at()->hash < hash) {
          if (!leave()) RETURN_IF_ERROR(keep(out));
        }
        RETURN_IF_ERROR(update(hash, out));
      }
    }
    while (view_.at() != nullptr) {
      if (!leave()) RETURN_IF_ERROR(keep(out));
    }
    return view_.status();
  }
  std::int64_t held() const { return held_; }

 private:
  // A record that stays in its own segment; false: it is in one that is joined.
  bool leave() {
    if (view_.segment() >= join_from_) return false;
    if (is_held(*view_.at())) ++held_;
    view_.advance();
    return true;
  }

  Result<void> keep(SegmentWriter& out) {
    const Record& record = *view_.at();
    if (is_held(record)) ++held_;
    if (!is_forgotten(record)) {
      ASSIGN_OR_RETURN(const std::string_view key, view_.key());
      RETURN_IF_ERROR(out.add(record, key));
    }
    view_.advance();
    return {};
  }

  Result<void> update(const KeyHash& hash, SegmentWriter& out) {
    if (view_.at() == nullptr) RETURN_IF_ERROR(view_.status());
    std::optional<Record> record;
    if (view_.at() != nullptr && view_.at()->hash == hash) {
      record = *view_.at();
      view_.advance();
    }
    std::string_view key;
    while (sorted_.hash() != nullptr && *sorted_.hash() == hash) {
      const LoggedOutcome outcome = sorted_.take();
      record = fold(record, outcome, run_, reasons_.number(outcome.reason));
      key = outcome.key;
    }
    if (is_held(*record)) ++held_;
    return out.add(*record, key);
  }

  // Only when nothing older is left that the removal would have to hide.
  bool is_forgotten(const Record& record) const {
    return join_from_ == 0 && state_of(record) == State::removed && record.run > 0 && record.run <= next_.runs.size() &&
           next_.runs[record.run - 1].run.at < forget_before_;
  }

  View view_;
  SortedOutcomes sorted_;
  Manifest& next_;
  Reasons reasons_;
  std::uint32_t run_;
  base::Timestamp forget_before_;
  std::size_t join_from_;
  std::int64_t held_ = 0;
};

Result<void> spill_outcomes(const OutcomeLog& log, Spill& spill) {
  return log.read([&](const LoggedOutcome& outcome, std::string_view bytes) { return spill.append(outcome.hash, bytes); });
}

}  // namespace

Result<Committed> Ledger::Impl::commit(OutcomeLog& log, Join join) {
  const std::string& folder = options.folder;
  ASSIGN_OR_RETURN(const File lock, lock_folder(folder));
  ASSIGN_OR_RETURN(const Manifest now, read_manifest(folder));
  if (now.generation() != manifest.generation() || now.salt != manifest.salt) {
    return base::Error{.code = base::Code::stale,
                       .reason = "ledger.changed_meanwhile",
                       .detail = "Another run of this export has ended meanwhile. Run it again."};
  }
  sweep(folder, now);

  Manifest next = manifest;
  const std::size_t join_from = join == Join::everything ? 0 : first_to_join(next.segments, static_cast<std::uint64_t>(log.count()));
  const std::uint64_t generation = next.generation() + 1;
  std::int64_t held = 0;
  std::optional<Segment> joined;
  const auto write = [&]() -> Result<void> {
    Spill outcomes(folder);
    RETURN_IF_ERROR(spill_outcomes(log, outcomes));
    ASSIGN_OR_RETURN(SegmentWriter out, SegmentWriter::create(folder, generation, next.salt));
    Merge merge(segments, next, static_cast<std::uint32_t>(next.runs.size() + 1), log.run().at - options.keep_removed, join_from);
    RETURN_IF_ERROR(merge.write(outcomes, out));
    held = merge.held();
    ASSIGN_OR_RETURN(const SegmentInfo info, out.finish());
    next.segments.resize(join_from);
    if (info.records > 0) {
      next.segments.push_back(info);
      ASSIGN_OR_RETURN(joined, Segment::open(folder, info, next.salt));
    }
    next.rebaselined.clear();
    add_run(next, log.run(), log.id());
    RETURN_IF_ERROR(sync_folder(folder));  // the names of the files before the manifest that names them
    return write_manifest(folder, next);
  };
  if (auto written = write(); !written.ok()) {
    // The new manifest may be in place already, and only its folder not yet safe: then nothing may go.
    if (const auto found = read_manifest(folder); found.ok() && found->generation() == now.generation()) sweep(folder, now);
    return written.error();
  }
  // From here on it is done; what is left over, the next commit removes.
  ::unlink(log.path().c_str());
  segments.resize(join_from);
  if (joined) segments.push_back(*std::move(joined));
  manifest = std::move(next);
  sweep(folder, manifest);
  return Committed{manifest.generation(), base::hex(manifest.runs.back().head), held};
}

}  // namespace sluice::ledger
