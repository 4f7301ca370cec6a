#include "data/gzip.h"

#include <isa-l.h>

#include <algorithm>
#include <vector>

namespace sluice::data {

// Pointers into itself: the state never moves, only the pointer to it does.
struct GzipEncoder::State {
  isal_zstream stream{};
  std::vector<std::uint8_t> level_buffer = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);

  State() {
    isal_deflate_init(&stream);
    prepare();
  }

  void prepare() {
    stream.level = 1;
    stream.level_buf = level_buffer.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.flush = NO_FLUSH;
    stream.end_of_stream = 0;
  }

  void run(std::string_view input, bool last, Block& out) {
    constexpr std::size_t kRoom = std::size_t{64} << 10;
    constexpr std::size_t kMost = std::size_t{1} << 30;  // of input at once: the counters are of 32 bits
    do {
      const std::string_view part = input.substr(0, kMost);
      input.remove_prefix(part.size());
      // ISA-L does not write through the pointer, it only forgot to say so.
      stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(part.data()));
      stream.avail_in = static_cast<std::uint32_t>(part.size());
      stream.end_of_stream = last && input.empty() ? 1 : 0;
      do {
        char* const start = out.reserve(kRoom);
        const std::size_t room = std::min(out.allocated() - out.size(), kMost);
        stream.next_out = reinterpret_cast<std::uint8_t*>(start);
        stream.avail_out = static_cast<std::uint32_t>(room);
        const int status = isal_deflate(&stream);
        BASE_ASSERT(status == COMP_OK);
        out.commit(room - stream.avail_out);
      } while (stream.avail_out == 0 || (stream.end_of_stream != 0 && stream.internal_state.state != ZSTATE_END));
    } while (!input.empty());
  }
};

GzipEncoder::GzipEncoder() : state_(std::make_unique<State>()) {}
GzipEncoder::~GzipEncoder() = default;
GzipEncoder::GzipEncoder(GzipEncoder&&) noexcept = default;
GzipEncoder& GzipEncoder::operator=(GzipEncoder&&) noexcept = default;

void GzipEncoder::encode(std::string_view input, Block& out) {
  if (!input.empty()) state_->run(input, false, out);
}

void GzipEncoder::finish(Block& out) {
  state_->run({}, true, out);
  isal_deflate_reset(&state_->stream);
  state_->prepare();
}

}  // namespace sluice::data
