#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "drivers/paths.h"
#include "drivers/sftp/client.h"
#include "drivers/sftp/failure.h"
#include "drivers/sftp/opening.h"

namespace sluice::drivers::sftp {

namespace {

using base::Deadline;
using base::Error;
using base::Result;

// Requests in flight. On a line with a round trip of 20 ms the SSH window of the server is full before this is reached.
constexpr std::size_t kWindow = 64;

class SftpSession final : public FileSession {
 public:
  SftpSession(std::unique_ptr<Wire> wire, std::unique_ptr<Client> client, std::string folder, const Patience& patience, Deadline limit)
      : wire_(std::move(wire)),
        client_(std::move(client)),
        base_(std::move(folder)),
        patience_(patience),
        limit_(limit),
        caretaker_([this](const std::stop_token& stop) { take_care(stop); }) {}

  ~SftpSession() override {
    caretaker_ = {};  // stops and joins
    if (!handle_.empty()) drop_part();
    client_.reset();  // its channel belongs to the wire
  }

  Result<void> open(const std::string& path, std::string_view run_id) override {
    const std::lock_guard lock(mutex_);
    BASE_ASSERT(handle_.empty());
    RETURN_IF_ERROR(check_relative_path("sftp", path));
    const PartName name = part_name(path, run_id);
    const std::string folder = join_path(base_, name.folder);
    final_ = join_path(base_, path);
    part_ = join_path(folder, name.part);
    aside_ = join_path(folder, "." + name.name + "." + std::string(run_id) + ".old");
    path_ = path;
    taken_ = 0;
    chunk_.clear();
    client_->packets().forget_refused_write();

    ASSIGN_OR_RETURN(auto opened, client_->open(part_));
    const bool missing = opened.refusal.status == Status::no_such_file || opened.refusal.status == Status::no_such_path;
    // Making folders only when they are missing spares users who may not make any (C-040).
    if (!opened.ok() && missing && !name.folder.empty() && made_.insert(name.folder).second) {
      RETURN_IF_ERROR(make_folders(*client_, folder));
      ASSIGN_OR_RETURN(opened, client_->open(part_));
    }
    if (!opened.ok()) return refused(opened.refusal, "write " + quoted(path_));
    handle_ = *opened.value;
    return client_->open_up(handle_);
  }

  Result<void> write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    BASE_ASSERT(!handle_.empty());
    const std::size_t size = client_->write_size();
    while (!bytes.empty()) {
      if (chunk_.empty() && bytes.size() >= size) {
        RETURN_IF_ERROR(send(bytes.substr(0, size)));
        bytes.remove_prefix(size);
        continue;
      }
      const std::string_view part = bytes.substr(0, size - chunk_.size());
      chunk_ += part;
      bytes.remove_prefix(part.size());
      if (chunk_.size() == size) RETURN_IF_ERROR(send_chunk());
    }
    return {};
  }

  Result<void> commit() override {
    const std::lock_guard lock(mutex_);
    BASE_ASSERT(!handle_.empty());
    if (wire_->stopped()) return cancelled(doing());
    RETURN_IF_ERROR(send_chunk());
    RETURN_IF_ERROR(client_->packets().await_writes(0, doing()));
    RETURN_IF_ERROR(check_writes());
    ASSIGN_OR_RETURN(const Refusal closed, client_->close(handle_));
    if (closed.status != Status::ok) return refused(closed, "finish " + quoted(path_));
    RETURN_IF_ERROR(check_size());
    RETURN_IF_ERROR(take_name());
    handle_.clear();
    return {};
  }

  void abandon() override {
    const std::lock_guard lock(mutex_);
    if (!handle_.empty()) drop_part();
  }

  Result<void> remove(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    RETURN_IF_ERROR(check_relative_path("sftp", path));
    return remove_quietly(join_path(base_, path), path);
  }

  Result<void> sweep(const std::string& folder, std::span<const std::string> run_ids) override {
    const std::lock_guard lock(mutex_);
    if (!folder.empty()) RETURN_IF_ERROR(check_relative_path("sftp", folder));
    const std::string at = join_path(base_, folder);
    std::vector<std::string> parts;
    ASSIGN_OR_RETURN(const Refusal listed, client_->list(at.empty() ? "." : at, [&](std::string_view name) {
      // A server does not get to name a file in another folder.
      const bool ours = std::any_of(run_ids.begin(), run_ids.end(), [&](const std::string& id) { return is_part_of(name, id); });
      if (ours && name.find('/') == std::string_view::npos) parts.emplace_back(name);
    }));
    if (listed.status == Status::no_such_file || listed.status == Status::no_such_path) return {};
    if (listed.status != Status::ok) return refused(listed, "list the folder " + quoted(at));
    for (const std::string& name : parts) RETURN_IF_ERROR(remove_quietly(join_path(at, name), name));
    return {};
  }

 private:
  std::string doing() const { return "writing " + quoted(path_) + " (" + size_words(taken_) + " sent)"; }

  Result<void> send(std::string_view bytes) {
    if (wire_->stopped()) return cancelled(doing());
    RETURN_IF_ERROR(check_writes());
    Packets& packets = client_->packets();
    RETURN_IF_ERROR(packets.await_writes(kWindow - 1, doing()));
    const std::uint64_t offset = taken_;
    taken_ += bytes.size();
    return packets.write(handle_, offset, bytes, doing());
  }

  Result<void> send_chunk() {
    if (chunk_.empty()) return {};
    RETURN_IF_ERROR(send(chunk_));
    chunk_.clear();
    return {};
  }

