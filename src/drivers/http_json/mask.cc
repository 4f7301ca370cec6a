#include "drivers/http_json/mask.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "drivers/http_json/encode.h"

namespace sluice::drivers::http_json {

Mask::Mask(const Target& target) {
  for (const auto& [name, secret] : target.secrets) add(secret.expose());
}

Mask::~Mask() {
  for (std::string& secret : secrets_) base::wipe_memory(secret.data(), secret.size());
}

void Mask::add(std::string_view secret) {
  if (secret.empty()) return;
  add_one(std::string(secret));
  add_one(base::percent_encode(secret));
  add_one(base::base64(secret));
  add_one(base::base64url(secret));
  std::string json;
  append_json_text(json, secret);
  add_one(json.substr(1, json.size() - 2));
}

void Mask::add_one(std::string secret) {
  if (std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) return;
  const auto at = std::find_if(secrets_.begin(), secrets_.end(), [&](const std::string& one) { return one.size() < secret.size(); });
  secrets_.insert(at, std::move(secret));
}

std::string Mask::text(std::string_view in, std::size_t most) const {
  // Far enough behind the cut that a secret which begins before it is seen as a whole.
  const std::size_t longest = secrets_.empty() ? 0 : secrets_.front().size();
  std::string out(in.substr(0, most + longest));
  for (const std::string& secret : secrets_) {
    for (std::size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at + 3)) out.replace(at, secret.size(), "***");
  }
  if (out.size() > most) {
    out.resize(most);
    while (!out.empty() && !base::is_valid_utf8(out) && in.size() > most && (static_cast<unsigned char>(out.back()) & 0x80) != 0)
      out.pop_back();
  }
  if (base::is_valid_utf8(out)) return out;
  std::string quoted;
  base::json::append_quoted(quoted, out);
  auto parsed = base::json::parse(quoted, {.bytes = quoted.size() + 1});
  return parsed.ok() ? std::string(parsed->text()) : std::string();
}

bool is_secret_header(std::string_view name) {
  const std::string lower = base::ascii_lower(name);
  for (const std::string_view word : {"auth", "key", "token", "secret", "cookie", "signature", "password", "session"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace sluice::drivers::http_json
