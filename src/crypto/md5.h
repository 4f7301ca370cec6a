// MD5, which some services name their members by. It proves nothing and hides nothing: never for secrets.
#pragma once

#include <string>
#include <string_view>

namespace sluice::crypto {

// 32 lower-case hexadecimal digits.
std::string md5_hex(std::string_view bytes);

}  // namespace sluice::crypto
