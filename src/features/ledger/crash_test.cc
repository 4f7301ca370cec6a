// What a kill, a full disk or two of us at once leave behind: the old generation or the new one, whole, and never a third thing.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstring>
#include <random>
#include <set>
#include <thread>

#include "features/ledger/testing.h"

namespace sluice::ledger {
namespace {

namespace fs = std::filesystem;
using testing_support::Folder;

constexpr int kKeys = 2'000;

std::string key_of(int i) { return "key-" + std::to_string(i); }

// Each generation has all keys with its own number as the payload, so that a mixture would show.
base::Result<void> deliver_one(Ledger& ledger, const Run& run, bool with_checkpoints) {
  const std::uint64_t payload = ledger.generation() + 1;
  ASSIGN_OR_RETURN(Writer writer, Writer::create(ledger, run));
  for (int i = 0; i < kKeys; ++i) {
    RETURN_IF_ERROR(writer.add({.key = key_of(i), .payload = payload, .answer = Answer::acknowledged}));
    if (with_checkpoints && i % 500 == 499) RETURN_IF_ERROR(writer.checkpoint());
  }
  ASSIGN_OR_RETURN([[maybe_unused]] const Committed committed, ledger.commit(writer));
  return {};
}

class CrashTest : public testing_support::LedgerTest {
 protected:
  // Every key has the payload of this generation, and the files are what was written.
  static void expect_whole(const Ledger& ledger) {
    const auto verdict = ledger.verify();
    ASSERT_TRUE(verdict.ok());
    ASSERT_EQ(verdict->fault, std::nullopt);
    Rows rows(ledger);
    for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(rows.add(key_of(i), ledger.generation(), i + 1).ok());
    const auto counts = ledger.diff(rows, [](const Change&) -> base::Result<void> { return {}; });
    ASSERT_TRUE(counts.ok());
    if (ledger.generation() > 0) {
      ASSERT_EQ(counts->unchanged, kKeys);
    } else {
      ASSERT_EQ(counts->added, kKeys);
    }
  }
};

TEST_F(CrashTest, BEY_16_killed_at_any_instant_the_ledger_is_the_last_generation_whole) {
  std::mt19937 chance(17);
  std::uint64_t generation = 0;
  unsigned longest = 40'000;  // microseconds a child lives; more where the machine is slow
  for (int round = 0; round < 40 || (generation <= 20 && round < 500); ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto ledger = Ledger::open({.folder = folder_.path});
      for (int i = 1; ledger.ok() && i < 1000; ++i) {
        if (!deliver_one(*ledger, run_at(i), false).ok()) break;
      }
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500 + chance() % longest));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round;
    // Logs that were never checkpointed hold a part of a generation; here they do not count.
    for (const std::string& path : fs::exists(folder_.path) ? testing_support::list(folder_.path, ".log") : std::vector<std::string>())
      fs::remove(path);
    const auto ledger = Ledger::open({.folder = folder_.path, .at_least = generation});
    ASSERT_TRUE(ledger.ok()) << ledger.error().detail << " round " << round;
    if (generation == ledger->generation()) longest += longest / 4;
    generation = ledger->generation();
    ASSERT_NO_FATAL_FAILURE(expect_whole(*ledger)) << "round " << round;
  }
  EXPECT_GT(generation, 20U);
  Ledger ledger = open();
  ASSERT_TRUE(deliver_one(ledger, run_at(1), false).ok());
  EXPECT_EQ(testing_support::list(folder_.path, ".rec").size(), 1U) << "left-overs stay";
}

