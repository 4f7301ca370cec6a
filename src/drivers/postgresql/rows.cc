#include "drivers/postgresql/rows.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "drivers/postgresql/failure.h"
#include "drivers/postgresql/opening.h"
#include "drivers/postgresql/postgresql.h"

namespace sluice::drivers::postgresql {

using base::Error;
using base::Result;

namespace {

// Of one transaction: the first is small, so that it ends in time on a slow server too, and they grow while they are quick. A stop or a
// break-off undoes one at most.
constexpr std::size_t kFirstRows = 5'000;
constexpr std::size_t kMostRows = 50'000;
constexpr std::size_t kFewestRows = 500;
constexpr auto kQuickTransaction = std::chrono::seconds(2);
constexpr std::size_t kMostBytes = 32U << 20;
constexpr std::size_t kCopyBytes = 256U << 10;
constexpr auto kLongTransaction = std::chrono::seconds(10);
// A search costs some four statements an attempt. One bad row in a whole transaction needs 32; when thousands are bad, who they are by name
// is worth less than the time.
constexpr std::size_t kMostAttemptsOfOne = 2'000;
constexpr std::size_t kMostAttempts = 20'000;
constexpr int kMostTries = 4;  // of a transaction that met another one

}  // namespace

Rows::Rows(std::unique_ptr<Wire> wire, Table table, bool compare, RowEvents events)
    : wire_(std::move(wire)), table_(std::move(table)), compare_(compare), events_(std::move(events)), most_rows_(kFirstRows) {
  all_columns_.resize(table_.columns.size());
  std::iota(all_columns_.begin(), all_columns_.end(), std::size_t{0});
}

Result<void> Rows::take(std::shared_ptr<const RowBlock> rows, Work work) {
  if (work != work_) {
    RETURN_IF_ERROR(deliver());
    RETURN_IF_ERROR(stage(work));
    work_ = work;
  }
  parcel_.add(std::move(rows));
  if (parcel_.rows.size() < most_rows_ && parcel_.bytes < kMostBytes) return {};
  return deliver();
}

Result<void> Rows::flush() { return deliver(); }

// The temporary table for it, once.
Result<void> Rows::stage(Work work) {
  bool& staged = work == Work::remove ? staged_keys_ : staged_rows_;
  if (staged) return {};
  ASSIGN_OR_RETURN(const Reply made, wire_->run(stage_statement(table_, work == Work::remove), "making a temporary table"));
  if (made.refusal) return refused(*made.refusal, "make a temporary table like " + table_.full_name());
  staged = true;
  return {};
}

Result<void> Rows::deliver() {
  RETURN_IF_ERROR(reject_nameless());
  for (std::size_t begin = 0; begin < parcel_.rows.size();) {
    const std::size_t end = std::min(parcel_.rows.size(), begin + most_rows_);
    const auto start = std::chrono::steady_clock::now();
    RETURN_IF_ERROR(deliver_part({begin, end}));
    const auto took = std::chrono::steady_clock::now() - start;
    if (took > kLongTransaction) most_rows_ = std::max(kFewestRows, most_rows_ / 2);
    if (took < kQuickTransaction && end - begin == most_rows_) most_rows_ = std::min(kMostRows, most_rows_ * 2);
    begin = end;
  }
  parcel_.clear();
  return {};
}

// A row without its key would be there once more after every run.
Result<void> Rows::reject_nameless() {
  std::vector<Parcel::Row> named, nameless;
  for (const Parcel::Row& row : parcel_.rows) {
    const bool lacks = std::any_of(table_.identifies.begin(), table_.identifies.end(),
                                   [&](std::size_t column) { return row.block->cell(row.row, column).null; });
    (lacks ? nameless : named).push_back(row);
  }
  if (nameless.empty()) return {};
  parcel_.rows = std::move(nameless);
  RETURN_IF_ERROR(answer_alike({0, parcel_.rows.size()}, RowState::rejected, "pg.no_identifier",
                               "The row has no value in a column that identifies it."));
  parcel_.rows = std::move(named);
  return {};
}

// Rights were looked at when the session was opened: what is forbidden now is forbidden to this row, by row security.
bool Rows::blames(const Refusal& refusal) const {
  return blames_rows(refusal) || (work_ == Work::upsert && !refusal.fatal && refusal.state == "42501");
}

Result<void> Rows::deliver_part(Part part) {
  for (int tries = 1;; ++tries) {
    RETURN_IF_ERROR(wire_->must_run("BEGIN", doing()));
    ASSIGN_OR_RETURN(Reply sent, send(part));
    if (!sent.refusal) {
      ASSIGN_OR_RETURN(const auto refusal, commit(part));
      if (!refusal) return answer(part, {});
      sent.refusal = refusal;  // a deferred constraint; COMMIT has undone everything
    } else {
      RETURN_IF_ERROR(wire_->must_run("ROLLBACK", doing()));
    }
    if (passes(*sent.refusal) && tries < kMostTries) continue;
    if (blames(*sent.refusal)) return search(part, *sent.refusal);
    return refused(*sent.refusal, work_ == Work::remove ? "remove rows" : "take rows");
  }
}

// Into the temporary table and from there to the target, inside the transaction that is open.
Result<Reply> Rows::send(Part part) {
  const bool keys = work_ == Work::remove;
  const std::vector<std::size_t>& columns = keys ? table_.identifies : all_columns_;
  const std::int64_t before = wire_->sent_bytes();
  std::size_t next = part.begin;
  auto copied = wire_->copy(copy_statement(table_, keys), [&](std::string& text) {
    while (next < part.end && text.size() < kCopyBytes) append_row(text, parcel_.rows[next++], columns);
    return next < part.end;
  });
  if (events_.sent) events_.sent(wire_->sent_bytes() - before);
  if (!copied.ok() || copied->refusal) return copied;
  return wire_->run(keys ? remove_statement(table_) : upsert_statement(table_, compare_), doing());
}

// Nothing when the rows are there. Without an answer nobody knows whether they are.
Result<std::optional<Refusal>> Rows::commit(Part part) {
  auto reply = wire_->run("COMMIT", doing());
  if (reply.ok()) return reply->refusal;
  RETURN_IF_ERROR(answer_alike(part, RowState::unknown, "pg.no_answer", "The connection ended before the server confirmed the row."));
  return std::move(reply).error();
}

// Halves what was refused until the rows to blame are alone, in one transaction with a savepoint for each attempt.
Result<void> Rows::search(Part part, const Refusal& first) {
  // Deferred constraints must speak up at once here.
  RETURN_IF_ERROR(wire_->must_run("BEGIN; SET CONSTRAINTS ALL IMMEDIATE", doing()));
  std::vector<Refused> bad;
  std::vector<std::pair<Part, Refusal>> open = {{part, first}};
  std::size_t attempts = 0;
  const auto attempt = [&](Part half) -> Result<void> {
    ++attempts;
    RETURN_IF_ERROR(wire_->must_run("SAVEPOINT sluice_part", doing()));
    ASSIGN_OR_RETURN(const Reply sent, send(half));
    if (!sent.refusal) {
      // ON COMMIT has not emptied it yet, and the next part must not find these rows again.
      RETURN_IF_ERROR(wire_->must_run(
          "TRUNCATE pg_temp." + std::string(work_ == Work::remove ? "sluice_keys" : "sluice_rows") + "; RELEASE sluice_part", doing()));
      return {};
    }
    RETURN_IF_ERROR(wire_->must_run("ROLLBACK TO sluice_part; RELEASE sluice_part", doing()));
    if (!blames(*sent.refusal)) return refused(*sent.refusal, work_ == Work::remove ? "remove rows" : "take rows");
    open.emplace_back(half, *sent.refusal);
    return {};
  };
  while (!open.empty()) {
    const auto [now, refusal] = std::move(open.back());
    open.pop_back();
    const bool alone = now.end - now.begin == 1;
    if (alone || attempts >= kMostAttemptsOfOne || attempts_ + attempts >= kMostAttempts) {
      bad.push_back({now, refusal, alone});
      continue;
    }
    const std::size_t middle = now.begin + (now.end - now.begin) / 2;
    RETURN_IF_ERROR(attempt({now.begin, middle}));
    RETURN_IF_ERROR(attempt({middle, now.end}));
  }
  attempts_ += attempts;
  ASSIGN_OR_RETURN(const auto refusal, commit(part));
  if (refusal) return refused(*refusal, "keep the rows");
  return answer(part, bad);
}

Result<void> Rows::answer(Part part, const std::vector<Refused>& refused) {
  std::vector<Refused> sorted = refused;
  std::sort(sorted.begin(), sorted.end(), [](const Refused& a, const Refused& b) { return a.part.begin < b.part.begin; });
  std::size_t begin = part.begin;
  for (const Refused& one : sorted) {
    RETURN_IF_ERROR(answer_alike({begin, one.part.begin}, RowState::acknowledged, {}, {}));
    std::vector<base::Cell> cells;
    const Parcel::Row& row = parcel_.rows[one.part.begin];
    for (std::size_t i = 0; i < row.block->columns(); ++i) cells.push_back(row.block->cell(row.row, i));
    std::string words = words_about_row(one.refusal, cells);
    if (!one.alone) {
      // These words may be about any of them, and quote it.
      words = "One of " + std::to_string(one.part.end - one.part.begin) +
              " rows sent together was refused. So many rows are refused that the search for the bad ones was given up.";
      if (!warned_ && events_.warned) events_.warned("pg.many_refused", words);
      warned_ = true;
    }
    RETURN_IF_ERROR(answer_alike(one.part, RowState::rejected, reason_of(one.refusal), words));
    begin = one.part.end;
  }
  return answer_alike({begin, part.end}, RowState::acknowledged, {}, {});
}

Result<void> Rows::answer_alike(Part part, RowState state, std::string_view reason, std::string_view detail) {
  if (part.begin == part.end) return {};
  std::vector<RowAnswer> answers;
  answers.reserve(part.end - part.begin);
  for (std::size_t i = part.begin; i < part.end; ++i)
    answers.push_back({.block = parcel_.rows[i].block, .row = parcel_.rows[i].row, .state = state, .reason = reason, .detail = detail});
  return events_.answered(answers);
}

Result<std::unique_ptr<RowSession>> open_rows(const Context& context, const Target& target, const RowsPlan& plan, RowEvents events) {
  Opening opening(context, target);
  ASSIGN_OR_RETURN(Table table, table_of(plan, opening.schema()));
  if (table.identifies.empty())
    return Error{.code = base::Code::invalid,
                 .reason = "service.refused",
                 .detail = "No mapped column says which row is meant. Choose the identifier of the export."};
  RETURN_IF_ERROR(opening.open());
  const bool* create = plan.settings.get("create_table").as_bool();
  RETURN_IF_ERROR(prepare(opening.wire(), table, plan.columns, create != nullptr && *create));
  // Statements refuse a wrong plan before the first row is sent: rights on columns, types that do not fit.
  const auto staged = opening.wire().run(stage_statement(table, false), "making a temporary table");
  if (!staged.ok()) return staged.error();
  if (staged->refusal) return refused(*staged->refusal, "make a temporary table like " + table.full_name());
  ASSIGN_OR_RETURN(const bool compare, can_compare(opening.wire(), table));
  auto rows = std::make_unique<Rows>(opening.take(), std::move(table), compare, std::move(events));
  rows->rows_are_staged();
  return std::unique_ptr<RowSession>(std::move(rows));
}

Result<std::string> preview_rows(const Target& target, const RowsPlan& plan, const RowBlock& rows) {
  constexpr std::size_t kMostShown = 64U << 10;
  const std::string_view schema = target.text("schema");
  ASSIGN_OR_RETURN(const Table table, table_of(plan, schema.empty() ? "public" : schema));
  std::vector<std::size_t> columns(plan.columns.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  std::string text = "BEGIN;\n" + stage_statement(table, false) + ";\n" + copy_statement(table, false) + ";\n";
  for (std::size_t row = 0; row < rows.size() && text.size() < kMostShown; ++row) append_row(text, {&rows, row}, columns);
  return text + "\\.\n" + upsert_statement(table, true) + ";\nCOMMIT;\n";
}

}  // namespace sluice::drivers::postgresql
