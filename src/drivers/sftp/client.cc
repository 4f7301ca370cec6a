#include "drivers/sftp/client.h"

#include <algorithm>

namespace sluice::drivers::sftp {

using base::Error;
using base::Result;

namespace {

constexpr std::uint32_t kHasSize = 1;
constexpr std::uint32_t kHasOwner = 2;
constexpr std::uint32_t kHasMode = 4;
constexpr std::uint32_t kHasTimes = 8;
constexpr std::uint32_t kHasMore = 0x80000000;

// Larger writes need fewer packets; what is in flight is bounded by the SSH window of 2 MiB that servers grant.
constexpr std::uint64_t kLargestWrite = 255 * 1024;

Attributes read_attributes(Fields& fields) {
  Attributes out;
  const std::uint32_t flags = fields.u32();
  if ((flags & kHasSize) != 0) out.size = fields.u64();
  if ((flags & kHasOwner) != 0) (void)fields.u64();
  if ((flags & kHasMode) != 0) out.mode = fields.u32();
  if ((flags & kHasTimes) != 0) (void)fields.u64();
  if ((flags & kHasMore) != 0) {
    for (std::uint32_t count = fields.u32(); count > 0 && !fields.broken(); --count) {
      (void)fields.text();
      (void)fields.text();
    }
  }
  return out;
}

Error broken(std::string_view what) {
  return protocol_error("The server sent an answer that does not follow the SFTP protocol.", std::string(what));
}

}  // namespace

Result<void> Client::start() {
  ASSIGN_OR_RETURN(const Reply version, packets_.start());
  Fields fields(version.body);
  const std::uint32_t number = fields.u32();
  if (number < 3) return protocol_error("The server speaks SFTP version " + std::to_string(number) + "; version 3 is needed.", "VERSION");
  while (!fields.empty() && !fields.broken()) {
    const std::string name(fields.text());
    extensions_[name] = fields.text();
  }
  if (!has("limits@openssh.com")) return {};
  ASSIGN_OR_RETURN(const Reply reply, packets_.ask(Packet::extended, Body().text("limits@openssh.com"), "asking for limits"));
  if (reply.type != Packet::extended_reply) return {};
  Fields limits(reply.body);
  (void)limits.u64();  // of a packet
  (void)limits.u64();  // of a read
  const std::uint64_t largest_write = limits.u64();
  if (!limits.broken() && largest_write > write_size_) write_size_ = static_cast<std::size_t>(std::min(largest_write, kLargestWrite));
  return {};
}

Result<Refusal> Client::command(Packet type, const Body& body, std::string_view doing) {
  ASSIGN_OR_RETURN(const Reply reply, packets_.ask(type, body, doing));
  if (reply.type != Packet::status) return broken(doing);
  return read_status(reply);
}

Result<Answer<std::string>> Client::for_handle(Packet type, const Body& body, std::string_view doing) {
  ASSIGN_OR_RETURN(const Reply reply, packets_.ask(type, body, doing));
  Answer<std::string> out;
  if (reply.type == Packet::status) {
    out.refusal = read_status(reply);
    return out;
  }
  Fields fields(reply.body);
  out.value = std::string(fields.text());
  if (reply.type != Packet::handle || fields.broken() || out.value->size() > 256) return broken(doing);
  return out;
}

Result<Refusal> Client::make_folder(const std::string& path) {
  return command(Packet::mkdir, Body().text(path).u32(kHasMode).u32(0755), "making a folder");
}
Result<Refusal> Client::remove(const std::string& path) { return command(Packet::remove, Body().text(path), "removing a file"); }
Result<Refusal> Client::close(const std::string& handle) { return command(Packet::close, Body().text(handle), "closing the file"); }
Result<Refusal> Client::rename(const std::string& from, const std::string& to) {
  return command(Packet::rename, Body().text(from).text(to), "renaming the file");
}
Result<Refusal> Client::replace(const std::string& from, const std::string& to) {
  return command(Packet::extended, Body().text("posix-rename@openssh.com").text(from).text(to), "renaming the file");
}

Result<Answer<Attributes>> Client::stat(const std::string& path) {
  ASSIGN_OR_RETURN(const Reply reply, packets_.ask(Packet::stat, Body().text(path), "looking at a file"));
  Answer<Attributes> out;
  if (reply.type == Packet::status) {
    out.refusal = read_status(reply);
    return out;
  }
  Fields fields(reply.body);
  out.value = read_attributes(fields);
  if (reply.type != Packet::attributes || fields.broken()) return broken("stat");
  return out;
}

Result<Answer<std::string>> Client::open(const std::string& path) {
  constexpr std::uint32_t kWriteCreateTruncate = 0x02 | 0x08 | 0x10;
  return for_handle(Packet::open, Body().text(path).u32(kWriteCreateTruncate).u32(kHasMode).u32(0644), "opening the file");
}

Result<void> Client::open_up(const std::string& handle) {
  return packets_.tell(Packet::fsetstat, Body().text(handle).u32(kHasMode).u32(0644), "setting the mode of the file");
}

Result<Refusal> Client::list(const std::string& path, const std::function<void(std::string_view)>& each) {
  ASSIGN_OR_RETURN(const Answer<std::string> handle, for_handle(Packet::opendir, Body().text(path), "opening a folder"));
  if (!handle.ok()) return handle.refusal;
  for (;;) {
    ASSIGN_OR_RETURN(const Reply reply, packets_.ask(Packet::readdir, Body().text(*handle.value), "listing a folder"));
    if (reply.type == Packet::status) {
      Refusal status = read_status(reply);
      if (status.status == Status::eof) status.status = Status::ok;
      ASSIGN_OR_RETURN([[maybe_unused]] const Refusal closed, close(*handle.value));
      return status;
    }
    Fields fields(reply.body);
    std::uint32_t count = fields.u32();
    if (reply.type != Packet::name || count == 0) return broken("readdir");
    for (; count > 0 && !fields.broken(); --count) {
      const std::string_view name = fields.text();
      (void)fields.text();  // as ls would print it
      (void)read_attributes(fields);
      if (!fields.broken()) each(name);
    }
    if (fields.broken()) return broken("readdir");
  }
}

Result<std::optional<std::uint64_t>> Client::free_bytes(const std::string& path) {
  if (!has("statvfs@openssh.com")) return std::optional<std::uint64_t>();
  ASSIGN_OR_RETURN(const Reply reply,
                   packets_.ask(Packet::extended, Body().text("statvfs@openssh.com").text(path), "asking for free space"));
  if (reply.type != Packet::extended_reply) return std::optional<std::uint64_t>();
  Fields fields(reply.body);
  (void)fields.u64();  // block size
  const std::uint64_t fragment = fields.u64();
  (void)fields.u64();  // blocks
  (void)fields.u64();  // free blocks, those kept for root included
  const std::uint64_t available = fields.u64();
  if (fields.broken()) return std::optional<std::uint64_t>();
  return std::optional<std::uint64_t>(fragment * available);
}

Result<void> Client::give_sign_of_life() { return packets_.tell(Packet::realpath, Body().text("."), "keeping the connection alive"); }

}  // namespace sluice::drivers::sftp