TEST_F(CrashTest, BEY_16_killed_while_sending_nothing_acknowledged_is_sent_again_and_nothing_is_lost) {
  // The child sends each batch into a pipe, which is the destination, notes it, makes a checkpoint, and then says so: the pipe
  // knows what must never come again.
  constexpr int kRows = 20'000;
  constexpr int kBatch = 100;
  static constexpr int kCheckpoint = -1;
  const Folder folder;
  std::mt19937 chance(23);
  std::set<int> sent;
  std::set<int> safe;
  int rounds = 0;
  unsigned longest = 30'000;  // as above
  for (bool is_done = false; !is_done; ++rounds) {
    ASSERT_LT(rounds, 500);
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto send = [&]() -> base::Result<bool> {
        ASSIGN_OR_RETURN(Ledger ledger, Ledger::open({.folder = folder.path}));
        ASSIGN_OR_RETURN([[maybe_unused]] const auto recovered, ledger.recover());
        Rows rows(ledger);
        for (int i = 0; i < kRows; ++i) RETURN_IF_ERROR(rows.add(key_of(i), 1, i + 1));
        ASSIGN_OR_RETURN(Writer writer, Writer::create(ledger, {}));
        std::vector<int> batch;
        const auto flush = [&]() -> base::Result<void> {
          const auto size = static_cast<ssize_t>(batch.size() * sizeof(int));
          if (::write(pipe[1], batch.data(), static_cast<std::size_t>(size)) != size) ::_exit(3);
          for (const int i : batch) RETURN_IF_ERROR(writer.add({.key = key_of(i), .payload = 1, .answer = Answer::acknowledged}));
          RETURN_IF_ERROR(writer.checkpoint());
          if (::write(pipe[1], &kCheckpoint, sizeof kCheckpoint) != sizeof kCheckpoint) ::_exit(3);
          batch.clear();
          return {};
        };
        ASSIGN_OR_RETURN(const DiffCounts counts, ledger.diff(rows, [&](const Change& change) -> base::Result<void> {
          batch.push_back(static_cast<int>(change.row - 1));
          return batch.size() == kBatch ? flush() : base::Result<void>();
        }));
        RETURN_IF_ERROR(flush());
        ASSIGN_OR_RETURN([[maybe_unused]] const Committed committed, ledger.commit(writer));
        return counts.added == 0;
      };
      const auto ended = send();
      ::_exit(ended.ok() ? (*ended ? 0 : 1) : 2);
    }
    ::close(pipe[1]);
    std::thread killer([&, wait = 1'000 + chance() % longest] {
      std::this_thread::sleep_for(std::chrono::microseconds(wait));
      ::kill(child, SIGKILL);
    });
    std::string bytes;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(pipe[0], buffer.data(), buffer.size())) > 0;)
      bytes.append(buffer.data(), static_cast<std::size_t>(count));
    ::close(pipe[0]);
    int status = 0;
    killer.join();
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) >= 2) << "the child failed";
    is_done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (bytes.empty()) longest += longest / 4;
    std::vector<int> batch;
    for (std::size_t at = 0; at + sizeof(int) <= bytes.size(); at += sizeof(int)) {
      int i = 0;
      std::memcpy(&i, bytes.data() + at, sizeof i);
      if (i == kCheckpoint) {
        safe.insert(batch.begin(), batch.end());
        batch.clear();
      } else {
        ASSERT_FALSE(safe.contains(i)) << i << " was sent again";
        batch.push_back(i);
        sent.insert(i);
      }
    }
  }
  EXPECT_GT(rounds, 3);
  EXPECT_EQ(sent.size(), static_cast<std::size_t>(kRows));
  Ledger ledger = open(folder);
  for (int i = 0; i < kRows; i += 97) ASSERT_TRUE(find(ledger, key_of(i)));
}

// Every write may be the one that no longer fits.
TEST_F(CrashTest, BEY_16_a_full_disk_leaves_the_old_generation_and_the_checkpointed_outcomes) {
  Ledger ledger = open();
  ASSERT_TRUE(deliver_one(ledger, run_at(1), false).ok());
  int failures = 0;
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  for (rlim_t room = 0; room < 150'000; room = room < 2'000 ? room + 97 : room + 4'001) {
    rlimit limit = before;
    limit.rlim_cur = room;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    const std::uint64_t generation = ledger.generation();
    const auto delivered = deliver_one(ledger, run_at(2), true);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    if (!delivered.ok()) {
      ++failures;
      ASSERT_EQ(delivered.error().reason, "ledger.disk_full") << delivered.error().internal;
      ASSERT_EQ(ledger.generation(), generation);
      ASSERT_NO_FATAL_FAILURE(expect_whole(open()));
      Ledger again = open();
      ASSERT_TRUE(again.recover().ok());
      ASSERT_LE(again.generation(), generation + 1);
      // Whatever was checkpointed is in; sending the rest makes the generation whole.
      if (again.generation() == generation) continue;
      Writer rest = writer_of(again, run_at(3));
      for (int i = 0; i < kKeys; ++i) add(rest, key_of(i), again.generation() + 1, Answer::acknowledged);
      commit(again, rest);
      ledger = std::move(again);
    }
    ASSERT_NO_FATAL_FAILURE(expect_whole(open())) << "room for " << room;
  }
  EXPECT_GT(failures, 20);
  EXPECT_TRUE(testing_support::list(folder_.path, ".log").empty());
}

// Where we may mount: a disk that is really full.
TEST_F(CrashTest, BEY_16_a_full_file_system_is_told_and_survived) {
  fs::create_directories(folder_.path);
  if (::mount("none", folder_.path.c_str(), "tmpfs", 0, "size=1m") != 0) return;
  {
    Ledger ledger = open();
    base::Result<void> delivered;
    int runs = 0;
    for (int width = 10; delivered.ok() && width < 1000; width += 10) {
      Writer writer = writer_of(ledger, run_at(++runs));
      for (int i = 0; delivered.ok() && i < 3'000; ++i) {
        const std::string key = key_of(i) + std::string(static_cast<std::size_t>(width), 'x');
        delivered = writer.add({.key = key, .payload = 1, .answer = Answer::acknowledged});
      }
      if (!delivered.ok()) break;
      if (auto committed = ledger.commit(writer); !committed.ok()) delivered = committed.error();
    }
    EXPECT_FALSE(delivered.ok());
    if (!delivered.ok()) {
      EXPECT_EQ(delivered.error().reason, "ledger.disk_full");
    }
    EXPECT_GT(runs, 1);
    const Ledger again = open();
    EXPECT_EQ(again.generation(), ledger.generation());
    EXPECT_EQ(again.verify()->fault, std::nullopt);
  }
  EXPECT_EQ(::umount(folder_.path.c_str()), 0);
}

}  // namespace
}  // namespace sluice::ledger
