#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "manifest/connector.h"
#include "manifest/icon.h"
#include "manifest/source.h"
#include "manifest/vocabulary.h"

namespace sluice::manifest {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFolders = 200;
constexpr std::size_t kManifestBytes = 256 * 1024, kHelpBytes = 256 * 1024, kIconBytes = 64 * 1024;

base::Error bad_folder(std::string detail) {
  return base::Error{.code = base::Code::invalid, .reason = "manifest.bad_folder", .detail = std::move(detail)};
}

// The whole of a regular file that is not larger than it may be.
base::Result<std::string> read_file(const fs::path& path, std::size_t most) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return bad_folder(path.string() + " is missing or not a file");
  std::ifstream file(path, std::ios::binary);
  std::string bytes(most + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad() || (!file && !file.eof())) return bad_folder(path.string() + " cannot be read");
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > most) return bad_folder(path.string() + " is larger than " + std::to_string(most / 1024) + " KiB");
  if (!base::is_valid_utf8(bytes)) return bad_folder(path.string() + " is not UTF-8 text");
  return bytes;
}

// A type of the operator's own, checked for what only built-in ones may do.
base::Result<Connector> read_folder(const fs::path& folder, const Registry& registry) {
  const fs::path path = folder / "manifest.yaml";
  ASSIGN_OR_RETURN(const std::string yaml, read_file(path, kManifestBytes));
  ASSIGN_OR_RETURN(Connector connector, parse_manifest(path.string(), yaml));
  const std::string name = path.string();
  const Source source{name, yaml};
  if (connector.id != folder.filename().string())
    return source.fault("/id", "must be the name of its folder, \"" + folder.filename().string() + "\"");
  if (registry.find(connector.id) != nullptr) return source.fault("/id", "is the id of another type; choose one of its own");
  if (connector.driver != "http_json") return source.fault("/driver", "must be http_json for a type that is not built in");
  ASSIGN_OR_RETURN(connector.icon_svg, read_file(folder / "icon.svg", kIconBytes));
  if (const auto icon = check_icon(connector.icon_svg); !icon.ok()) return bad_folder((folder / icon.error().detail).string());
  ASSIGN_OR_RETURN(connector.help_markdown, read_file(folder / "help.md", kHelpBytes));
  if (base::trim(connector.help_markdown).empty()) return bad_folder((folder / "help.md").string() + " is empty");
  connector.community = true;
  return connector;
}

}  // namespace

base::Result<Registry> Registry::from_files(std::span<const base::EmbeddedFile> files) {
  Registry registry;
  const auto find = [&](const std::string& path) -> std::string_view {
    for (const base::EmbeddedFile& file : files) {
      if (file.path == path) return file.bytes;
    }
    return {};
  };
  for (const base::EmbeddedFile& file : files) {
    if (!file.path.ends_with("/manifest.yaml")) continue;
    const Source source{file.path, file.bytes};
    ASSIGN_OR_RETURN(Connector connector, parse_manifest(file.path, file.bytes));
    const std::string folder(file.path.substr(0, file.path.find('/')));
    if (connector.id != folder) return source.fault("/id", "must be the name of its folder, \"" + folder + "\"");
    connector.help_markdown = find(folder + "/help.md");
    connector.icon_svg = find(folder + "/icon.svg");
    if (connector.help_markdown.empty() || connector.icon_svg.empty())
      return source.fault("/id", "needs icon.svg and help.md beside the manifest");
    registry.connectors_.push_back(std::move(connector));
  }
  registry.sort();
  return registry;
}

void Registry::add_folder(const std::string& directory) {
  std::vector<fs::path> folders;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
      std::error_code ignored;
      if (entry.is_directory(ignored) && !entry.path().filename().string().starts_with('.')) folders.push_back(entry.path());
    }
  } catch (const fs::filesystem_error& failed) {
    faults_.push_back({directory, "The folder of connection types cannot be read: " + failed.code().message() + "."});
    return;
  }
  std::sort(folders.begin(), folders.end());
  if (folders.size() > kMostFolders) {
    faults_.push_back({directory, "It holds more than " + std::to_string(kMostFolders) + " folders; those after " +
                                      folders[kMostFolders - 1].filename().string() + " are not loaded."});
    folders.resize(kMostFolders);
  }
  for (const fs::path& folder : folders) {
    auto connector = read_folder(folder, *this);
    if (connector.ok())
      connectors_.push_back(std::move(*connector));
    else
      faults_.push_back({folder.filename().string(), connector.error().detail});
  }
  sort();
}

void Registry::sort() {
  std::sort(connectors_.begin(), connectors_.end(),
            [](const Connector& a, const Connector& b) { return base::fold_case(a.title) < base::fold_case(b.title); });
}

const Connector* Registry::find(std::string_view id) const {
  for (const Connector& connector : connectors_) {
    if (connector.id == id) return &connector;
  }
  return nullptr;
}

}  // namespace sluice::manifest
