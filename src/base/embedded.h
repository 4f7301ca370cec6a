// Files compiled into the binary (tools/embed.py). The bytes live as long as the process.
#pragma once

#include <span>
#include <string_view>

namespace sluice::base {

struct EmbeddedFile {
  std::string_view path;  // "sftp/manifest.yaml"
  std::string_view bytes;
  std::string_view gzipped;  // empty when gzip does not help
};

}  // namespace sluice::base

namespace sluice::embedded {
std::span<const base::EmbeddedFile> connectors();
std::span<const base::EmbeddedFile> web();
}  // namespace sluice::embedded
