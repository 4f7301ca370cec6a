// Makes a Customer table for benchmarks: people N > file.csv. 20 columns, some 240 bytes a row, 2 % of the rows with commas,
// quotes or line breaks, Unicode names. Each row depends on its number alone, so a smaller table is the head of a larger.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
  }
  unsigned below(unsigned n) { return static_cast<unsigned>(next() % n); }
  template <std::size_t N>
  const char* pick(const char* const (&from)[N]) {
    return from[below(N)];
  }

 private:
  std::uint64_t state_;
};

constexpr const char* kFirst[] = {"Anna",     "Björn", "Chloé", "David", "Elena", "François", "Günther", "Hana", "José",
                                  "Kateřina", "María", "Søren", "Tomáš", "Zoë",   "James",    "Mary",    "太郎", "Мария"};
constexpr const char* kLast[] = {"Andersson", "Müller",   "García",  "O'Brien",  "Smith",  "Johnson", "Williams",
                                 "Novák",     "Kowalska", "Ødegård", "D'Angelo", "Tanaka", "Иванов",  "Rodríguez"};
constexpr const char* kStreet[] = {"Main St",    "High Street", "Rue de l'Église", "Hauptstraße", "Calle Mayor",
                                   "Oak Avenue", "Kungsgatan",  "Via Roma",        "Church Road"};
constexpr const char* kCity[] = {"Seattle", "New York", "Zürich", "São Paulo", "München", "Göteborg",
                                 "Kraków",  "London",   "Paris",  "Kyoto",     "Austin",  "Köln"};
constexpr const char* kState[] = {"WA", "NY", "CA", "TX", "BY", "NW", "ON", "", ""};
constexpr const char* kCountry[] = {"US", "US", "US", "GB", "DE", "FR", "ES", "SE", "PL", "JP", "BR", "CH"};
constexpr const char* kTier[] = {"None", "Bronze", "Bronze", "Silver", "Gold", "Platinum"};
constexpr const char* kWord[] = {"called", "about", "order",   "refund",   "prefers", "email", "contact", "delivery",
                                 "late",   "happy", "renewal", "discount", "store",   "visit", "returned"};
constexpr const char* kNote[] = {"\"note, said \"\"call back\"\", then left\"", "\"note\r\nsecond line\"", "\"\"\"VIP\"\", see file\""};

std::string notes(Dice& dice) {
  if (dice.below(50) == 0) return dice.pick(kNote);
  std::string text;
  if (dice.below(3) == 0) {
    for (unsigned i = 3 + dice.below(8); i > 0; --i) text += (text.empty() ? "" : " ") + std::string(dice.pick(kWord));
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "people N > file.csv\n");
    return 2;
  }
  const auto rows = std::strtoull(argv[1], nullptr, 10);
  std::puts(
      "CustomerId,FirstName,LastName,Email,Phone,DateOfBirth,Street1,City,State,PostalCode,Country,Gender,Language,LoyaltyTier,"
      "LifetimeValue,LastPurchase,ConsentEmail,Notes,Score,UpdatedAt");
  for (unsigned long long i = 0; i < rows; ++i) {
    Dice dice(i);
    const std::uint64_t a = dice.next(), b = dice.next();
    std::printf("%08x-%04x-4%03x-%04x-%012llx,%s,%s,person%llu@%s.example.com,", static_cast<unsigned>(a >> 32),
                static_cast<unsigned>(a >> 16 & 0xffff), static_cast<unsigned>(a & 0xfff),
                static_cast<unsigned>(0x8000 | (b >> 48 & 0x3fff)), static_cast<unsigned long long>(b & 0xffffffffffffULL),
                dice.pick(kFirst), dice.pick(kLast), i, dice.below(2) == 0 ? "mail" : "post");
    if (dice.below(20) != 0)
      std::printf("+%u-%03u-%03u-%04u", 1 + dice.below(89), 200 + dice.below(800), dice.below(1000), dice.below(10000));
    std::printf(",%04u-%02u-%02u,%u %s,%s,%s,%05u,%s,%s,en-US,%s,", 1940 + dice.below(66), 1 + dice.below(12), 1 + dice.below(28),
                1 + dice.below(9999), dice.pick(kStreet), dice.pick(kCity), dice.pick(kState), dice.below(100000), dice.pick(kCountry),
                dice.below(2) == 0 ? "F" : "M", dice.pick(kTier));
    std::printf("%u.%02u,", dice.below(50000), dice.below(100));
    if (dice.below(12) != 0)
      std::printf("2025-%02u-%02uT%02u:%02u:%02uZ", 1 + dice.below(12), 1 + dice.below(28), dice.below(24), dice.below(60), dice.below(60));
    std::printf(",%s,%s,0.%06u,2025-%02u-%02uT%02u:%02u:%02uZ\n", dice.below(10) < 7 ? "true" : "false", notes(dice).c_str(),
                dice.below(1000000), 1 + dice.below(12), 1 + dice.below(28), dice.below(24), dice.below(60), dice.below(60));
  }
  return 0;
}
