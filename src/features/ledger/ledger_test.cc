#include "features/ledger/ledger.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "features/ledger/testing.h"

namespace sluice::ledger {
namespace {

namespace fs = std::filesystem;
using testing_support::Folder;
using testing_support::Table;
using Kind = Change::Kind;

class LedgerTest : public testing_support::LedgerTest {};

TEST_F(LedgerTest, BEY_01_each_delivery_leaves_payload_state_reason_attempts_and_its_run) {
  Ledger ledger = open();
  const ledger::Run run = run_at(1, "Email,Name", 7);
  Writer writer = writer_of(ledger, run);
  add(writer, "a", 11, Answer::acknowledged);
  add(writer, "b", 12, Answer::rejected, "http.422");
  add(writer, "c", 13, Answer::unknown, "timeout");
  const Committed committed = commit(ledger, writer);
  EXPECT_EQ(committed.generation, 1U);
  EXPECT_EQ(committed.held, 2);

  const Ledger read = open();
  const Entry a = *find(read, "a");
  EXPECT_EQ(a.state, State::acknowledged);
  EXPECT_TRUE(a.is_held);
  EXPECT_EQ(a.payload, 11U);
  EXPECT_EQ(a.attempts, 1);
  ASSERT_NE(read.run(a.run), nullptr);
  EXPECT_EQ(read.run(a.run)->id, run.id);
  EXPECT_EQ(read.run(a.run)->at, run.at);
  EXPECT_EQ(read.run(a.run)->fields, "Email,Name");
  EXPECT_EQ(read.run(a.run)->normaliser, 7U);
  const Entry b = *find(read, "b");
  EXPECT_EQ(b.state, State::rejected);
  EXPECT_FALSE(b.is_held);
  EXPECT_EQ(read.reason(b.reason), "http.422");
  EXPECT_EQ(find(read, "c")->state, State::unknown);
  EXPECT_EQ(find(read, "d"), std::nullopt);
  EXPECT_EQ(read.run(0), nullptr);
  EXPECT_EQ(read.run(2), nullptr);
}

TEST_F(LedgerTest, BEY_02_an_incremental_run_finds_what_is_new_changed_owed_and_gone) {
  Ledger ledger = open();
  deliver(ledger, {{"same", 1}, {"changed", 1}, {"gone", 1}, {"refused", 1}, {"silent", 1}},
          {{"refused", Answer::rejected}, {"silent", Answer::unknown}});
  const auto found = diff(ledger, {{"same", 1}, {"changed", 2}, {"refused", 1}, {"silent", 1}, {"new", 1}});
  EXPECT_EQ(found.text, "changed changed,gone removed,new added,refused owed,silent owed");
  EXPECT_EQ(found.counts.rows, 5);
  EXPECT_EQ(found.counts.unchanged, 1);
  EXPECT_EQ(found.counts.held, 4);
}

TEST_F(LedgerTest, BEY_16_what_did_not_change_is_told_when_asked_for_with_the_run_that_sent_it) {
  Ledger ledger = open();
  deliver(ledger, {{"same", 1}, {"changed", 1}}, {});
  Rows rows(ledger);
  ASSERT_TRUE(rows.add("same", 1, 1).ok());
  ASSERT_TRUE(rows.add("changed", 2, 2).ok());
  std::string heard;
  const auto counts = ledger.diff(
      rows,
      [&](const Change& change) -> base::Result<void> {
        heard += std::string(testing_support::name_of(change.kind)) + " ";
        EXPECT_EQ(ledger.run(change.before->run)->id, run_at(1).id);
        return {};
      },
      true);
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->unchanged, 1);
  EXPECT_EQ(counts->changed, 1);
  EXPECT_NE(heard.find("unchanged "), std::string::npos);
}

TEST_F(LedgerTest, BEY_02_a_row_that_was_refused_tells_how_often_and_whether_it_changed) {
  Ledger ledger = open();
  for (int i = 0; i < 3; ++i) deliver(ledger, {{"a", 5}}, {{"a", Answer::rejected}});
  EXPECT_EQ(find(ledger, "a")->attempts, 3);
  Rows rows(ledger);
  ASSERT_TRUE(rows.add("a", 6, 1).ok());
  const auto counts = ledger.diff(rows, [](const Change& change) -> base::Result<void> {
    EXPECT_EQ(change.kind, Kind::owed);
    EXPECT_NE(change.payload, change.before->payload);
    return {};
  });
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->owed, 1);
  deliver(ledger, {{"a", 6}}, {{"a", Answer::rejected}});
  EXPECT_EQ(find(ledger, "a")->attempts, 1);
}

