// Files of a ledger: whole reads and writes, and errors that say whether the disk is full, broken or lies. Private to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::ledger {

base::Error damaged(std::string what);
// "ledger.disk_full" or "ledger.unavailable", from errno as it is now.
base::Error failed(std::string_view doing);

class File {
 public:
  static base::Result<File> open(const std::string& path);
  static base::Result<File> create(const std::string& path);            // must be new; 0600
  static base::Result<File> open_or_create(const std::string& path);    // for locks and logs: readable and writable
  static base::Result<File> create_unnamed(const std::string& folder);  // gone when closed, whatever happens

  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  base::Result<std::uint64_t> size() const;
  // Fewer bytes than asked for are damage.
  base::Result<void> read(std::uint64_t offset, std::span<char> out) const;
  base::Result<void> append(std::string_view bytes);
  base::Result<void> write(std::uint64_t offset, std::string_view bytes);
  base::Result<void> truncate(std::uint64_t size);
  base::Result<void> sync();
  // Exclusive among all openers, in any process; freed on closing and by death. False: taken (only when not waiting).
  base::Result<bool> lock(bool wait);

 private:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

base::Result<void> sync_folder(const std::string& folder);
base::Result<void> make_folder(const std::string& folder);  // parents too; 0700

}  // namespace sluice::ledger
