// Source: where bytes of a file come from. The readers of this folder pull from it; whoever makes one decides whether the
// bytes are on disk, in memory or arrive from elsewhere. A source is read once, from front to back, by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace sluice::data {

class Source {
 public:
  virtual ~Source() = default;
  // Fills the front of `buffer` (never empty) and says how many bytes; fewer than asked is fine, 0 is the end. After an
  // Error or the end it is not called again.
  virtual base::Result<std::size_t> read(std::span<char> buffer) = 0;
  // How many bytes there are in all, when that is known before reading.
  virtual std::optional<std::uint64_t> size_bytes() const { return std::nullopt; }
};

// A file, by read(2). A file that changes while it is read gives what read(2) gives.
class FileSource final : public Source {
 public:
  // Errors: not_found "file.not_found", invalid "file.not_a_file", internal "file.unreadable".
  static base::Result<std::unique_ptr<FileSource>> open(const std::string& path);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  base::Result<std::size_t> read(std::span<char> buffer) override;
  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }  // when it was opened

 private:
  FileSource(int descriptor, std::optional<std::uint64_t> size_bytes) : descriptor_(descriptor), size_bytes_(size_bytes) {}

  int descriptor_;
  std::optional<std::uint64_t> size_bytes_;
};

// Bytes the caller keeps alive. `most_at_once` cuts them into small reads, for tests.
class MemorySource final : public Source {
 public:
  explicit MemorySource(std::string_view bytes, std::size_t most_at_once = SIZE_MAX)
      : bytes_(bytes), size_bytes_(bytes.size()), most_at_once_(most_at_once) {}
  base::Result<std::size_t> read(std::span<char> buffer) override;
  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }

 private:
  std::string_view bytes_;
  std::uint64_t size_bytes_;
  std::size_t most_at_once_;
};

// A lambda as a source.
class FunctionSource final : public Source {
 public:
  using Read = std::function<base::Result<std::size_t>(std::span<char>)>;
  explicit FunctionSource(Read read) : read_(std::move(read)) {}
  base::Result<std::size_t> read(std::span<char> buffer) override { return read_(buffer); }

 private:
  Read read_;
};

}  // namespace sluice::data