TEST_F(LedgerTest, C_092_a_row_that_failed_does_not_count_as_sent_BEY_02) {
  Ledger ledger = open();
  deliver(ledger, {{"a", 1}, {"b", 1}}, {{"a", Answer::rejected}, {"b", Answer::unknown}});
  EXPECT_EQ(diff(ledger, {{"a", 1}, {"b", 1}}).text, "a owed,b owed");
  deliver(ledger, {{"a", 1}, {"b", 1}}, {});
  EXPECT_EQ(diff(ledger, {{"a", 1}, {"b", 1}}).text, "");
}

TEST_F(LedgerTest, C_096_only_what_we_sent_is_removed_and_the_first_run_removes_nothing_BEY_02) {
  Ledger ledger = open();
  EXPECT_EQ(diff(ledger, {}).text, "");
  deliver(ledger, {{"sent", 1}, {"refused", 1}, {"silent", 1}}, {{"refused", Answer::rejected}, {"silent", Answer::unknown}});
  const auto found = diff(ledger, {});
  EXPECT_EQ(found.text, "refused vanished,sent removed,silent removed");
  // An update that was refused leaves the older value there, so the removal is still ours to make.
  deliver(ledger, {{"sent", 2}}, {{"sent", Answer::rejected}});
  EXPECT_EQ(diff(ledger, {{"refused", 1}, {"silent", 1}}).text, "refused owed,sent removed,silent owed");
}

TEST_F(LedgerTest, C_096_a_lost_or_damaged_ledger_begins_anew_with_a_warning_and_removes_nothing_BEY_02) {
  {
    Ledger ledger = open();
    deliver(ledger, {{"a", 1}, {"b", 1}}, {});
    deliver(ledger, {{"a", 2}}, {});
  }
  fs::remove(folder_.path + "/manifest");
  const auto damaged = Ledger::open({.folder = folder_.path, .at_least = 2});
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().reason, "ledger.damaged");
  EXPECT_NE(damaged.error().detail.find("manifest is missing"), std::string::npos);
  auto anew = Ledger::rebaseline({.folder = folder_.path, .at_least = 2}, "its manifest is missing");
  ASSERT_TRUE(anew.ok());
  EXPECT_EQ(anew->rebaselined(), "its manifest is missing");
  EXPECT_EQ(anew->generation(), 2U);
  EXPECT_EQ(diff(*anew, {{"a", 2}}).text, "a added");
  EXPECT_TRUE(fs::exists(folder_.path + ".damaged-1"));
  deliver(*anew, {{"a", 2}}, {});
  EXPECT_EQ(anew->generation(), 3U);
  EXPECT_EQ(anew->rebaselined(), "");
  EXPECT_EQ(diff(*anew, {{"a", 2}}).text, "");
  ASSERT_TRUE(Ledger::open({.folder = folder_.path, .at_least = 3}).ok());
}

TEST_F(LedgerTest, C_096_a_ledger_that_is_gone_or_older_than_our_database_remembers_is_damaged) {
  const auto lost = Ledger::open({.folder = folder_.path, .at_least = 1});
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().reason, "ledger.damaged");
  Ledger ledger = open();
  deliver(ledger, {{"a", 1}}, {});
  EXPECT_TRUE(Ledger::open({.folder = folder_.path, .at_least = 1}).ok());
  const auto older = Ledger::open({.folder = folder_.path, .at_least = 2});
  ASSERT_FALSE(older.ok());
  EXPECT_NE(older.error().detail.find("backup"), std::string::npos);
}

