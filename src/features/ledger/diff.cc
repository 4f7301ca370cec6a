// Today's rows against the ledger: two sorted sequences, one pass.
#include <utility>

#include "features/ledger/impl.h"

namespace sluice::ledger {

using base::Result;

Rows::Rows(const Ledger& ledger)
    : state_(std::make_unique<Impl>(Impl{ledger.state_->manifest.salt, Spill(ledger.state_->options.folder)})) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

Result<void> Rows::add(std::string_view key, std::uint64_t payload, std::int64_t row) {
  const Row one{hash_of(state_->salt, key), payload, row};
  return state_->spill.append(one.hash, {reinterpret_cast<const char*>(&one), sizeof one});
}

Result<std::int64_t> Rows::Impl::load(std::size_t part, std::vector<Row>& rows, std::vector<Row>& scratch) const {
  // A part is small unless one key has a great many rows; those are dropped before they fill the memory.
  std::size_t most = std::size_t{1} << 20;
  std::int64_t dropped = 0;
  rows.clear();
  RETURN_IF_ERROR(spill.read(part, [&](std::string_view chunk) {
    const std::size_t before = rows.size();
    rows.resize(before + chunk.size() / sizeof(Row));
    std::memcpy(rows.data() + before, chunk.data(), chunk.size());
    if (rows.size() < most) return;
    sort_rows(rows, scratch);
    dropped += drop_duplicates(rows);
    most = std::max(most, 2 * rows.size());
  }));
  sort_rows(rows, scratch);
  return dropped + drop_duplicates(rows);
}

namespace {

using OnChange = std::function<Result<void>(const Change&)>;

class Differ {
 public:
  Differ(View& view, const OnChange& on_change, bool tells_unchanged)
      : view_(view), on_change_(on_change), tells_unchanged_(tells_unchanged) {}

  // The many that did not change; false: row() has to look.
  bool is_same(const Row& row) {
    const Record* record = view_.at();
    if (tells_unchanged_ || record == nullptr || record->hash != row.hash || record->payload != row.payload ||
        state_of(*record) != State::acknowledged)
      return false;
    ++counts_.rows;
    ++counts_.unchanged;
    if (is_held(*record)) ++counts_.held;
    view_.advance();
    return true;
  }

  Result<void> row(const Row& row) {
    while (view_.at() != nullptr && view_.at()->hash < row.hash) RETURN_IF_ERROR(gone());
    ++counts_.rows;
    if (view_.at() == nullptr || view_.at()->hash != row.hash) return tell({.payload = row.payload, .row = row.number}, counts_.added);
    const Record& record = *view_.at();
    if (is_held(record)) ++counts_.held;
    Result<void> told;
    if (state_of(record) == State::acknowledged && record.payload == row.payload && !tells_unchanged_)
      ++counts_.unchanged;
    else
      told = matched(record, row);
    view_.advance();
    return told;
  }

  Result<DiffCounts> finish() {
    while (view_.at() != nullptr) RETURN_IF_ERROR(gone());
    RETURN_IF_ERROR(view_.status());
    return counts_;
  }

  DiffCounts& counts() { return counts_; }

 private:
  Result<void> tell(const Change& change, std::int64_t& count) {
    ++count;
    return on_change_(change);
  }

  Result<void> matched(const Record& record, const Row& row) {
    const Entry before = entry_of(record);
    Change change{.payload = row.payload, .row = row.number, .before = &before};
    switch (before.state) {
      case State::acknowledged:
        if (record.payload == row.payload) {
          change.kind = Change::Kind::unchanged;
          return tell(change, counts_.unchanged);
        }
        change.kind = Change::Kind::changed;
        return tell(change, counts_.changed);
      case State::rejected:
      case State::unknown:
        change.kind = Change::Kind::owed;
        return tell(change, counts_.owed);
      case State::removed:
        change.kind = Change::Kind::added;
        return tell(change, counts_.added);
    }
    return damaged("a record has no state");
  }

  Result<void> gone() {
    const Record& record = *view_.at();
    Result<void> told;
    if (state_of(record) != State::removed) {
      const bool held = is_held(record);
      if (held) ++counts_.held;
      ASSIGN_OR_RETURN(const std::string_view key, view_.key());
      const Entry before = entry_of(record);
      told = tell({.kind = held ? Change::Kind::removed : Change::Kind::vanished, .payload = record.payload, .key = key, .before = &before},
                  held ? counts_.removed : counts_.vanished);
    }
    view_.advance();
    return told;
  }

  View& view_;
  const OnChange& on_change_;
  bool tells_unchanged_;
  DiffCounts counts_;
};

}  // namespace

Result<DiffCounts> Ledger::diff(const Rows& rows, const OnChange& on_change, bool tells_unchanged) const {
  if (rows.state_->salt != state_->manifest.salt) {
    return base::Error{
        .code = base::Code::internal, .reason = "ledger.changed_meanwhile", .detail = "The rows were hashed for another ledger."};
  }
  View view(state_->segments);
  Differ differ(view, on_change, tells_unchanged);
  std::vector<Row> part;
  std::vector<Row> scratch;
  for (std::size_t i = 0; i < Spill::kParts; ++i) {
    ASSIGN_OR_RETURN(const std::int64_t dropped, rows.state_->load(i, part, scratch));
    differ.counts().duplicates += dropped;
    for (const Row& row : part) {
      if (!differ.is_same(row)) RETURN_IF_ERROR(differ.row(row));
    }
    // A fault of the ledger would make every further row look new.
    if (view.at() == nullptr) RETURN_IF_ERROR(view.status());
  }
  return differ.finish();
}

}  // namespace sluice::ledger
