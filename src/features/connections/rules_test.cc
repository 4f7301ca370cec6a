#include "features/connections/rules.h"

#include <gtest/gtest.h>

namespace sluice::connections::rules {
namespace {

manifest::Connector connector() {
  manifest::Connector c;
  c.id = "sample";
  c.consent.version = 3;
  const auto field = [](std::string name, manifest::FieldType type) {
    manifest::Field f{.name = std::move(name), .type = type};
    f.secret = type == manifest::FieldType::secret;
    return f;
  };
  c.connection_fields = {field("host", manifest::FieldType::host), field("folder", manifest::FieldType::path),
                         field("auth", manifest::FieldType::string), field("password", manifest::FieldType::secret),
                         field("key", manifest::FieldType::secret)};
  c.connection_fields[0].target = true;
  c.connection_fields[2].initial = "password";
  c.connection_fields[3].required = true;
  c.connection_fields[3].when = manifest::When{"auth", {"password"}};
  c.connection_fields[4].when = manifest::When{"auth", {"key"}};
  return c;
}

SecretChanges set(const std::string& field, std::string_view value) {
  SecretChanges changes;
  changes.emplace(field, SecretChange{.set = base::Secret(value), .keep = {}});
  return changes;
}

TEST(ConnectionRules, CON_47_names_are_trimmed_and_1_to_100_characters) {
  EXPECT_EQ(*check_name("  Agency drop box "), "Agency drop box");
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "ø";
  EXPECT_TRUE(check_name(hundred).ok());
  for (const std::string& bad : {std::string(), std::string("   "), hundred + "ø", std::string(5000, 'x'), std::string("a\nb")})
    EXPECT_FALSE(check_name(bad).ok());
}

TEST(ConnectionRules, CON_51_a_secret_that_is_not_mentioned_is_kept) {
  const auto plan = plan_secrets(connector(), {}, {"password"}, {});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->keep.contains("password"));
  EXPECT_TRUE(plan->set.empty());
}

TEST(ConnectionRules, a_mandatory_secret_must_be_there_and_a_placeholder_is_only_ever_a_value) {
  EXPECT_FALSE(plan_secrets(connector(), {}, {}, {}).ok());
  const auto plan = plan_secrets(connector(), {}, {}, set("password", "***"));
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->set.at("password").expose(), "***");
}

TEST(ConnectionRules, faults_of_secrets_are_pointers) {
  SecretChanges changes;
  changes.emplace("password", SecretChange{.set = {}, .keep = true});
  changes.emplace("nothing", SecretChange{.set = base::Secret("x"), .keep = {}});
  const auto plan = plan_secrets(connector(), {}, {}, std::move(changes));
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().fields[0].pointer, "/secrets/nothing");
  EXPECT_EQ(plan.error().fields[1].pointer, "/secrets/password");
}

TEST(ConnectionRules, a_secret_whose_condition_no_longer_holds_is_destroyed) {
  auto plan = plan_secrets(connector(), {{"auth", "key"}}, {"password"}, {});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->clear.contains("password"));
}

TEST(ConnectionRules, CON_58_kept_secrets_do_not_follow_to_another_target) {
  const base::json::Object before{{"host", "a.example"}, {"folder", "in"}};
  const base::json::Object moved{{"host", "b.example"}, {"folder", "in"}};
  const base::json::Object same_target{{"host", "a.example"}, {"folder", "out"}};
  SecretPlan kept;
  kept.keep = {"password"};
  SecretPlan replaced;
  replaced.set.emplace("password", base::Secret("new"));
  EXPECT_TRUE(check_retarget(connector(), before, same_target, kept).ok());
  EXPECT_TRUE(check_retarget(connector(), before, moved, replaced).ok());
  const auto refused = check_retarget(connector(), before, moved, kept);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "connection.secret_required");
  EXPECT_EQ(refused.error().fields.front().pointer, "/secrets/password");
}

TEST(ConnectionRules, CON_89_consent_is_to_the_current_wording) {
  EXPECT_FALSE(check_consent(connector(), std::nullopt).ok());
  EXPECT_FALSE(check_consent(connector(), ConsentGiven{false, 3}).ok());
  EXPECT_FALSE(check_consent(connector(), ConsentGiven{true, 2}).ok());
  EXPECT_TRUE(check_consent(connector(), ConsentGiven{true, 3}).ok());
}

TEST(ConnectionRules, BEY_07_nothing_done_is_not_a_success) {
  using drivers::StepState;
  EXPECT_EQ(outcome_of({}), Outcome::not_tested);
  EXPECT_EQ(outcome_of({{.state = StepState::skipped}}), Outcome::not_tested);
  EXPECT_EQ(outcome_of({{.state = StepState::passed}}), Outcome::passed);
  EXPECT_EQ(outcome_of({{.state = StepState::passed}, {.state = StepState::failed}, {.state = StepState::skipped}}), Outcome::failed);
}

}  // namespace
}  // namespace sluice::connections::rules