TEST_F(LedgerTest, C_099_added_removed_with_a_failure_and_added_again_the_member_is_there_at_the_end) {
  for (const Answer failure : {Answer::rejected, Answer::unknown}) {
    const Folder folder;
    Ledger ledger = open(folder);
    deliver(ledger, {{"a", 1}}, {});
    EXPECT_EQ(diff(ledger, {}).text, "a removed");
    remove(ledger, "a", failure);
    // Gone still: the removal is owed. Back again: it must be sent, whatever became of the removal.
    EXPECT_EQ(diff(ledger, {}).text, "a removed");
    EXPECT_EQ(diff(ledger, {{"a", 1}}).text, "a owed");
    deliver(ledger, {{"a", 1}}, {});
    EXPECT_EQ(find(ledger, "a")->state, State::acknowledged);
    EXPECT_EQ(diff(ledger, {{"a", 1}}).text, "");
  }
}

TEST_F(LedgerTest, C_099_a_removed_member_that_comes_back_is_new_and_its_key_was_not_kept) {
  Ledger ledger = open();
  deliver(ledger, {{"customer-4711", 1}, {"other", 1}}, {});
  remove(ledger, "customer-4711", Answer::acknowledged);
  EXPECT_EQ(find(ledger, "customer-4711")->state, State::removed);
  for (const auto& entry : fs::directory_iterator(folder_.path)) {
    const std::string bytes = testing_support::read(entry.path());
    EXPECT_EQ(bytes.find("customer-4711"), std::string::npos) << entry.path();
  }
  EXPECT_EQ(diff(ledger, {{"other", 1}}).text, "");
  EXPECT_EQ(diff(ledger, {{"customer-4711", 1}, {"other", 1}}).text, "customer-4711 added");
}

