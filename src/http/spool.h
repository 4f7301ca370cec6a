// A body on its way into a file. While one block fills from the socket, the other is written by a thread of the file pool; so
// memory stays at two blocks and no socket waits for a disk. Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace sluice::http {

class Spool {
 public:
  static constexpr std::size_t kBlock = 256 * 1024;
  struct Block {
    std::string bytes;
    std::size_t filled = 0;
  };

  explicit Spool(std::string folder);
  // Removes the file, unless somebody moved it away.
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // On the io thread.
  Block& block() { return blocks_[current_]; }
  void swap_blocks();  // the block just filled is the one that write() takes
  const std::string& path() const { return path_; }
  std::uint64_t bytes() const { return bytes_; }
  // After a job was waited for.
  base::Result<void> result() const;

  // On a file thread, one at a time. A fault is kept for result().
  void open();
  void write();
  void close();

 private:
  std::string path_;
  std::array<Block, 2> blocks_;
  std::size_t current_ = 0;
  std::uint64_t bytes_ = 0;
  int file_ = -1;
  int error_ = 0;  // errno
};

// Removes what a killed process left in the folder more than a day ago.
void remove_old_spool_files(const std::string& folder);

}  // namespace sluice::http
