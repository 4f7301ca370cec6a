// Normalising and hashing one value, as an export does it for each cell. One thread; values vary, so that nothing is learnt by heart.
//   ninja -C build/release normalise_bench && build/release/src/data/normalise_bench
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "data/normalise.h"

namespace {

using namespace sluice::data;

std::vector<std::string> make_values(const std::string& before, const std::string& after) {
  std::vector<std::string> values;
  for (int i = 0; i < 10'000; ++i) values.push_back(before + std::to_string(1'000'000 + i * 7) + after);
  return values;
}

void hash(benchmark::State& state, Hasher::Use use) {
  const auto values = make_values("user", "@example.com");
  Hasher hasher(use);
  char out[64];
  std::size_t i = 0;
  for (auto _ : state) {
    hasher.sha256_hex(values[i++ % values.size()], out);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(hash, own_instructions, Hasher::Use::fastest);
BENCHMARK_CAPTURE(hash, openssl, Hasher::Use::portable);

void rule(benchmark::State& state, const char* name, const char* before, const char* after, const char* country) {
  const auto values = make_values(before, after);
  const auto apply = Normaliser::find(name);
  const NormaliseOptions options{.default_country = country};
  std::string scratch;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(apply(values[i++ % values.size()], options, scratch));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(rule, email, "email", "User.", "@Example.com", "");
BENCHMARK_CAPTURE(rule, email_google, "email_google", "User.", "@gmail.com", "");
BENCHMARK_CAPTURE(rule, phone_international, "phone", "+1 (616) ", "", "");
BENCHMARK_CAPTURE(rule, phone_national, "phone", "02 0", "", "FR");
BENCHMARK_CAPTURE(rule, phone_by_the_library, "phone", "+55 11 9", "", "");
BENCHMARK_CAPTURE(rule, name_ascii, "name", "Anna Svobodova ", "", "");
BENCHMARK_CAPTURE(rule, name_latin, "name", "Zoë Svobodová ", "", "");
BENCHMARK_CAPTURE(rule, name_letters_latin, "name_letters", "Zoë O'Brien ", "", "");
BENCHMARK_CAPTURE(rule, country, "country", "", "Denmark", "");
BENCHMARK_CAPTURE(rule, date, "date", "2024-02-29 ", "", "");

}  // namespace

BENCHMARK_MAIN();