TEST_F(LedgerTest, an_erased_key_leaves_the_older_segments_too_when_everything_is_joined) {
  Ledger ledger = open();
  Table many{{"customer-4711", 1}};
  for (int i = 0; i < 70'000; ++i) many["other-" + std::to_string(i)] = 1;
  deliver(ledger, many, {});
  const auto lies_on_disk = [&] {
    const auto paths = testing_support::list(folder_.path, ".key");
    return std::any_of(paths.begin(), paths.end(),
                       [](const auto& path) { return testing_support::read(path).find("customer-4711") != std::string::npos; });
  };
  remove(ledger, "customer-4711", Answer::acknowledged);
  EXPECT_EQ(testing_support::list(folder_.path, ".rec").size(), 2U);
  EXPECT_TRUE(lies_on_disk());
  Writer writer = writer_of(ledger, run_at(50));
  ASSERT_TRUE(ledger.commit(writer, Join::everything).ok());
  EXPECT_EQ(testing_support::list(folder_.path, ".rec").size(), 1U);
  EXPECT_FALSE(lies_on_disk());
  EXPECT_EQ(find(ledger, "customer-4711")->state, State::removed);
  EXPECT_EQ(find(ledger, "other-69999")->state, State::acknowledged);
  EXPECT_EQ(ledger.verify()->records, 70'001);
}

TEST_F(LedgerTest, C_096_a_ledger_of_a_newer_version_is_not_taken_for_a_damaged_one) {
  { const Ledger ledger = open(); }
  std::string bytes = testing_support::read(folder_.path + "/manifest");
  bytes[8] = 2;
  crypto::Digest digest;
  digest.update(std::string_view(bytes).substr(0, bytes.size() - crypto::Digest::kBytes));
  bytes.replace(bytes.size() - crypto::Digest::kBytes, crypto::Digest::kBytes, digest.finish());
  testing_support::write(folder_.path + "/manifest", bytes);
  const auto newer = Ledger::open({.folder = folder_.path});
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().reason, "ledger.unknown_version");
}

TEST_F(LedgerTest, removed_keys_are_forgotten_after_their_time) {
  Ledger ledger = open();
  deliver(ledger, {{"a", 1}}, {});
  remove(ledger, "a", Answer::acknowledged);
  day_ += 399;
  deliver(ledger, {{"b", 1}}, {});
  EXPECT_NE(find(ledger, "a"), std::nullopt);
  day_ += 10;
  deliver(ledger, {{"b", 2}}, {});
  EXPECT_EQ(find(ledger, "a"), std::nullopt);
  EXPECT_NE(find(ledger, "b"), std::nullopt);
}

TEST_F(LedgerTest, BEY_16_outcomes_that_were_checkpointed_survive_the_writer_and_are_not_sent_again) {
  {
    const Ledger ledger = open();
    Writer writer = writer_of(ledger, run_at(1));
    add(writer, "a", 1, Answer::acknowledged);
    add(writer, "b", 1, Answer::rejected, "bad");
    ASSERT_TRUE(writer.checkpoint().ok());
    add(writer, "c", 1, Answer::acknowledged);  // never made durable
  }
  Ledger ledger = open();
  EXPECT_EQ(diff(ledger, {{"a", 1}, {"b", 1}, {"c", 1}}).text, "a added,b added,c added");
  const auto recovered = ledger.recover();
  ASSERT_TRUE(recovered.ok());
  EXPECT_EQ(*recovered, 2);
  EXPECT_EQ(ledger.generation(), 1U);
  EXPECT_EQ(ledger.run(1)->id, run_at(1).id);
  EXPECT_EQ(diff(ledger, {{"a", 1}, {"b", 1}, {"c", 1}}).text, "b owed,c added");
  EXPECT_EQ(*ledger.recover(), 0);
  EXPECT_EQ(ledger.generation(), 1U);
}

TEST_F(LedgerTest, BEY_16_a_torn_end_of_the_log_is_left_out_at_every_length) {
  std::string whole;
  std::string path;
  std::size_t first_checkpoint = 0;
  {
    const Ledger ledger = open();
    Writer writer = writer_of(ledger, run_at(1));
    path = testing_support::only(folder_.path, ".log");
    add(writer, "a", 1, Answer::acknowledged);
    ASSERT_TRUE(writer.checkpoint().ok());
    first_checkpoint = fs::file_size(path);
    add(writer, "b", 1, Answer::acknowledged);
    ASSERT_TRUE(writer.checkpoint().ok());
    whole = testing_support::read(path);
  }
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Folder copy;
    fs::create_directories(copy.path);
    fs::copy(folder_.path + "/manifest", copy.path + "/manifest");
    testing_support::write(copy.path + "/" + fs::path(path).filename().string(), whole.substr(0, size));
    Ledger ledger = open(copy);
    const auto recovered = ledger.recover();
    ASSERT_TRUE(recovered.ok()) << size << " " << recovered.error().detail;
    if (size >= first_checkpoint) {
      ASSERT_GE(*recovered, 1) << size;
    }
    ASSERT_EQ(find(ledger, "a").has_value(), *recovered >= 1);
    ASSERT_EQ(find(ledger, "b").has_value(), *recovered == 2);
    ASSERT_TRUE(testing_support::list(copy.path, ".log").empty());
  }
}

TEST_F(LedgerTest, BEY_16_a_living_writer_is_not_taken_for_a_dead_one) {
  Ledger ledger = open();
  Writer writer = writer_of(ledger, run_at(1));
  add(writer, "a", 1, Answer::acknowledged);
  ASSERT_TRUE(writer.checkpoint().ok());
  Ledger other = open();
  const auto recovered = other.recover();
  ASSERT_FALSE(recovered.ok());
  EXPECT_EQ(recovered.error().reason, "ledger.busy");
  commit(ledger, writer);
  EXPECT_FALSE(writer.add({.key = "b"}).ok());
}

