// The parts of a manifest that are read in files of their own; parse.cc puts them together. Private to this folder.
#pragma once

#include <memory>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "manifest/connector.h"
#include "manifest/source.h"

namespace sluice::manifest {

// `mapping:`, whose attributes must fit the fields of the export, which were read before. With key identifiers the export gets the
// field `key_identifier`.
base::Result<void> read_mapping(const Source& source, const base::json::Value& part, Connector& connector);

// `limits:`.
base::Result<Limits> read_limits(const Source& source, const base::json::Value& part);

// `http:` as it is written: keys, kinds and pointers are checked.
base::Result<HttpService> read_http(const Source& source, const base::json::Value& part);

// What texts in the calls name: everything is there where it is used, nothing secret leaves in an address, no value chooses the host
// that may not. Needs the connector whole, and finds out whether segments are told apart (Connector::per_segment).
base::Result<void> lint_http(const Source& source, Connector& connector);

}  // namespace sluice::manifest
