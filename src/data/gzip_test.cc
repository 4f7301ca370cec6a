#include "data/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

namespace sluice::data {
namespace {

// All members of a gzip file, by zlib; empty and a failed test when it is not one.
std::string gzip_decode(std::string_view bytes) {
  std::string out;
  std::string buffer(1 << 16, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 31), Z_OK);
  std::string input(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, 0, buffer.size() - stream.avail_out);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      EXPECT_EQ(inflateReset(&stream), Z_OK);
    } else if (status != Z_OK) {
      ADD_FAILURE() << "zlib says " << status << " with " << stream.avail_in << " bytes left";
      break;
    }
  }
  inflateEnd(&stream);
  return out;
}

std::string sample(std::size_t size, bool random_bytes) {
  std::mt19937 random(1);
  std::string text;
  text.reserve(size + 64);
  while (text.size() < size) {
    if (random_bytes)
      text += static_cast<char>(random());
    else
      text += std::to_string(random() % 1'000) + ",Anna,Wien\r\n";
  }
  return text;
}

TEST(Gzip, EXP_54_a_stream_is_one_member_that_zlib_reads) {
  for (const bool random_bytes : {false, true}) {
    const std::string text = sample(5'000'000, random_bytes);
    GzipEncoder encoder;
    Block out;
    for (std::size_t at = 0; at < text.size(); at += 777'777) encoder.encode(std::string_view(text).substr(at, 777'777), out);
    encoder.finish(out);
    EXPECT_TRUE(gzip_decode(out.view()) == text);
    if (!random_bytes) EXPECT_LT(out.size(), text.size() / 2);
  }
}

TEST(Gzip, an_encoder_is_used_again_after_finish) {
  GzipEncoder encoder;
  for (int i = 0; i < 5; ++i) {
    Block out;
    const std::string text = "file " + std::to_string(i);
    encoder.encode(text, out);
    encoder.finish(out);
    EXPECT_EQ(gzip_decode(out.view()), text);
  }
}

TEST(Gzip, members_of_several_encoders_make_one_file) {
  GzipEncoder one;
  GzipEncoder two;
  const std::string text = sample(3'000'000, false);
  Block out;
  one.encode_member(std::string_view(text).substr(0, 1'000'000), out);
  two.encode_member(std::string_view(text).substr(1'000'000, 1), out);
  one.encode_member(std::string_view(text).substr(1'000'001), out);
  EXPECT_TRUE(gzip_decode(out.view()) == text);
}

TEST(Gzip, nothing_is_an_empty_member) {
  GzipEncoder encoder;
  Block out;
  encoder.encode("", out);
  encoder.finish(out);
  EXPECT_GE(out.size(), 18U);
  EXPECT_EQ(gzip_decode(out.view()), "");
}

TEST(Gzip, an_encoder_may_be_moved) {
  GzipEncoder encoder;
  Block out;
  encoder.encode("abc", out);
  GzipEncoder moved = std::move(encoder);
  moved.encode("def", out);
  moved.finish(out);
  EXPECT_EQ(gzip_decode(out.view()), "abcdef");
}

}  // namespace
}  // namespace sluice::data
