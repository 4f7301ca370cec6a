#include "drivers/sftp/packets.h"

#include <endian.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "drivers/paths.h"

namespace sluice::drivers::sftp {

using base::Error;
using base::Result;

namespace {

constexpr std::size_t kLargestReply = 1 << 20;

void append_u32(std::string& out, std::uint32_t number) {
  const std::uint32_t wire = htobe32(number);
  out.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}

std::uint32_t u32_at(const char* at) {
  std::uint32_t wire = 0;
  std::memcpy(&wire, at, sizeof wire);
  return be32toh(wire);
}

}  // namespace

Body& Body::u32(std::uint32_t number) {
  append_u32(bytes_, number);
  return *this;
}
Body& Body::u64(std::uint64_t number) {
  append_u32(bytes_, static_cast<std::uint32_t>(number >> 32));
  append_u32(bytes_, static_cast<std::uint32_t>(number));
  return *this;
}
Body& Body::text(std::string_view bytes) {
  append_u32(bytes_, static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
  return *this;
}

std::string_view Fields::take(std::size_t count) {
  if (count > rest_.size()) {
    broken_ = true;
    rest_ = {};
    return {};
  }
  const std::string_view out = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return out;
}
std::uint32_t Fields::u32() {
  const std::string_view bytes = take(4);
  return broken_ ? 0 : u32_at(bytes.data());
}
std::uint64_t Fields::u64() {
  const std::uint64_t high = u32();
  return high << 32 | u32();
}
std::string_view Fields::text() { return take(u32()); }

Refusal read_status(const Reply& reply) {
  Fields fields(reply.body);
  Refusal out{.status = static_cast<Status>(fields.u32())};
  out.message = fields.text();  // version 2 servers send none
  return out;
}

Packets::~Packets() {
  if (channel_ != nullptr) ssh_channel_free(channel_);
}

Result<Reply> Packets::start() {
  constexpr std::string_view kDoing = "starting SFTP";
  wire_.start_clock();
  channel_ = ssh_channel_new(wire_.session());
  if (channel_ == nullptr) return wire_.lost(kDoing);
  ASSIGN_OR_RETURN(const int opened, wire_.drive(SSH_AGAIN, kDoing, [&] { return ssh_channel_open_session(channel_); }));
  if (opened != SSH_OK) {
    if (ssh_is_connected(wire_.session()) == 0) return wire_.lost(kDoing);
    return protocol_error("The server let the user sign in but opens no session.", wire_.last_words());
  }
  ASSIGN_OR_RETURN(const int asked, wire_.drive(SSH_AGAIN, kDoing, [&] { return ssh_channel_request_subsystem(channel_, "sftp"); }));
  if (asked != SSH_OK) {
    if (ssh_is_connected(wire_.session()) == 0) return wire_.lost(kDoing);
    return protocol_error("The server let the user sign in but offers no SFTP to this user.", wire_.last_words());
  }
  begin(Packet::init, 0, Wants::reply);  // in place of an id, INIT carries the version
  std::memset(out_.data() + out_.size() - sizeof(std::uint32_t), 0, 3);
  out_.back() = 3;
  pending_.clear();
  RETURN_IF_ERROR(push(kDoing));
  while (!reply_) {
    ASSIGN_OR_RETURN(const bool got, receive(kDoing));
    if (!got) RETURN_IF_ERROR(wire_.wait(kDoing));
  }
  started_ = true;
  Reply reply = *std::exchange(reply_, std::nullopt);
  return reply;
}

// Appends the header; the caller appends exactly `body_size` bytes.
std::uint32_t Packets::begin(Packet type, std::size_t body_size, Wants wants) {
  const std::uint32_t id = next_id_++;
  append_u32(out_, static_cast<std::uint32_t>(body_size + 5));
  out_ += static_cast<char>(type);
  append_u32(out_, id);
  pending_.push_back({id, wants});
  if (wants == Wants::write) ++writes_;
  return id;
}

// Gives out_ to libssh, as fast as the server's window allows, and takes in replies meanwhile.
Result<void> Packets::push(std::string_view doing) {
  while (out_at_ < out_.size()) {
    const int count = ssh_channel_write(channel_, out_.data() + out_at_, static_cast<std::uint32_t>(out_.size() - out_at_));
    if (count < 0) {
      if (!started_) RETURN_IF_ERROR(receive(doing));  // what was said before the end explains it
      return wire_.lost(doing);
    }
    out_at_ += static_cast<std::size_t>(count);
    ASSIGN_OR_RETURN(const bool got, receive(doing));
    if (count == 0 && !got) RETURN_IF_ERROR(wire_.wait(doing));
  }
  out_.clear();
  out_at_ = 0;
  return {};
}

// True when something arrived.
Result<bool> Packets::receive(std::string_view doing) {
  std::array<char, 16384> bytes;
  const int count = ssh_channel_read_nonblocking(channel_, bytes.data(), bytes.size(), 0);
  if (count < 0 || (count == 0 && ssh_channel_is_eof(channel_) != 0)) return wire_.lost(doing);
  if (count == 0) return false;
  wire_.note_progress();
  in_.append(bytes.data(), static_cast<std::size_t>(count));
  std::size_t at = 0;
  while (in_.size() - at >= 4) {
    const std::size_t size = u32_at(in_.data() + at);
    if (size < 5 || size > kLargestReply) {
      // Most often the output of a start-up file of the user's shell, before SFTP began.
      return protocol_error("The server does not speak SFTP. It sent: \"" + scrub(std::string_view(in_).substr(at), 80) + "\"",
                            "packet of " + std::to_string(size) + " bytes");
    }
    if (in_.size() - at < 4 + size) break;
    RETURN_IF_ERROR(sort_in(std::string_view(in_).substr(at + 4, size)));
    at += 4 + size;
  }
  in_.erase(0, at);
  return true;
}

Result<void> Packets::sort_in(std::string_view packet) {
  Reply reply{.type = static_cast<Packet>(static_cast<std::uint8_t>(packet[0]))};
  if (!started_) {
    if (reply.type != Packet::version) return protocol_error("The server does not speak SFTP.", "no VERSION");
    reply.body = packet.substr(1);
    reply_ = std::move(reply);
    return {};
  }
  const std::uint32_t id = u32_at(packet.data() + 1);
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) { return pending.id == id; });
  if (found == pending_.end())
    return protocol_error("The server answered a request that was never sent.", "reply to " + std::to_string(id));
  const Wants wants = found->wants;
  pending_.erase(found);
  if (wants == Wants::nothing) return {};
  reply.body = packet.substr(5);
  if (wants == Wants::reply) {
    reply_ = std::move(reply);
    return {};
  }
  --writes_;
  if (reply.type != Packet::status) return protocol_error("The server answered a write with something else.", "reply to WRITE");
  Refusal refusal = read_status(reply);
  if (refusal.status != Status::ok && !refused_write_) refused_write_ = std::move(refusal);
  return {};
}

