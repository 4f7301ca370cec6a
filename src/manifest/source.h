// A manifest while it is read: where its faults are told from.
#pragma once

#include <string>
#include <string_view>

#include "base/describe.h"
#include "base/result.h"
#include "manifest/yaml.h"

namespace sluice::manifest {

struct Source {
  std::string_view path;  // "sftp/manifest.yaml"
  std::string_view yaml;

  // "sftp/manifest.yaml:12: /export/fields/host must …"; reason "manifest.invalid".
  base::Error fault(std::string_view pointer, const std::string& what) const {
    return base::Error{
        .code = base::Code::invalid,
        .reason = "manifest.invalid",
        .detail = std::string(path) + ":" + std::to_string(line_of(yaml, pointer)) + ": " + std::string(pointer) + " " + what};
  }

  // A part of the file as T, by its describe(); unknown keys are faults. `pointer` is where the part stands.
  template <class T>
  base::Result<T> read(const base::json::Value& value, const std::string& pointer) const {
    auto read = base::from_json<T>(value);
    if (read.ok()) return read;
    // A misspelt key is also a missing one; the spelling is what helps.
    const base::FieldError* first = &read.error().fields.front();
    for (const base::FieldError& one : read.error().fields) {
      if (one.reason == "unknown" && first->reason != "unknown") first = &one;
    }
    return fault(pointer + first->pointer, first->detail);
  }
};

}  // namespace sluice::manifest
