#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>

#include "base/json.h"
#include "base/time.h"

namespace sluice::base::log {

namespace {

std::atomic<Format> g_format = Format::text;
std::atomic<Level> g_lowest = Level::info;
constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};

void append_value(std::string& line, const Field& field, bool quote_all) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    // Quoted in both formats when needed: a value must not be able to forge a second line.
    const bool plain = !quote_all && !text->empty() && text->find_first_of(" \"\\=\n\r\t\x1b") == std::string_view::npos;
    if (plain)
      line += *text;
    else
      json::append_quoted(line, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line += std::to_string(*number);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    line += *flag ? "true" : "false";
  } else {
    json::append_number(line, std::get<double>(field.value));
  }
}

}  // namespace

void configure(Format format, Level lowest) {
  g_format = format;
  g_lowest = lowest;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level < g_lowest.load(std::memory_order_relaxed)) return;
  const bool as_json = g_format.load(std::memory_order_relaxed) == Format::json;
  std::string line;
  line.reserve(256);
  if (as_json) {
    line += R"({"ts":")" + format_rfc3339(system_now()) + R"(","level":")" + std::string(kNames[static_cast<std::size_t>(level)]) +
            R"(","event":)";
    json::append_quoted(line, event);
    for (const Field& field : fields) {
      line += ',';
      json::append_quoted(line, field.name);
      line += ':';
      append_value(line, field, true);
    }
    line += "}\n";
  } else {
    line += format_rfc3339(system_now()) + ' ' + std::string(kNames[static_cast<std::size_t>(level)]) + ' ' + std::string(event);
    for (const Field& field : fields) {
      line += ' ';
      line += field.name;
      line += '=';
      append_value(line, field, false);
    }
    line += '\n';
  }
  // One write per line keeps lines of several threads apart.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace sluice::base::log
