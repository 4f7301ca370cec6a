// MD5 (RFC 1321), because some services name a person by it. It protects nothing.
#pragma once

#include <string>
#include <string_view>

namespace sluice::drivers::http_json {

// 32 lower-case hexadecimal digits.
std::string md5_hex(std::string_view text);

}  // namespace sluice::drivers::http_json
