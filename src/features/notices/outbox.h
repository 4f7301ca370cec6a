// What settings.cc and delivery.cc share. Private to this folder.
#pragma once

#include <string_view>

namespace sluice::notices {

// Owner of the mail password in the vault; a webhook's secret belongs to its id.
inline constexpr std::string_view kMailSecrets = "notices:mail";

}  // namespace sluice::notices
