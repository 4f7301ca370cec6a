// Manifests name rules of data/normalise.h, which their folder may not see; here both are in sight.
#include <gtest/gtest.h>

#include "data/normalise.h"
#include "manifest/vocabulary.h"

namespace sluice::exports {
namespace {

TEST(Vocabulary, every_rule_that_a_manifest_may_name_is_there) {
  for (const std::string_view rule : manifest::kNormaliseRules) EXPECT_NE(data::Normaliser::find(rule), nullptr) << rule;
}

}  // namespace
}  // namespace sluice::exports
