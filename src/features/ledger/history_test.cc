// Random histories against a model that is as plain as can be: a map of what each key met.
#include <random>

#include "features/ledger/testing.h"

namespace sluice::ledger {
namespace {

using testing_support::Folder;
using testing_support::Table;

struct Known {
  State state = State::unknown;
  Operation last = Operation::send;
  bool is_held = false;
  std::uint64_t payload = 0;
  int attempts = 0;
};
using Model = std::map<std::string, Known>;

void apply(Model& model, const std::string& key, std::uint64_t payload, Operation operation, Answer answer) {
  const auto found = model.find(key);
  const Known before = found == model.end() ? Known{.state = State::removed} : found->second;
  const bool sends = operation == Operation::send;
  Known after{.last = operation, .is_held = before.is_held, .payload = sends ? payload : before.payload, .attempts = 1};
  const bool was_owed = before.state == State::rejected || before.state == State::unknown;
  if (was_owed && before.last == operation && before.payload == after.payload) after.attempts = before.attempts + 1;
  if (answer == Answer::acknowledged) {
    after.state = sends ? State::acknowledged : State::removed;
    after.is_held = sends;
    if (!sends) after.payload = 0;
  } else {
    after.state = answer == Answer::rejected ? State::rejected : State::unknown;
    if (answer == Answer::unknown && sends) after.is_held = true;
  }
  model[key] = after;
}

std::string expected(const Model& model, const Table& table) {
  std::vector<std::string> lines;
  for (const auto& [key, payload] : table) {
    const auto found = model.find(key);
    if (found == model.end() || found->second.state == State::removed)
      lines.push_back(key + " added");
    else if (found->second.state != State::acknowledged)
      lines.push_back(key + " owed");
    else if (found->second.payload != payload)
      lines.push_back(key + " changed");
  }
  for (const auto& [key, known] : model) {
    if (!table.contains(key) && known.state != State::removed) lines.push_back(key + (known.is_held ? " removed" : " vanished"));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ",") + line;
  return text;
}

class HistoryTest : public testing_support::LedgerTest {
 protected:
  static void compare(const Ledger& ledger, const Model& model) {
    for (const auto& [key, known] : model) {
      const auto entry = find(ledger, key);
      ASSERT_TRUE(entry) << key;
      ASSERT_EQ(entry->state, known.state) << key;
      ASSERT_EQ(entry->last, known.last) << key;
      ASSERT_EQ(entry->is_held, known.is_held) << key;
      ASSERT_EQ(entry->payload, known.payload) << key;
      ASSERT_EQ(entry->attempts, known.attempts) << key;
    }
  }
};

TEST_F(HistoryTest, BEY_01_BEY_02_any_history_leaves_what_the_model_says) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 chance(seed);
    const Folder folder;
    const unsigned keys = 1 + chance() % 400;
    Model model;
    Table table;
    std::uint64_t generation = 0;
    for (int round = 0; round < 12; ++round) {
      Ledger ledger = open(folder);
      ASSERT_TRUE(ledger.recover().ok());
      for (unsigned i = chance() % keys + 1; i > 0; --i) {
        const std::string key = "key" + std::to_string(chance() % keys);
        if (chance() % 3 == 0)
          table.erase(key);
        else
          table[key] = chance() % 4;
      }
      ASSERT_EQ(diff(ledger, table).text, expected(model, table));
      Writer writer = writer_of(ledger, run_at(round + 1));
      for (unsigned i = chance() % (2 * keys); i > 0; --i) {
        const std::string key = "key" + std::to_string(chance() % keys);
        const auto row = table.find(key);
        const Operation operation = row == table.end() ? Operation::remove : Operation::send;
        const Answer answer = static_cast<Answer>(1 + chance() % 3);
        const std::uint64_t payload = row == table.end() ? 0 : row->second;
        ASSERT_TRUE(writer.add({.key = key, .payload = payload, .operation = operation, .answer = answer}).ok());
        apply(model, key, payload, operation, answer);
        if (chance() % 50 == 0) {
          ASSERT_TRUE(writer.checkpoint().ok());
        }
      }
      if (chance() % 3 == 0) {
        ASSERT_TRUE(writer.checkpoint().ok());  // and dies here; the next round takes it up
        continue;
      }
      commit(ledger, writer);
      ASSERT_GT(ledger.generation(), generation);
      generation = ledger.generation();
      if (round % 4 == 0) compare(ledger, model);
    }
    Ledger ledger = open(folder);
    ASSERT_TRUE(ledger.recover().ok());
    compare(ledger, model);
    const auto verdict = ledger.verify();
    ASSERT_TRUE(verdict.ok());
    ASSERT_EQ(verdict->fault, std::nullopt);
  }
}

// Large enough for several segments, blocks and spilled parts.
TEST_F(HistoryTest, BEY_06_a_large_ledger_with_small_runs_keeps_few_segments_and_the_truth) {
  constexpr std::uint64_t kKeys = 300'000;
  const auto key_of = [](std::uint64_t i) { return "customer-" + std::to_string(i); };
  Ledger ledger = open();
  std::vector<std::uint64_t> payloads(kKeys, 1);
  std::vector<bool> is_there(kKeys, true);
  Writer first = writer_of(ledger, run_at(1));
  for (std::uint64_t i = 0; i < kKeys; ++i) add(first, key_of(i), 1, Answer::acknowledged);
  commit(ledger, first);
  std::mt19937 chance(3);
  std::size_t most_files = 0;
  for (int round = 2; round < 12; ++round) {
    std::map<std::uint64_t, std::uint64_t> touched;
    for (int i = 0; i < 9'000; ++i) {
      const std::uint64_t one = chance() % kKeys;
      touched[one] = payloads[one];
      payloads[one] = chance() % 100;
      is_there[one] = chance() % 10 != 0;
    }
    Rows rows(ledger);
    for (std::uint64_t i = 0; i < kKeys; ++i) {
      if (is_there[i]) ASSERT_TRUE(rows.add(key_of(i), payloads[i], static_cast<std::int64_t>(i + 1)).ok());
    }
    Writer writer = writer_of(ledger, run_at(round));
    const auto counts = ledger.diff(rows, [&](const Change& change) -> base::Result<void> {
      const bool is_removal = change.kind == Change::Kind::removed;
      const std::uint64_t i = is_removal ? std::stoull(std::string(change.key.substr(9))) : static_cast<std::uint64_t>(change.row - 1);
      EXPECT_TRUE(touched.contains(i)) << i;
      return writer.add({.key = key_of(i),
                         .payload = change.payload,
                         .operation = is_removal ? Operation::remove : Operation::send,
                         .answer = Answer::acknowledged});
    });
    ASSERT_TRUE(counts.ok());
    EXPECT_EQ(counts->vanished + counts->owed + counts->duplicates, 0);
    commit(ledger, writer);
    most_files = std::max(most_files, ledger.files().size());
    const auto again = ledger.diff(rows, [](const Change&) -> base::Result<void> {
      ADD_FAILURE() << "something is left to do";
      return {};
    });
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->rows, std::count(is_there.begin(), is_there.end(), true));
    EXPECT_EQ(again->held, again->rows);
  }
  EXPECT_GT(most_files, 3U);
  EXPECT_LE(most_files, 9U);
  EXPECT_EQ(ledger.verify()->fault, std::nullopt);
}

}  // namespace
}  // namespace sluice::ledger