  // The Error of the first refused write, with what can be found out about it.
  Result<void> check_writes() {
    const auto& refusal = client_->packets().refused_write();
    if (!refusal) return {};
    Error error = refused(*refusal, "write " + quoted(path_));
    if (error.reason != "sftp.write_failed") return error;
    // Version 3 has no code for a full disk, so OpenSSH says "Failure"; ask how much is free.
    const Refusal said = *refusal;
    const auto free = client_->free_bytes(base_.empty() ? "." : base_);
    if (free.ok() && *free && **free >= client_->write_size()) {
      error.detail = "The server refused to write " + quoted(path_) + " after " + size_words(taken_) + ", though its disk has " +
                     size_words(**free) + " free. A quota or a limit on the size of files may be the reason.";
      return error;
    }
    return refused({.status = Status::no_space, .message = said.message}, "write " + quoted(path_));
  }

  Result<void> check_size() {
    ASSIGN_OR_RETURN(const auto found, client_->stat(part_));
    if (found.ok() && found.value->size && *found.value->size != taken_) {
      return Error{.code = base::Code::upstream_unavailable,
                   .reason = "sftp.write_failed",
                   .detail = quoted(path_) + " has " + std::to_string(*found.value->size) + " bytes on the server instead of " +
                             std::to_string(taken_) + ".",
                   .internal = "checking the size"};
    }
    if (found.ok() || found.refusal.status == Status::unsupported || found.refusal.status == Status::permission_denied) return {};
    return refused(found.refusal, "check the size of " + quoted(path_));
  }

  Result<void> take_name() {
    const std::string what = "rename the finished " + quoted(path_);
    if (client_->can_replace()) {
      ASSIGN_OR_RETURN(const Refusal replaced, client_->replace(part_, final_));
      if (replaced.status != Status::ok) return refused(replaced, what);
      return {};
    }
    ASSIGN_OR_RETURN(const Refusal renamed, client_->rename(part_, final_));
    if (renamed.status == Status::ok) return {};
    // Without the extension a rename does not replace. The file in the way is one of ours, from an earlier run: callers give
    // names that Sluice makes. It is moved aside first, so that it comes back when the second rename fails; for a moment
    // neither is there, but never half a file.
    ASSIGN_OR_RETURN(const Refusal aside, client_->rename(final_, aside_));
    if (aside.status != Status::ok) return refused(renamed, what);
    ASSIGN_OR_RETURN(const Refusal again, client_->rename(part_, final_));
    if (again.status != Status::ok) {
      ASSIGN_OR_RETURN([[maybe_unused]] const Refusal back, client_->rename(aside_, final_));
      return refused(again, what);
    }
    (void)remove_quietly(aside_, path_);  // the file is delivered; a sweep finds what is left
    return {};
  }

  Result<void> remove_quietly(const std::string& full, const std::string& shown) {
    ASSIGN_OR_RETURN(const Refusal removed, client_->remove(full));
    const bool gone = removed.status == Status::ok || removed.status == Status::no_such_file || removed.status == Status::no_such_path;
    return gone ? Result<void>() : refused(removed, "remove " + quoted(shown));
  }

  // Best effort, also after a stop: the few seconds keep the destination clean.
  void drop_part() {
    const std::string handle = std::exchange(handle_, {});
    chunk_.clear();
    if (wire_->dead()) return;
    constexpr auto kPatience = std::chrono::seconds(3);
    wire_->ignore_stop(true);
    wire_->set_deadline(Deadline::after(kPatience));
    auto closed = client_->close(handle);
    if (closed.ok()) (void)client_->remove(part_);
    wire_->ignore_stop(false);
    wire_->set_deadline(limit_);
  }

  // While the caller is busy elsewhere: answers the server and shows signs of life.
  void take_care(const std::stop_token& stop) {
    std::mutex sleep_mutex;
    std::condition_variable_any sleep;
    const auto step = std::min<std::chrono::milliseconds>(patience_.keepalive, std::chrono::seconds(5));
    std::uint64_t seen = 0;
    auto quiet = std::chrono::milliseconds(0);
    while (!stop.stop_requested()) {
      std::unique_lock sleeping(sleep_mutex);
      sleep.wait_for(sleeping, stop, step, [] { return false; });
      const std::unique_lock lock(mutex_, std::try_to_lock);
      if (stop.stop_requested() || !lock.owns_lock() || wire_->dead()) continue;
      // What goes wrong here is met again by the caller's next operation.
      if (!client_->packets().look("waiting").ok()) continue;
      const std::uint64_t delivered = wire_->delivered_bytes();
      quiet = delivered == seen ? quiet + step : std::chrono::milliseconds(0);
      if (quiet >= patience_.keepalive) {
        wire_->set_deadline(Deadline::after(std::chrono::seconds(1)));  // the caller may come back any moment
        (void)client_->give_sign_of_life();
        wire_->set_deadline(limit_);
        quiet = std::chrono::milliseconds(0);
      }
      seen = wire_->delivered_bytes();
    }
  }

  std::mutex mutex_;  // guards everything below: the caller's thread and the caretaker take turns
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<Client> client_;
  const std::string base_;
  const Patience patience_;
  const Deadline limit_;
  std::set<std::string> made_;  // folders that were looked after
  std::string handle_;          // empty: no file is open
  std::string final_;
  std::string part_;
  std::string aside_;
  std::string path_;   // as the caller named it
  std::string chunk_;  // bytes that do not fill a request yet
  std::uint64_t taken_ = 0;
  std::jthread caretaker_;  // last: it uses the others
};

}  // namespace

std::unique_ptr<FileSession> make_session(std::unique_ptr<Wire> wire, std::unique_ptr<Client> client, std::string folder,
                                          const Patience& patience, Deadline limit) {
  wire->set_deadline(limit);
  return std::make_unique<SftpSession>(std::move(wire), std::move(client), std::move(folder), patience, limit);
}

}  // namespace sluice::drivers::sftp
