// For the tests of this folder: a ledger in a folder of its own, and runs in one line.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "features/ledger/ledger.h"

namespace sluice::ledger::testing_support {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-ledger-XXXXXX").string();
    root = ::mkdtemp(name.data());
    path = root + "/export/connection";
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(root, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string root;
  std::string path;
};

inline std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const std::string& path, std::string_view bytes) { std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes; }

inline std::vector<std::string> list(const std::string& folder, std::string_view ending) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(ending)) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

inline std::string only(const std::string& folder, std::string_view ending) {
  const auto paths = list(folder, ending);
  EXPECT_EQ(paths.size(), 1U);
  return paths.empty() ? "" : paths.front();
}

using Table = std::map<std::string, std::uint64_t>;  // key, payload
using Answers = std::map<std::string, Answer>;       // acknowledged where not named

struct Found {
  std::string text;  // "key kind", sorted and joined by commas
  DiffCounts counts;
};

inline std::string_view name_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::added:
      return "added";
    case Change::Kind::changed:
      return "changed";
    case Change::Kind::owed:
      return "owed";
    case Change::Kind::unchanged:
      return "unchanged";
    case Change::Kind::removed:
      return "removed";
    case Change::Kind::vanished:
      return "vanished";
  }
  return "";
}

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    crypto::initialise();
    base::log::configure(base::log::Format::text, base::log::Level::error);
  }

  Ledger open() const { return open(folder_); }
  static Ledger open(const Folder& folder) {
    auto ledger = Ledger::open({.folder = folder.path});
    EXPECT_TRUE(ledger.ok()) << (ledger.ok() ? "" : ledger.error().detail);
    return *std::move(ledger);
  }
  ledger::Run run_at(int number, std::string fields = "Email", std::uint32_t normaliser = 1) const {
    ledger::Run run{
        .at = base::from_micros((day_ * 86400 + number) * std::int64_t{1'000'000}), .fields = std::move(fields), .normaliser = normaliser};
    run.id[15] = static_cast<unsigned char>(number);
    return run;
  }
  static Writer writer_of(const Ledger& ledger, const ledger::Run& run) {
    auto writer = Writer::create(ledger, run);
    EXPECT_TRUE(writer.ok()) << (writer.ok() ? "" : writer.error().detail + writer.error().internal);
    return *std::move(writer);
  }
  static void add(Writer& writer, const std::string& key, std::uint64_t payload, Answer answer, std::string_view reason = {}) {
    EXPECT_TRUE(writer.add({.key = key, .payload = payload, .operation = Operation::send, .answer = answer, .reason = reason}).ok());
  }
  static Committed commit(Ledger& ledger, Writer& writer) {
    auto committed = ledger.commit(writer);
    EXPECT_TRUE(committed.ok()) << (committed.ok() ? "" : committed.error().detail + committed.error().internal);
    return committed.ok() ? *committed : Committed{};
  }
  void deliver(Ledger& ledger, const Table& rows, const Answers& answers) {
    Writer writer = writer_of(ledger, run_at(++runs_));
    for (const auto& [key, payload] : rows) {
      const auto answer = answers.find(key);
      add(writer, key, payload, answer == answers.end() ? Answer::acknowledged : answer->second);
    }
    commit(ledger, writer);
  }
  void remove(Ledger& ledger, std::string_view key, Answer answer) {
    Writer writer = writer_of(ledger, run_at(++runs_));
    EXPECT_TRUE(writer.add({.key = key, .operation = Operation::remove, .answer = answer}).ok());
    commit(ledger, writer);
  }
  static std::optional<Entry> find(const Ledger& ledger, std::string_view key) {
    auto found = ledger.find(key);
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().detail);
    return found.ok() ? *found : std::nullopt;
  }
  static Found diff(const Ledger& ledger, const Table& table) {
    Rows rows(ledger);
    std::vector<std::string> keys;
    for (const auto& [key, payload] : table) {
      keys.push_back(key);
      EXPECT_TRUE(rows.add(key, payload, static_cast<std::int64_t>(keys.size())).ok());
    }
    std::vector<std::string> lines;
    const auto counts = ledger.diff(rows, [&](const Change& change) -> base::Result<void> {
      const std::string key = change.row == 0 ? std::string(change.key) : keys.at(static_cast<std::size_t>(change.row - 1));
      lines.push_back(key + " " + std::string(name_of(change.kind)));
      return {};
    });
    EXPECT_TRUE(counts.ok()) << (counts.ok() ? "" : counts.error().detail);
    std::sort(lines.begin(), lines.end());
    Found found{.counts = counts.ok() ? *counts : DiffCounts{}};
    for (const std::string& line : lines) found.text += (found.text.empty() ? "" : ",") + line;
    return found;
  }

  Folder folder_;
  int runs_ = 0;
  std::int64_t day_ = 20'000;
};

}  // namespace sluice::ledger::testing_support
