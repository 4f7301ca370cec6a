// libFuzzer: any bytes as a request. Besides not crashing: where the bytes are cut into readings must not matter, and what was
// taken for a request must be one that every reader would see the same way.
#include <cstdlib>

#include "base/text.h"
#include "http/chunk_decoder.h"
#include "http/head_scan.h"
#include "http/request_parser.h"

namespace {

using sluice::http::Call;
using sluice::http::ChunkDecoder;
using sluice::http::HeadScan;
using sluice::http::RequestParser;

constexpr std::size_t kLimit = 16 * 1024;

struct Outcome {
  HeadScan::Found found = HeadScan::Found::more;
  std::string reason;
  std::string body;
  ChunkDecoder::State state = ChunkDecoder::State::more;
  std::size_t used = 0;
  bool operator==(const Outcome&) const = default;
};

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const RequestParser& parser, const Call& call) {
  require(call.path.starts_with('/') && sluice::base::is_valid_utf8(call.path));
  int hosts = 0;
  int framings = 0;
  for (const auto& [name, value] : call.headers) {
    hosts += name == "host" ? 1 : 0;
    framings += name == "content-length" || name == "transfer-encoding" ? 1 : 0;
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
  require(hosts <= 1 && framings <= 1 && (hosts == 1 || !parser.is_http11()));
}

Outcome read(std::string_view bytes, std::size_t step) {
  Outcome outcome;
  HeadScan scan;
  std::size_t have = 0;
  while (outcome.found == HeadScan::Found::more && have < bytes.size()) {
    have = std::min(bytes.size(), have + step);
    outcome.found = scan.scan(bytes.substr(0, have), kLimit);
  }
  if (outcome.found != HeadScan::Found::end) return outcome;
  Call call;
  RequestParser parser(call);
  const auto error = parser.read_head(bytes.substr(0, scan.size()));
  if (error) {
    outcome.reason = error->reason;
    return outcome;
  }
  check(parser, call);
  if (!parser.is_chunked()) return outcome;
  ChunkDecoder chunks(1 << 20);
  std::size_t used = scan.size();
  have = std::max(have, used);
  while (chunks.state() == ChunkDecoder::State::more) {
    used += chunks.take(bytes.substr(used, have - used), outcome.body);
    if (have == bytes.size()) break;
    have = std::min(bytes.size(), have + step);
  }
  outcome.state = chunks.state();
  outcome.used = used;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(bytes, bytes.size() + 1);
  for (const std::size_t step : {1, 3, 64}) require(read(bytes, step) == whole);
  return 0;
}
