// The list at the service that the members of a segment go to: found by the segment's name, or made.
#pragma once

#include <string>

#include "base/result.h"
#include "drivers/http_json/caller.h"

namespace sluice::drivers::http_json {

// Its id. `find` may be null. Errors as of RowSession, and "service.bad_answer".
base::Result<std::string> find_or_make_audience(Caller& caller, const manifest::HttpAudience& rule, const Call* find, const Call& create,
                                                const std::string& name, base::Deadline deadline);

}  // namespace sluice::drivers::http_json
