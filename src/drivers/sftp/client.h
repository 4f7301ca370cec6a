// The operations of SFTP that a delivery needs. Paths are bytes, sent as they are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "drivers/sftp/packets.h"

namespace sluice::drivers::sftp {

struct Attributes {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> mode;
  bool is_folder() const { return mode && (*mode & 0170000) == 0040000; }
};

// Either what was asked for or the server's refusal; Result around it carries broken connections.
template <class T>
struct Answer {
  std::optional<T> value;
  Refusal refusal;
  bool ok() const { return value.has_value(); }
};

class Client {
 public:
  explicit Client(Wire& wire) : packets_(wire) {}

  // Exchanges versions and asks for limits.
  base::Result<void> start();

  // Status::ok when done.
  base::Result<Refusal> make_folder(const std::string& path);
  base::Result<Refusal> remove(const std::string& path);
  base::Result<Refusal> close(const std::string& handle);
  // Fails when `to` exists, on most servers.
  base::Result<Refusal> rename(const std::string& from, const std::string& to);
  // Replaces `to` in one step; only when can_replace().
  base::Result<Refusal> replace(const std::string& from, const std::string& to);
  base::Result<Answer<Attributes>> stat(const std::string& path);
  // For writing, made or emptied, mode 0644. The value is the handle.
  base::Result<Answer<std::string>> open(const std::string& path);
  // Asks for mode 0644 whatever the server's umask says; the answer does not matter (C-047).
  base::Result<void> open_up(const std::string& handle);
  // Calls `each` with every name.
  base::Result<Refusal> list(const std::string& path, const std::function<void(std::string_view)>& each);
  // Bytes that an ordinary user may still write; empty when the server cannot tell.
  base::Result<std::optional<std::uint64_t>> free_bytes(const std::string& path);
  // A harmless request, so that neither side's idle limit ends the session (C-051).
  base::Result<void> give_sign_of_life();

  bool can_replace() const { return has("posix-rename@openssh.com"); }
  std::size_t write_size() const { return write_size_; }
  Packets& packets() { return packets_; }
  Wire& wire() { return packets_.wire(); }

 private:
  bool has(const std::string& extension) const { return extensions_.contains(extension); }
  base::Result<Refusal> command(Packet type, const Body& body, std::string_view doing);
  base::Result<Answer<std::string>> for_handle(Packet type, const Body& body, std::string_view doing);

  Packets packets_;
  std::map<std::string, std::string, std::less<>> extensions_;
  std::size_t write_size_ = 32768;  // what every server must take
};

}  // namespace sluice::drivers::sftp
