#include "data/countries.h"

#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "data/letters.h"

namespace sluice::data {

namespace {

// What people write and neither ISO nor Unicode's English names say; letters only.
constexpr auto kOtherNames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"america", "us"},
    {"bolivia", "bo"},
    {"bosnia", "ba"},
    {"britain", "gb"},
    {"brunei", "bn"},
    {"burma", "mm"},
    {"capeverde", "cv"},
    {"congo", "cg"},
    {"czechrepublic", "cz"},
    {"drc", "cd"},
    {"drcongo", "cd"},
    {"easttimor", "tl"},
    {"england", "gb"},
    {"greatbritain", "gb"},
    {"holland", "nl"},
    {"hongkong", "hk"},
    {"iran", "ir"},
    {"ivorycoast", "ci"},
    {"korearepublicof", "kr"},
    {"laos", "la"},
    {"macao", "mo"},
    {"macau", "mo"},
    {"macedonia", "mk"},
    {"moldova", "md"},
    {"myanmar", "mm"},
    {"northernireland", "gb"},
    {"palestine", "ps"},
    {"peoplesrepublicofchina", "cn"},
    {"republicofireland", "ie"},
    {"republicofkorea", "kr"},
    {"russia", "ru"},
    {"russianfederation", "ru"},
    {"scotland", "gb"},
    {"slovakrepublic", "sk"},
    {"southkorea", "kr"},
    {"swaziland", "sz"},
    {"syria", "sy"},
    {"tanzania", "tz"},
    {"thegambia", "gm"},
    {"thenetherlands", "nl"},
    {"thephilippines", "ph"},
    {"turkey", "tr"},
    {"turkiye", "tr"},
    {"uae", "ae"},
    {"uk", "gb"},
    {"unitedkingdomofgreatbritainandnorthernireland", "gb"},
    {"unitedstatesofamerica", "us"},
    {"vatican", "va"},
    {"venezuela", "ve"},
    {"vietnam", "vn"},
    {"wales", "gb"},
});

constexpr auto kUsStates = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"alabama", "al"},
    {"alaska", "ak"},
    {"americansamoa", "as"},
    {"arizona", "az"},
    {"arkansas", "ar"},
    {"california", "ca"},
    {"colorado", "co"},
    {"connecticut", "ct"},
    {"delaware", "de"},
    {"districtofcolumbia", "dc"},
    {"florida", "fl"},
    {"georgia", "ga"},
    {"guam", "gu"},
    {"hawaii", "hi"},
    {"idaho", "id"},
    {"illinois", "il"},
    {"indiana", "in"},
    {"iowa", "ia"},
    {"kansas", "ks"},
    {"kentucky", "ky"},
    {"louisiana", "la"},
    {"maine", "me"},
    {"maryland", "md"},
    {"massachusetts", "ma"},
    {"michigan", "mi"},
    {"minnesota", "mn"},
    {"mississippi", "ms"},
    {"missouri", "mo"},
    {"montana", "mt"},
    {"nebraska", "ne"},
    {"nevada", "nv"},
    {"newhampshire", "nh"},
    {"newjersey", "nj"},
    {"newmexico", "nm"},
    {"newyork", "ny"},
    {"northcarolina", "nc"},
    {"northdakota", "nd"},
    {"northernmarianaislands", "mp"},
    {"ohio", "oh"},
    {"oklahoma", "ok"},
    {"oregon", "or"},
    {"pennsylvania", "pa"},
    {"puertorico", "pr"},
    {"rhodeisland", "ri"},
    {"southcarolina", "sc"},
    {"southdakota", "sd"},
    {"tennessee", "tn"},
    {"texas", "tx"},
    {"usvirginislands", "vi"},
    {"utah", "ut"},
    {"vermont", "vt"},
    {"virginia", "va"},
    {"virginislands", "vi"},
    {"washington", "wa"},
    {"washingtondc", "dc"},
    {"westvirginia", "wv"},
    {"wisconsin", "wi"},
    {"wyoming", "wy"},
});

using Names = std::unordered_map<std::string, std::string>;

void add_bare(Names& names, std::string_view name, const std::string& code) {
  std::string bare;
  letters::append_bare(bare, name);
  names.emplace(std::move(bare), code);
}

// Unicode writes "St. Lucia" and "Trinidad & Tobago".
void add_name(Names& names, std::string name, const std::string& code) {
  add_bare(names, name, code);
  bool longer = false;
  for (const auto& [brief, full] : {std::pair{"&", "and"}, std::pair{"St. ", "Saint "}}) {
    const auto at = name.find(brief);
    if (at == std::string::npos) continue;
    name.replace(at, std::string_view(brief).size(), full);
    longer = true;
  }
  if (longer) add_bare(names, name, code);
}

Names read_countries() {
  Names names;
  for (const auto& [name, code] : kOtherNames) names.emplace(name, code);
  for (const char* const* code = uloc_getISOCountries(); *code != nullptr; ++code) {
    const std::string_view two(*code);
    // No longer a country, or an island that belongs to one: not in ISO 3166-1.
    if (two == "AN" || two == "AC" || two == "CP" || two == "CQ" || two == "CS" || two == "DG" || two == "EA" || two == "IC" || two == "TA")
      continue;
    const std::string locale = "und_" + std::string(two);
    const std::string lower = base::ascii_lower(two);
    names.emplace(lower, lower);
    names.emplace(base::ascii_lower(uloc_getISO3Country(locale.c_str())), lower);
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[128];
    const std::int32_t length = uloc_getDisplayCountry(locale.c_str(), "en", wide, 128, &status);
    char text[512];
    std::int32_t size = 0;
    u_strToUTF8(text, sizeof text, &size, wide, length, &status);
    if (U_FAILURE(status)) continue;
    add_name(names, {text, static_cast<std::size_t>(size)}, lower);
  }
  names.erase("");
  return names;
}

const Names& countries() {
  static const Names kNames = read_countries();
  return kNames;
}

constexpr std::size_t kLongestName = 200;  // bytes; no country has one as long

}  // namespace

std::string_view find_country(std::string_view text) {
  if (text.size() > kLongestName) return {};
  std::string name;
  letters::append_bare(name, text);
  const auto found = countries().find(name);
  return found == countries().end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view find_us_state(std::string_view name) {
  for (const auto& [full, code] : kUsStates)
    if (full == name) return code;
  return {};
}

}  // namespace sluice::data
