#include "server/demo.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <random>
#include <utility>

#include "base/random.h"

namespace sluice::server {

namespace {

using base::Error;
using base::Result;
using base::json::Array;
using base::json::Object;
using base::json::Value;

constexpr std::string_view kExportName = "Newsletter readers to the drop folder";
constexpr int kPeople = 10'000;

constexpr std::array kFirst = {"Anna", "Björn", "Chloé",   "David", "Elena", "François", "Günther", "Hana",  "Igor",  "José",   "Kateřina",
                               "Lars", "María", "Nikolai", "Olga",  "Pedro", "Quinn",    "Renée",   "Søren", "Tomáš", "Ursula", "Víctor",
                               "Wei",  "Yuki",  "Zoë",     "James", "Mary",  "Robert",   "Linda",   "Karen", "太郎",  "Мария"};
constexpr std::array kLast = {"Andersson", "Müller", "García", "O'Brien", "Smith",    "Johnson", "Nowak",   "Rossi",
                              "Dubois",    "Jansen", "Novák",  "Silva",   "Kowalska", "Tanaka",  "Ødegård", "D'Angelo"};
struct Place {
  const char* city;
  const char* country;
  const char* zip;
};
constexpr std::array kPlaces = {Place{"Seattle", "US", "98101"},   Place{"Hoboken", "US", "07030"}, Place{"Austin", "US", "73301"},
                                Place{"München", "DE", "80331"},   Place{"Köln", "DE", "50667"},    Place{"Paris", "FR", "75001"},
                                Place{"London", "GB", "SW1A 1AA"}, Place{"Málaga", "ES", "29001"},  Place{"Göteborg", "SE", "411 03"},
                                Place{"Kraków", "PL", "30-001"}};
constexpr std::array kTiers = {"None", "Bronze", "Bronze", "Silver", "Silver", "Gold", "Platinum"};

std::string ascii_letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c + 32);
    else if (c >= 'a' && c <= 'z')
      out += c;
  }
  return out.empty() ? "x" : out;
}

// The same people every time.
std::string people_csv() {
  std::mt19937 random(20260101);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::string csv =
      "CustomerId,FirstName,LastName,Email,Phone,DateOfBirth,City,PostalCode,Country,LoyaltyTier,LifetimeValue,LastPurchase,Newsletter,"
      "Notes\r\n";
  char line[512];
  for (int i = 1; i <= kPeople; ++i) {
    const std::string first = kFirst[below(kFirst.size())];
    const std::string last = kLast[below(kLast.size())];
    const Place& place = kPlaces[below(kPlaces.size())];
    const std::string phone = below(12) == 0 ? "" : "+1 206 555 0" + std::to_string(100 + below(900));
    const bool has_bought = below(8) != 0;
    std::snprintf(line, sizeof line, "C%06d,%s,%s,%s.%s%d@example.com,%s,%04u-%02u-%02u,%s,%s,%s,%s,%u.%02u,", i, first.c_str(),
                  last.c_str(), ascii_letters(first).c_str(), ascii_letters(last).c_str(), i, phone.c_str(), 1940 + below(66),
                  1 + below(12), 1 + below(28), place.city, place.zip, place.country, kTiers[below(kTiers.size())], below(6000),
                  below(100));
    csv += line;
    if (has_bought) {
      std::snprintf(line, sizeof line, "2026-%02u-%02uT%02u:%02u:%02uZ", 1 + below(10), 1 + below(28), below(24), below(60), below(60));
      csv += line;
    }
    csv += below(10) < 6 ? ",true," : ",false,";
    if (below(40) == 0) csv += "\"Called about an order, said \"\"thank you\"\"\"";
    csv += "\r\n";
  }
  return csv;
}

Value condition(const char* column, const char* op, const char* value) {
  return Object{{"column", column}, {"operator", op}, {"value", value}};
}
Value rule(Array conditions) { return Object{{"match", "all"}, {"conditions", Value(std::move(conditions))}}; }

Result<void> add_segments(App& app, const base::Actor& actor) {
  const std::pair<const char*, Value> segments[] = {
      {"Newsletter readers", rule({condition("Newsletter", "equals", "true")})},
      {"Gold and Platinum",
       rule({Object{{"column", "LoyaltyTier"}, {"operator", "in"}, {"values", Value(Array{Value("Gold"), Value("Platinum")})}}})},
      {"Big spenders in Germany", rule({condition("Country", "equals", "DE"), condition("LifetimeValue", "greater", "4000")})},
  };
  for (const auto& [name, value] : segments) {
    tables::SegmentDraft draft{
        .display_name = name, .name = {}, .kind = tables::SegmentKind::rule, .rule = value, .upload_id = {}, .column = {}};
    RETURN_IF_ERROR(app.tables().create_segment(actor, draft));
  }
  return {};
}

}  // namespace

Result<std::optional<DemoAccount>> add_sample_data(App& app) {
  ASSIGN_OR_RETURN(const auto users, app.people().list_users(""));
  if (!users.empty()) return std::optional<DemoAccount>();
  DemoAccount account{.email = "admin@example.com", .password = base::random_token(12)};
  auth::UserDraft user{.email = account.email,
                       .display_name = "Sample Administrator",
                       .role = base::Role::administrator,
                       .password = base::Secret(account.password)};
  ASSIGN_OR_RETURN(const auth::User made, app.people().create_user(base::Actor::system(), user));
  const base::Actor actor{
      .id = made.id, .display_name = made.display_name, .role = base::Role::administrator, .request_id = {}, .address = {}};

  const std::string path = app.config().data + "/spool/sample-customers.csv";
  {
    std::ofstream file(path, std::ios::binary);
    file << people_csv();
    if (!file.flush())
      return Error{
          .code = base::Code::internal, .reason = "demo.not_written", .detail = "The sample data could not be written to " + path + "."};
  }
  const auto imported = app.tables().import_here(actor, "Customer", "CustomerId", path);
  std::remove(path.c_str());
  RETURN_IF_ERROR(imported);
  if (imported->error) return Error{.code = base::Code::internal, .reason = "demo.not_imported", .detail = imported->error->detail};
  RETURN_IF_ERROR(add_segments(app, actor));

  const manifest::Connector* folder = app.connections().registry().find("folder");
  if (folder == nullptr) return std::optional(account);
  connections::ConnectionDraft connection;
  connection.type = folder->id;
  connection.display_name = "Drop folder on this server";
  connection.settings = Object{{"folder", "drop"}};
  connection.sharing.with = connections::With::contributors;
  connection.consent = connections::ConsentGiven{true, folder->consent.version};
  ASSIGN_OR_RETURN(const connections::Connection saved, app.connections().create(actor, std::move(connection), true));
  const exports::ExportDraft draft{
      .display_name = std::string(kExportName), .connection_id = saved.id, .tables = {"newsletter_readers"}, .columns = {}, .settings = {}};
  RETURN_IF_ERROR(app.exports().create(actor, draft));
  return std::optional(account);
}

Result<void> run_sample_export(App& app) {
  const base::Actor actor = base::Actor::system();
  ASSIGN_OR_RETURN(
      const auto page,
      app.exports().list(actor,
                         {.search = std::string(kExportName), .sort = {}, .connection_id = {}, .state = {}, .cursor = {}, .limit = 1}));
  for (const exports::Export& e : page.items) RETURN_IF_ERROR(app.exports().run(actor, e.id));
  return {};
}

}  // namespace sluice::server
