#include <algorithm>
#include <string>

#include "base/text.h"
#include "manifest/connector.h"
#include "manifest/source.h"

namespace sluice::manifest {

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
    ASSIGN_OR_RETURN(Connector connector, parse_manifest(file.path, file.bytes));
    const std::string folder(file.path.substr(0, file.path.find('/')));
    if (connector.id != folder) return Source{file.path, file.bytes}.fault("/id", "must be the name of its folder, \"" + folder + "\"");
    connector.help_markdown = find(folder + "/help.md");
    connector.icon_svg = find(folder + "/icon.svg");
    if (connector.help_markdown.empty() || connector.icon_svg.empty())
      return Source{file.path, file.bytes}.fault("/id", "needs icon.svg and help.md beside the manifest");
    registry.connectors_.push_back(std::move(connector));
  }
  std::sort(registry.connectors_.begin(), registry.connectors_.end(),
            [](const Connector& a, const Connector& b) { return base::fold_case(a.title) < base::fold_case(b.title); });
  return registry;
}

const Connector* Registry::find(std::string_view id) const {
  for (const Connector& connector : connectors_) {
    if (connector.id == id) return &connector;
  }
  return nullptr;
}

}  // namespace sluice::manifest
