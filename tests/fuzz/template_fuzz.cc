// Any JSON as the template of a row, with any values: what goes out is JSON, and no value changes its structure (C-100). Any text as a
// path: what a value is put into stays one place of the address. Build with -DSLUICE_FUZZ=ON, run: template_fuzz -max_len=1000
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "drivers/http_json/encode.h"

namespace {

using namespace sluice;
using namespace sluice::drivers;
using base::json::Value;

void demand(bool condition) {
  if (!condition) std::abort();
}

constexpr base::json::Limits kWide = {.bytes = 1 << 24, .depth = 64, .values = 1'000'000, .big_as_text = true};

// Lists, objects and names of members, without the values.
std::string shape(const Value& value) {
  std::string out;
  if (const base::json::Array* items = value.as_array()) {
    for (const Value& item : *items) out += shape(item) + ",";
    return "[" + out + "]";
  }
  if (const base::json::Object* object = value.as_object()) {
    for (const auto& [name, inner] : *object) out += std::to_string(name.size()) + name + ":" + shape(inner) + ",";
    return "{" + out + "}";
  }
  return "v";
}

struct World {
  manifest::Connector connector;
  Target target;
  RowsPlan plan;
  World() {
    connector.http = std::make_shared<const manifest::HttpService>();
    connector.connection_fields.push_back({.name = "server", .type = manifest::FieldType::url});
    connector.connection_fields.push_back({.name = "name"});
    target.connector = &connector;
    target.settings.set("server", "https://a.example.com");
    target.settings.set("name", "Ada \"L\"/?");
    plan.run_id = "r";
    plan.columns = {{"a", "A\"", base::ColumnType::text, true}, {"b", "B", base::ColumnType::integer, false}};
  }
};

std::string render(const http_json::Template& row, std::string_view a, std::string_view b) {
  RowBlock block(2);
  const base::Cell cells[] = {base::Cell::of(a), base::Cell::of(b)};
  block.add(1, "k", 1, cells);
  std::string out;
  row.append(out, {.rows = "1,2", .audience_id = "x", .batch_id = "x", .job_id = "x", .token = "x", .block = &block, .id = "x"});
  return out;
}

void try_template(const World& world, std::string_view text, std::string_view value) {
  const auto parsed = base::json::parse(text);
  if (!parsed.ok()) return;
  const http_json::Template row(*parsed, http_json::Names(world.target, &world.plan, "upsert"));
  for (const auto& [a, b] : {std::pair<std::string_view, std::string_view>("", ""), {value, ""}, {"", value}, {value, value}}) {
    const std::string out = render(row, a, b);
    demand(base::json::parse(out, kWide).ok());
  }
  const bool may_vanish = value.empty() || text.find("datacenter") != std::string_view::npos;
  if (may_vanish) return;
  const auto with = base::json::parse(render(row, value, value), kWide), plain = base::json::parse(render(row, "x", "x"), kWide);
  demand(shape(*with) == shape(*plain));
}

// Between the same literals stands what no value of ours may contain unescaped.
void try_path(const World& world, std::string_view value) {
  Target target;
  target.connector = &world.connector;
  target.settings.set("server", "https://a.example.com");
  target.settings.set("name", std::string(value));
  const http_json::Names names(target, &world.plan, "upsert");
  const std::string path = http_json::Text("${server}/l/${name}/m", names, http_json::Inside::address).str();
  demand(path.starts_with("https://a.example.com/l/") && path.ends_with("/m"));
  const std::string_view inside = std::string_view(path).substr(24, path.size() - 26);
  demand(inside.find_first_of("/?#&=\r\n \"") == std::string_view::npos);
  demand(base::percent_decode(inside, false) == std::string(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const World world;
  if (size < 1) return 0;
  const std::string_view all(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(bytes[0], all.size());
  const std::string_view value = all.substr(0, cut), text = all.substr(cut);
  const auto parts = manifest::parse_text(text);
  if (parts.ok()) {
    std::size_t length = 0;
    for (const auto& part : *parts) length += part.literal.size() + part.name.size();
    demand(length <= text.size());
    const http_json::Names names(world.target, &world.plan, "upsert");
    for (const auto inside : {http_json::Inside::plain, http_json::Inside::address, http_json::Inside::query})
      (void)http_json::Text(text, names, inside).str({.rows = "1"});
  }
  try_template(world, text, value);
  try_path(world, value);
  return 0;
}