TEST_F(LedgerTest, BEY_16_of_two_runs_that_began_alike_the_second_is_refused_and_its_outcomes_are_kept) {
  Ledger first = open();
  Ledger second = open();
  {
    Writer one = writer_of(first, run_at(1));
    Writer two = writer_of(second, run_at(2));
    add(one, "a", 1, Answer::acknowledged);
    add(two, "b", 1, Answer::acknowledged);
    commit(first, one);
    const auto refused = second.commit(two);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, base::Code::stale);
    EXPECT_EQ(refused.error().reason, "ledger.changed_meanwhile");
    EXPECT_EQ(find(second, "a"), std::nullopt);  // what it opened stays readable
  }
  Ledger third = open();
  EXPECT_EQ(*third.recover(), 1);
  EXPECT_EQ(diff(third, {{"a", 1}, {"b", 1}}).text, "");
}

TEST_F(LedgerTest, what_a_key_met_last_counts_and_doubled_rows_are_left_out) {
  Ledger ledger = open();
  Writer writer = writer_of(ledger, run_at(1));
  add(writer, "a", 1, Answer::unknown, "timeout");
  add(writer, "a", 1, Answer::rejected, "busy");
  add(writer, "a", 1, Answer::acknowledged);
  commit(ledger, writer);
  EXPECT_EQ(find(ledger, "a")->state, State::acknowledged);
  EXPECT_EQ(find(ledger, "a")->attempts, 3);
  Rows rows(ledger);
  for (int i = 1; i <= 3'000'000; ++i) ASSERT_TRUE(rows.add(i % 2 == 0 ? "b" : "c", 1, i).ok());
  std::map<std::int64_t, Kind> found;
  const auto counts = ledger.diff(rows, [&](const Change& change) -> base::Result<void> {
    found[change.row] = change.kind;
    return {};
  });
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->duplicates, 2'999'998);
  EXPECT_EQ(found, (std::map<std::int64_t, Kind>{{0, Kind::removed}, {1, Kind::added}, {2, Kind::added}}));
}

TEST_F(LedgerTest, reasons_beyond_254_are_called_other_and_long_keys_are_refused) {
  Ledger ledger = open();
  Writer writer = writer_of(ledger, run_at(1));
  for (int i = 0; i < 300; ++i) add(writer, "k" + std::to_string(i), 1, Answer::rejected, "reason " + std::to_string(i));
  const auto refused = writer.add({.key = std::string(kLongestKey + 1, 'x')});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "ledger.key_too_long");
  add(writer, std::string(kLongestKey, 'x'), 1, Answer::acknowledged);
  add(writer, "", 1, Answer::acknowledged);
  commit(ledger, writer);
  std::map<std::string, int> count;
  for (int i = 0; i < 300; ++i) ++count[std::string(ledger.reason(find(ledger, "k" + std::to_string(i))->reason))];
  EXPECT_EQ(count.size(), 255U);
  EXPECT_EQ(count["other"], 46);
  EXPECT_TRUE(find(ledger, std::string(kLongestKey, 'x')));
  EXPECT_TRUE(find(ledger, ""));
}

