#include "drivers/paths.h"

#include <gtest/gtest.h>

#include "drivers/driver.h"

namespace sluice::drivers {
namespace {

TEST(Paths, C_052_bytes_of_paths_are_kept) {
  for (const char* path : {"a", "Exports/Øst 2026/A b", "a/b.c", "x/...", "a\\b", "Tab\there"}) {
    EXPECT_TRUE(check_relative_path("sftp", path).ok()) << path;
  }
}

TEST(Paths, CON_87_paths_that_lead_elsewhere_are_refused) {
  for (const std::string& path : {std::string(), std::string("/a"), std::string("a/../b"), std::string(".."), std::string("a//b"),
                                  std::string("a/"), std::string("./a"), std::string("a\0b", 3)}) {
    const auto checked = check_relative_path("sftp", path);
    ASSERT_FALSE(checked.ok()) << path;
    EXPECT_EQ(checked.error().reason, "sftp.bad_path");
  }
}

TEST(Paths, C_043_a_part_is_recognised_by_its_run_only) {
  const PartName name = part_name("a/b/c.csv", "run-1");
  EXPECT_EQ(name.folder, "a/b");
  EXPECT_EQ(name.name, "c.csv");
  EXPECT_EQ(name.part, ".c.csv.run-1.part");
  EXPECT_TRUE(is_part_of(name.part, "run-1"));
  EXPECT_FALSE(is_part_of(name.part, "run-2"));
  EXPECT_FALSE(is_part_of(name.part, "1"));
  EXPECT_FALSE(is_part_of(name.part, ""));
  EXPECT_FALSE(is_part_of("c.csv.run-1.part", "run-1"));
  EXPECT_FALSE(is_part_of(".run-1.part", "run-1"));
}

TEST(Paths, words_of_others_are_made_harmless) {
  EXPECT_EQ(scrub("a\nb\x1b[31m"), "a b [31m");
  EXPECT_EQ(scrub("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(scrub("\xff"
                  "x"),
            "?x");
  EXPECT_EQ(scrub("abcd\xc3\xa9", 5), "abcd…");
}

TEST(Drivers, every_driver_is_found_by_its_name) {
  ASSERT_FALSE(all_drivers().empty());
  for (const Driver* driver : all_drivers()) {
    EXPECT_EQ(find_driver(driver->name), driver);
    EXPECT_NE(driver->verify, nullptr) << driver->name;
  }
  EXPECT_EQ(find_driver("nothing"), nullptr);
}

}  // namespace
}  // namespace sluice::drivers
