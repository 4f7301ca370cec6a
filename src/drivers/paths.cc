#include "drivers/paths.h"

#include "base/text.h"

namespace sluice::drivers {

namespace {
constexpr std::string_view kPart = ".part";
// A file moved aside while its successor takes its name, on servers that cannot replace in one step.
constexpr std::string_view kOld = ".old";
}  // namespace

base::Result<void> check_relative_path(std::string_view driver, std::string_view path) {
  bool bad = path.empty() || path.find('\0') != std::string_view::npos;
  for (const std::string_view component : base::split(path, '/')) {
    if (component.empty() || component == "." || component == "..") bad = true;
  }
  if (!bad) return {};
  return base::Error{.code = base::Code::invalid,
                     .reason = std::string(driver) + ".bad_path",
                     .detail = "The path '" + scrub(path) + "' must be relative and must not have empty parts, '.' or '..'."};
}

PartName part_name(std::string_view path, std::string_view run_id) {
  const auto slash = path.rfind('/');
  PartName out;
  if (slash != std::string_view::npos) out.folder = path.substr(0, slash);
  out.name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  out.part = "." + out.name + "." + std::string(run_id) + std::string(kPart);
  return out;
}

bool is_part_of(std::string_view file_name, std::string_view run_id) {
  if (run_id.empty() || !file_name.starts_with('.')) return false;
  for (const std::string_view suffix : {kPart, kOld}) {
    const std::string end = "." + std::string(run_id) + std::string(suffix);
    if (file_name.ends_with(end) && file_name.size() > end.size() + 1) return true;
  }
  return false;
}

std::string join_path(std::string_view folder, std::string_view path) {
  if (folder.empty()) return std::string(path);
  if (path.empty()) return std::string(folder);
  return std::string(folder) + (folder.ends_with('/') ? "" : "/") + std::string(path);
}

std::string scrub(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  if (text.size() > most) {
    // Do not leave half a character behind.
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
    out += "…";
  }
  if (!base::is_valid_utf8(out)) {
    for (char& c : out) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  return std::string(base::trim(out));
}

}  // namespace sluice::drivers
