#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "drivers/sftp/sftp_test_support.h"

namespace sluice::drivers::sftp {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SftpFiles : public WithSshd {
 protected:
  static std::unique_ptr<FileSession> session(const Target& target, const Context& context = local_context()) {
    auto opened = open_files(context, target);
    EXPECT_TRUE(opened.ok()) << opened.error().reason << ": " << opened.error().detail << " [" << opened.error().internal << "]";
    return opened.ok() ? *std::move(opened) : nullptr;
  }
};

TEST_F(SftpFiles, BEY_16_an_upload_of_64_MB_is_byte_identical) {
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  const std::string bytes = random_bytes((64 << 20) + 12345);
  ASSERT_TRUE(files->open("big.bin", "run-1").ok());
  // Blocks of odd sizes: they must not matter.
  std::size_t at = 0;
  for (std::size_t size = 1; at < bytes.size(); size = size * 3 % 1'500'001 + 1) {
    ASSERT_TRUE(files->write(std::string_view(bytes).substr(at, size)).ok());
    at += size;
  }
  const auto done = files->commit();
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_TRUE(test::read_file(this->at("big.bin")) == bytes);
}

}  // namespace
}  // namespace sluice::drivers::sftp
