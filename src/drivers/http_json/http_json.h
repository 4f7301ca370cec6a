// Services that speak JSON over HTTP, as their manifests say (docs/manifest.md).
//
//   names, text, encode   what ${…} stands for, and templates as flat operations
//   request               one call of a manifest, compiled
//   auth, budget, mask    who we are, how fast we may ask, what nobody may read
//   caller                calls in flight: signed, within the budget, recorded
//   pointer, answer       what an answer says about a call and about rows
//   batch                 rows on their way
//   session…              the RowSession
//   audience              the list at the service that a segment goes to
//   preview, verify       the first call without sending it; whether a connection works
#pragma once

#include "drivers/driver.h"

namespace sluice::drivers::http_json {

// Reasons: those of RowSession (drivers/driver.h), and "service.bad_answer", "service.cannot_remove".
base::Result<std::unique_ptr<RowSession>> open_rows(const Context& context, const Target& target, const RowsPlan& plan, RowEvents events);
base::Result<std::string> preview_rows(const Target& target, const RowsPlan& plan, const RowBlock& rows);
std::vector<Step> verify(const Context& context, const Target& target, const std::function<void(const Step&)>& report);

inline constexpr Driver kDriver = {.name = "http_json", .verify = &verify, .open_rows = &open_rows, .preview_rows = &preview_rows};

}  // namespace sluice::drivers::http_json
