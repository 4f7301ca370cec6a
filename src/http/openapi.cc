#include "http/router.h"

namespace sluice::http {

std::string openapi(const Router&, std::string_view) { return "{}"; }

}  // namespace sluice::http
