// SFTP version 3 on the wire (draft-ietf-secsh-filexfer-02): requests are numbered, replies may come in any order, and many
// requests may be in flight. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drivers/sftp/failure.h"
#include "drivers/sftp/wire.h"

namespace sluice::drivers::sftp {

enum class Packet : std::uint8_t {
  init = 1,
  version = 2,
  open = 3,
  close = 4,
  write = 6,
  stat = 17,
  fsetstat = 10,
  opendir = 11,
  readdir = 12,
  remove = 13,
  mkdir = 14,
  realpath = 16,
  rename = 18,
  status = 101,
  handle = 102,
  data = 103,
  name = 104,
  attributes = 105,
  extended = 200,
  extended_reply = 201,
};

// Builds the body of a request.
class Body {
 public:
  Body& u32(std::uint32_t number);
  Body& u64(std::uint64_t number);
  Body& text(std::string_view bytes);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads a reply; running out of bytes sets `broken` and yields zeros.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view text();
  bool empty() const { return rest_.empty(); }
  bool broken() const { return broken_; }

 private:
  std::string_view take(std::size_t count);
  std::string_view rest_;
  bool broken_ = false;
};

struct Reply {
  Packet type = Packet::status;
  std::string body;  // after the request id
};
Refusal read_status(const Reply& reply);

class Packets {
 public:
  // A channel with the subsystem "sftp" on a wire where somebody has signed in.
  explicit Packets(Wire& wire) : wire_(wire) {}
  ~Packets();
  Packets(const Packets&) = delete;
  Packets& operator=(const Packets&) = delete;

  // Opens the channel and exchanges versions; the reply is that of INIT.
  base::Result<Reply> start();

  // Sends a request and waits for its reply.
  base::Result<Reply> ask(Packet type, const Body& body, std::string_view doing);
  // Sends a request whose reply does not matter.
  base::Result<void> tell(Packet type, const Body& body, std::string_view doing);

  // Sends one WRITE without waiting for its reply. refused_write() has the first that failed.
  base::Result<void> write(std::string_view handle, std::uint64_t offset, std::string_view bytes, std::string_view doing);
  // Until at most `count` WRITEs have no reply yet.
  base::Result<void> await_writes(std::size_t count, std::string_view doing);
  const std::optional<Refusal>& refused_write() const { return refused_write_; }
  void forget_refused_write() { refused_write_.reset(); }

  // Takes in whatever arrived, without waiting; answers the server's own keep-alive questions.
  base::Result<void> look(std::string_view doing);
  Wire& wire() { return wire_; }

 private:
  enum class Wants : std::uint8_t { reply, write, nothing };
  struct Pending {
    std::uint32_t id = 0;
    Wants wants = Wants::nothing;
  };

  std::uint32_t begin(Packet type, std::size_t body_size, Wants wants);
  base::Result<void> push(std::string_view doing);
  base::Result<bool> receive(std::string_view doing);
  base::Result<void> sort_in(std::string_view packet);

  Wire& wire_;
  ssh_channel channel_ = nullptr;
  bool started_ = false;
  std::uint32_t next_id_ = 1;
  std::string out_;  // not yet given to libssh from out_at_ on; a packet begun is always finished, even after a stop
  std::size_t out_at_ = 0;
  std::string in_;
  std::vector<Pending> pending_;
  std::size_t writes_ = 0;      // of pending_
  std::optional<Reply> reply_;  // to the one request that waits
  std::optional<Refusal> refused_write_;
};

}  // namespace sluice::drivers::sftp
