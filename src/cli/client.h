// Commands that talk to the REST API, like anybody else: `sluice connection list`, `sluice export run ID --wait`.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace sluice::cli {

struct Remote {
  std::string url;      // http://127.0.0.1:8420
  std::string api_key;  // from SLUICE_API_KEY
};

struct Answer {
  long status = 0;
  std::string body;
};
// Reason "cli.unreachable".
base::Result<Answer> call(const Remote& remote, const std::string& method, const std::string& path, const std::string& body,
                          const std::vector<std::string>& headers);

struct NounCommand {
  std::string noun;  // "connection"
  std::string verb;  // "list"
  std::string id;
  std::string file;   // JSON body; "-" is standard input
  std::string query;  // "q=…&sort=…"
  bool json = false;
  bool wait = false;
};
// The exit status: 0, or what the error's code says.
int run(const Remote& remote, const NounCommand& command);

}  // namespace sluice::cli
