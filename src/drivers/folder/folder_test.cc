#include "drivers/folder/folder.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace sluice::drivers::folder {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sluice-folder-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    context_.data_folder = root_ / "exports";
  }
  void TearDown() override { fs::remove_all(root_); }

  static Target target(std::string folder) { return Target{.settings = {{"folder", base::json::Value(std::move(folder))}}, .secrets = {}}; }
  fs::path out() const { return root_ / "exports" / "out"; }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> names(const fs::path& folder) const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }

  fs::path root_;
  Context context_;
};

TEST_F(Folder, EXP_57_a_file_appears_only_when_complete) {
  auto session = open_files(context_, target("out"));
  ASSERT_TRUE(session.ok()) << session.error().detail;
  ASSERT_TRUE((*session)->open("2026/Øst A b.csv", "run-1").ok());
  ASSERT_TRUE((*session)->write("one").ok());
  EXPECT_EQ(names(out() / "2026"), std::vector<std::string>{".Øst A b.csv.run-1.part"});
  ASSERT_TRUE((*session)->write("two").ok());
  ASSERT_TRUE((*session)->commit().ok());
  EXPECT_EQ(names(out() / "2026"), std::vector<std::string>{"Øst A b.csv"});
  EXPECT_EQ(read(out() / "2026/Øst A b.csv"), "onetwo");
  struct stat info{};
  ASSERT_EQ(stat((out() / "2026/Øst A b.csv").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
}

TEST_F(Folder, EXP_57_an_existing_file_is_replaced_and_an_abandoned_one_leaves_nothing) {
  auto session = open_files(context_, target("out"));
  for (const char* text : {"first", "second"}) {
    ASSERT_TRUE((*session)->open("a.csv", "r").ok());
    ASSERT_TRUE((*session)->write(text).ok());
    ASSERT_TRUE((*session)->commit().ok());
  }
  ASSERT_TRUE((*session)->open("a.csv", "r").ok());
  ASSERT_TRUE((*session)->write("third").ok());
  (*session)->abandon();
  EXPECT_EQ(read(out() / "a.csv"), "second");
  ASSERT_TRUE((*session)->open("b.csv", "r").ok());
  session->reset();
  EXPECT_EQ(names(out()), std::vector<std::string>{"a.csv"});
}

TEST_F(Folder, C_043_sweep_removes_only_parts_of_the_given_runs) {
  auto session = open_files(context_, target("out"));
  for (const char* name : {".a.csv.run-1.part", ".a.csv.run-2.part", "a.csv", ".b.run-1.old", "run-1.part"})
    std::ofstream(out() / name) << "x";
  const std::vector<std::string> runs = {"run-1"};
  ASSERT_TRUE((*session)->sweep("", runs).ok());
  EXPECT_EQ(names(out()), (std::vector<std::string>{".a.csv.run-2.part", "a.csv", "run-1.part"}));
  EXPECT_TRUE((*session)->sweep("not/there", runs).ok());
}

TEST_F(Folder, V_08_remove_takes_one_file_and_forgives_absence) {
  auto session = open_files(context_, target("out"));
  std::ofstream(out() / "ours") << "x";
  std::ofstream(out() / "theirs") << "x";
  EXPECT_TRUE((*session)->remove("ours").ok());
  EXPECT_TRUE((*session)->remove("ours").ok());
  EXPECT_TRUE((*session)->remove("no/such").ok());
  EXPECT_EQ(names(out()), std::vector<std::string>{"theirs"});
}

TEST_F(Folder, CON_87_paths_and_links_that_lead_outside_are_refused) {
  for (const char* folder : {"", "/etc", "../x", "a/../../x", "a//b", "."}) {
    const auto session = open_files(context_, target(folder));
    ASSERT_FALSE(session.ok()) << folder;
    EXPECT_EQ(session.error().reason, "folder.bad_path");
  }
  fs::create_directories(root_ / "elsewhere");
  fs::create_directories(out());
  fs::create_symlink(root_ / "elsewhere", out() / "link");
  const auto by_link = open_files(context_, target("out/link"));
  ASSERT_FALSE(by_link.ok());
  EXPECT_EQ(by_link.error().reason, "folder.link_in_path");

  auto session = open_files(context_, target("out"));
  EXPECT_EQ((*session)->open("link/x", "r").error().reason, "folder.link_in_path");
  EXPECT_EQ((*session)->open("../x", "r").error().reason, "folder.bad_path");
  EXPECT_FALSE((*session)->remove("link/x").ok());

  // A link under the final name is replaced, not followed.
  std::ofstream(root_ / "elsewhere/victim") << "keep";
  fs::create_symlink(root_ / "elsewhere/victim", out() / "a.csv");
  ASSERT_TRUE((*session)->open("a.csv", "r").ok());
  ASSERT_TRUE((*session)->write("new").ok());
  ASSERT_TRUE((*session)->commit().ok());
  EXPECT_EQ(read(root_ / "elsewhere/victim"), "keep");
  EXPECT_EQ(read(out() / "a.csv"), "new");
}

TEST_F(Folder, C_042_a_stop_ends_the_write_and_leaves_nothing) {
  std::stop_source source;
  context_.stop = source.get_token();
  auto session = open_files(context_, target("out"));
  ASSERT_TRUE((*session)->open("a.csv", "r").ok());
  source.request_stop();
  EXPECT_EQ((*session)->write("x").error().code, base::Code::cancelled);
  EXPECT_EQ((*session)->commit().error().code, base::Code::cancelled);
  (*session)->abandon();
  EXPECT_TRUE(names(out()).empty());
}

TEST_F(Folder, a_full_disk_is_named) {
  fs::create_directories(out());
  if (mount("none", out().c_str(), "tmpfs", 0, "size=1m") != 0) GTEST_SKIP() << "mounting a small disk needs root";
  auto session = open_files(context_, target("out"));
  ASSERT_TRUE((*session)->open("a.csv", "r").ok());
  const auto written = (*session)->write(std::string(3 << 20, 'x'));
  EXPECT_FALSE(written.ok());
  if (!written.ok()) EXPECT_EQ(written.error().reason, "folder.no_space");
  (*session)->abandon();
  EXPECT_TRUE(names(out()).empty());
  const auto steps = verify(context_, target("out"), {});
  EXPECT_EQ(steps.back().state, StepState::passed);
  session->reset();
  umount(out().c_str());
}

TEST_F(Folder, BEY_07_verify_walks_the_steps_and_leaves_nothing) {
  std::vector<std::string> reported;
  const auto steps = verify(context_, target("out"), [&](const Step& step) { reported.push_back(step.name); });
  EXPECT_EQ(reported, (std::vector<std::string>{"folder", "write", "clean_up"}));
  for (const Step& step : steps) EXPECT_EQ(step.state, StepState::passed) << step.detail;
  EXPECT_TRUE(names(out()).empty());
}

TEST_F(Folder, BEY_07_after_a_failed_step_the_others_are_skipped) {
  std::ofstream(root_ / "exports");  // a file where the folder should be
  const auto steps = verify(context_, target("out"), {});
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].state, StepState::failed);
  EXPECT_TRUE(steps[0].advice.has_value());
  EXPECT_EQ(steps[1].state, StepState::skipped);
  EXPECT_EQ(steps[2].state, StepState::skipped);
}

}  // namespace
}  // namespace sluice::drivers::folder
