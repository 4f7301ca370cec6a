#include "features/exports/rules.h"

#include <gtest/gtest.h>

namespace sluice::exports::rules {
namespace {

base::Actor actor(base::Role role) {
  return {.id = base::UserId::make(), .display_name = "x", .role = role, .request_id = {}, .address = {}};
}

Export made(bool connected, bool shared) {
  Export e;
  if (connected) e.connection = connections::UsableConnection{connections::ConnectionId::make(), "Drop", "sftp", "SFTP"};
  e.is_shared = shared;
  return e;
}

TEST(ExportRules, ROL_28_contributors_manage_what_uses_a_shared_connection) {
  EXPECT_EQ(can(actor(base::Role::contributor), made(true, true)), (std::vector<std::string>{"update", "remove", "schedule", "run"}));
}

TEST(ExportRules, ROL_30_without_sharing_contributors_only_look) {
  EXPECT_TRUE(can(actor(base::Role::contributor), made(true, false)).empty());
  EXPECT_TRUE(can(actor(base::Role::contributor), made(false, true)).empty());
}

TEST(ExportRules, ROL_34_viewers_never_change_an_export) { EXPECT_TRUE(can(actor(base::Role::viewer), made(true, true)).empty()); }

TEST(ExportRules, ROL_37_only_administrators_disconnect) {
  EXPECT_EQ(can(actor(base::Role::administrator), made(true, false)),
            (std::vector<std::string>{"update", "remove", "schedule", "run", "disconnect"}));
  EXPECT_EQ(can(actor(base::Role::administrator), made(false, false)),
            (std::vector<std::string>{"update", "remove", "schedule"}));  // EXP-64
}

TEST(ExportRules, BEY_10_what_shrank_too_much_is_empty_or_first_and_large_needs_an_approval) {
  const auto reason = [](const Guard& guard, std::vector<rules::GuardedTable> tables) {
    const auto asked = rules::guard(guard, tables);
    return asked ? asked->reason : std::string("go");
  };
  const Guard usual;
  EXPECT_EQ(reason(usual, {{"a", 70, 100}}), "go");
  EXPECT_EQ(reason(usual, {{"a", 69, 100}}), "export.mass_change");
  EXPECT_EQ(reason(usual, {{"a", 500, 100}}), "go");
  EXPECT_EQ(reason(usual, {{"a", 0, 0}, {"b", 5, std::nullopt}}), "go");
  EXPECT_EQ(reason(usual, {{"a", 0, 1}, {"b", 5, 5}}), "export.mass_change");  // empty, whatever its share of the whole
  EXPECT_EQ(reason(usual, {{"a", 0, std::nullopt}}), "export.empty_source");
  EXPECT_EQ(reason({.max_decrease_percent = 100, .first_run_rows = {}}, {{"a", 1, 1'000'000}}), "go");
  EXPECT_EQ(reason({.max_decrease_percent = std::nullopt, .first_run_rows = {}}, {{"a", 0, 100}}), "go");
  EXPECT_EQ(reason({.max_decrease_percent = 30, .first_run_rows = 10}, {{"a", 11, std::nullopt}}), "export.large_first_run");
  EXPECT_EQ(reason({.max_decrease_percent = 30, .first_run_rows = 10}, {{"a", 11, 11}}), "go");
}

TEST(ExportRules, EXP_49_files_lie_by_environment_export_table_and_minute) {
  const auto at = *base::parse_rfc3339("2026-03-04T05:06:07Z");
  EXPECT_EQ(export_folder("e1", "VIPs to the agency"), "Sluice_e1/VIPs to the agency");
  EXPECT_EQ(table_folder("Customer", at, ""), "Customer/2026/03/04/0506");
  EXPECT_EQ(table_folder("Customer", at, "_2"), "Customer/2026/03/04/0506_2");
  EXPECT_EQ(part_name("Customer", 1, true), "Customer_1.csv.gz");
  EXPECT_EQ(part_name("Customer", 5, false), "Customer_5.csv");
}

TEST(ExportRules, a_name_cannot_leave_its_folder) {
  EXPECT_EQ(path_part("../../etc"), "%2E.%2F..%2Fetc");
  EXPECT_EQ(path_part("."), "%2E");
  EXPECT_EQ(path_part(".."), "%2E.");
  EXPECT_EQ(path_part("a/b\\c\nd"), "a%2Fb%5Cc%0Ad");
  EXPECT_EQ(path_part("50% off, 50%25"), "50% off, 50%2525");
  EXPECT_EQ(path_part("Øst 2026"), "Øst 2026");
}

TEST(ExportRules, EXP_23_contents_are_checked_before_anything_is_saved) {
  const std::vector<tables::ExportableTable> found = {
      {"Customer", "Customer", "table", 10, {{"CustomerId", base::ColumnType::text, true}, {"Email", base::ColumnType::text}}}};
  EXPECT_TRUE(check_contents({"Customer"}, {}, found).ok());
  EXPECT_TRUE(check_contents({"Customer"}, {{"Customer", {"Email"}}}, found).ok());
  EXPECT_EQ(check_contents({"Customer", "customer"}, {}, found).error().fields.front().pointer, "/tables/1");
  EXPECT_EQ(check_contents({"Customer"}, {{"Customer", {}}}, found).error().fields.front().pointer, "/columns/Customer");
  EXPECT_EQ(check_contents({"Customer"}, {{"Customer", {"Nope"}}}, found).error().fields.front().pointer, "/columns/Customer/0");
  EXPECT_EQ(check_contents({"Customer"}, {{"Customer", {"Email", "Email"}}}, found).error().fields.front().pointer, "/columns/Customer/1");
  EXPECT_EQ(check_contents({"Customer"}, {{"Other", {"Email"}}}, found).error().fields.front().pointer, "/columns/Other");
}

}  // namespace
}  // namespace sluice::exports::rules