Result<Reply> Packets::ask(Packet type, const Body& body, std::string_view doing) {
  wire_.start_clock();
  const std::uint32_t id = begin(type, body.bytes().size(), Wants::reply);
  out_ += body.bytes();
  Result<void> done = push(doing);
  while (done.ok() && !reply_) {
    auto got = receive(doing);
    if (!got.ok())
      done = std::move(got).error();
    else if (!*got && !reply_)
      done = wire_.wait(doing);
  }
  if (!done.ok()) {
    // The reply may still come when the connection is used for cleaning up.
    for (Pending& pending : pending_) {
      if (pending.id == id) pending.wants = Wants::nothing;
    }
    return std::move(done).error();
  }
  return *std::exchange(reply_, std::nullopt);
}

Result<void> Packets::tell(Packet type, const Body& body, std::string_view doing) {
  wire_.start_clock();
  begin(type, body.bytes().size(), Wants::nothing);
  out_ += body.bytes();
  return push(doing);
}

Result<void> Packets::write(std::string_view handle, std::uint64_t offset, std::string_view bytes, std::string_view doing) {
  wire_.start_clock();
  Body head;
  head.text(handle).u64(offset).u32(static_cast<std::uint32_t>(bytes.size()));
  begin(Packet::write, head.bytes().size() + bytes.size(), Wants::write);
  out_ += head.bytes();
  out_ += bytes;
  return push(doing);
}

Result<void> Packets::await_writes(std::size_t count, std::string_view doing) {
  wire_.start_clock();
  while (writes_ > count) {
    ASSIGN_OR_RETURN(const bool got, receive(doing));
    if (!got) RETURN_IF_ERROR(wire_.wait(doing));
  }
  return {};
}

Result<void> Packets::look(std::string_view doing) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool got, receive(doing));
    if (!got) return {};
  }
}

}  // namespace sluice::drivers::sftp