TEST_F(LedgerTest, BEY_05_any_changed_byte_of_any_file_is_found) {
  {
    Ledger ledger = open();
    Table many;
    for (int i = 0; i < 3000; ++i) many["key-" + std::to_string(i)] = 1;
    deliver(ledger, many, {{"key-7", Answer::rejected}});
    remove(ledger, "key-9", Answer::acknowledged);
    Writer writer = writer_of(ledger, run_at(9));
    add(writer, "logged", 1, Answer::acknowledged);
    ASSERT_TRUE(writer.checkpoint().ok());
    const auto verdict = ledger.verify();
    ASSERT_TRUE(verdict.ok());
    EXPECT_EQ(verdict->fault, std::nullopt);
    EXPECT_EQ(verdict->records, 3000);
    EXPECT_EQ(verdict->head, ledger.head());
  }
  std::mt19937 chance(5);
  for (const std::string& path : testing_support::list(folder_.path, "")) {
    if (fs::path(path).filename() == "lock") continue;
    const std::string whole = testing_support::read(path);
    // All of the first and last hundred, and some between; the last frame of a log is only the word that the one before is safe.
    const std::size_t end = path.ends_with(".log") ? whole.size() - 20 : whole.size();
    for (std::size_t i = 0; i < end; i += i < 100 || i + 100 > end ? 1 : 1 + chance() % (whole.size() / 50)) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << chance() % 8));
      testing_support::write(path, changed);
      auto ledger = Ledger::open({.folder = folder_.path});
      if (ledger.ok()) {
        const auto verdict = ledger->verify();
        ASSERT_TRUE(verdict.ok());
        ASSERT_NE(verdict->fault, std::nullopt) << path << " byte " << i;
      } else {
        ASSERT_EQ(ledger.error().reason, "ledger.damaged") << path << " byte " << i;
      }
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 21}) {
      if (path.ends_with(".log") && size < whole.size() - 20) continue;  // a torn log is no damage
      testing_support::write(path, whole.substr(0, size));
      const auto ledger = Ledger::open({.folder = folder_.path});
      ASSERT_FALSE(ledger.ok()) << path << " cut to " << size;
      ASSERT_EQ(ledger.error().reason, "ledger.damaged");
    }
    testing_support::write(path, whole);
  }
  EXPECT_EQ(open().verify()->fault, std::nullopt);
}

TEST_F(LedgerTest, BEY_05_a_diff_and_a_commit_stop_at_a_changed_record) {
  Ledger ledger = open();
  deliver(ledger, {{"a", 1}, {"b", 1}, {"c", 1}}, {});
  const std::string path = testing_support::only(folder_.path, ".rec");
  std::string bytes = testing_support::read(path);
  bytes[64 + 8 + 40] ^= 1;
  testing_support::write(path, bytes);
  Ledger again = open();
  Rows rows(again);
  int heard = 0;
  const auto counts = again.diff(rows, [&](const Change&) -> base::Result<void> {
    ++heard;
    return {};
  });
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().reason, "ledger.damaged");
  EXPECT_EQ(heard, 0);
  Writer writer = writer_of(again, run_at(2));
  add(writer, "d", 1, Answer::acknowledged);
  const auto refused = again.commit(writer);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "ledger.damaged");
  EXPECT_EQ(again.generation(), 1U);
}

TEST_F(LedgerTest, BEY_05_runs_are_chained_and_a_head_that_was_noted_stays_in_the_chain) {
  Ledger ledger = open();
  std::vector<std::string> heads;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Writer writer = writer_of(ledger, run_at(static_cast<int>(i)));
    add(writer, "a", i, Answer::acknowledged);
    heads.push_back(commit(ledger, writer).head);
    EXPECT_EQ(heads.back(), ledger.head());
  }
  EXPECT_EQ(heads[0].size(), 64U);
  EXPECT_NE(heads[0], heads[1]);
  EXPECT_NE(heads[1], heads[2]);
  EXPECT_EQ(open().head(), heads[2]);
}

TEST_F(LedgerTest, the_files_of_a_generation_are_a_whole_ledger_by_themselves) {
  Ledger ledger = open();
  deliver(ledger, {{"a", 1}, {"b", 1}}, {});
  const Folder copy;
  fs::create_directories(copy.path);
  for (const std::string& name : ledger.files()) fs::copy(folder_.path + "/" + name, copy.path + "/" + name);
  EXPECT_EQ(diff(open(copy), {{"a", 1}, {"b", 2}}).text, "b changed");
  // A reader keeps its generation while others commit.
  const Ledger reader = open();
  deliver(ledger, {{"a", 5}, {"c", 1}}, {});
  EXPECT_EQ(diff(reader, {{"a", 1}, {"b", 1}}).text, "");
  EXPECT_EQ(find(ledger, "a")->payload, 5U);
}

}  // namespace
}  // namespace sluice::ledger
