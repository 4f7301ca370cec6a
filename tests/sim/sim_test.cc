#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <string>

#include "base/log.h"
#include "sim/empty_database.h"
#include "sim/world.h"

namespace sluice::sim {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLUICE_IS_SANITIZED 1
#endif
#endif
#ifdef SLUICE_IS_SANITIZED
constexpr std::uint64_t kSeeds = 60;
#else
constexpr std::uint64_t kSeeds = 500;
#endif
constexpr int kSteps = 150;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// SLUICE_SIM_SEEDS says how many, SLUICE_SIM_FIRST the first of them: 1 and the seed that failed tell its story again.
TEST(Simulation, EXP_65__EXP_67__EXP_70__SCH_06__SCH_07__SCH_11__SCH_28__whatever_fails_no_run_is_lost_and_none_is_twice_at_a_time) {
  base::log::configure(base::log::Format::text,
                       std::getenv("SLUICE_SIM_LOG") == nullptr ? base::log::Level::error : base::log::Level::info);
  const std::uint64_t first = setting("SLUICE_SIM_FIRST", 1);
  const std::uint64_t seeds = setting("SLUICE_SIM_SEEDS", kSeeds);
  // Threads hand over to one another at every step; between processors that takes five times as long.
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
  sched_setaffinity(0, sizeof here, &here);
  EmptyDatabase empty;
  Tally tally;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    World world(seed, empty.copy());
    const std::string wrong = world.play(kSteps);
    tally.add(world.tally());
    if (wrong.empty()) continue;
    std::string story;
    for (const std::string& line : world.trace()) story += line + "\n";
    FAIL() << "seed " << seed << ": " << wrong << "\n" << story << "Again: SLUICE_SIM_FIRST=" << seed << " SLUICE_SIM_SEEDS=1 sim_test";
  }
  std::string told = std::to_string(seeds) + " seeds";
  for (const auto& [name, number] : tally.events) told += ", " + std::to_string(number) + " " + name;
  std::printf("%s\n", told.c_str());
}

}  // namespace
}  // namespace sluice::sim
