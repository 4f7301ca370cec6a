#include "net/trust.h"

#include <curl/curl.h>

#include <fstream>
#include <sstream>

namespace sluice::net {

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

base::Result<Trust> Trust::load(const std::string& extra_file) {
  if (extra_file.empty()) return Trust{};
  const std::string extra = content_of(extra_file);
  if (extra.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return base::Error{.code = base::Code::invalid,
                       .reason = "net.bad_authorities",
                       .detail = "The file " + extra_file + " cannot be read or holds no certificate (PEM)."};
  // A list that is given to libcurl takes the place of the system's.
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  return Trust{(info->cainfo != nullptr ? content_of(info->cainfo) : std::string()) + "\n" + extra};
}

}  // namespace sluice::net
