#include "data/csv_scan.h"

#include <atomic>
#include <cstring>

namespace sluice::data::scan {

namespace {

std::atomic<bool>& vectors() {
  static std::atomic<bool> yes = has_avx2();
  return yes;
}

void take(const Window& window, Row& row, std::size_t end) {
  if (row.count < row.capacity) {
    const std::size_t size = end - row.field;
    row.cells[row.count] = {window.bytes + row.field, static_cast<std::uint32_t>(size), size == 0};
  }
  ++row.count;
  row.field = end + 1;
}

// Offset behind the closing quote of the field at row.field; `end` when it is not in the window.
std::size_t behind_quoted(const Window& window, const Row& row) {
  std::size_t at = row.field + 1;
  while (at < window.end) {
    const void* found = std::memchr(window.bytes + at, window.quote, window.end - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - window.bytes) + 1;
    if (at >= window.end || window.bytes[at] != window.quote) return at;
    ++at;
  }
  return window.end + 1;
}

}  // namespace

bool uses_vectors() { return vectors().load(std::memory_order_relaxed); }
void use_vectors_in_tests(bool yes) { vectors().store(yes && has_avx2(), std::memory_order_relaxed); }

Status scan_exact(const Window& window, Row& row) {
  row.count = 0;
  row.field = row.start;
  row.quotes = row.inner_lines = false;
  while (true) {
    std::size_t at = row.field;
    if (at < window.end && window.bytes[at] == window.quote) {
      row.quotes = row.inner_lines = true;
      at = behind_quoted(window, row);
      if (at > window.end) {
        row.end = window.end;
        return window.last ? Status::unclosed : Status::incomplete;
      }
      // Whether the quote closes the field or is the first of two is in the byte that is not there yet.
      if (at < window.end && window.bytes[at] != window.delimiter && window.bytes[at] != '\n' && window.bytes[at] != '\r') {
        row.end = at;
        return Status::stray;
      }
    } else {
      while (at < window.end && window.bytes[at] != window.delimiter && window.bytes[at] != '\n' && window.bytes[at] != '\r') ++at;
    }
    if (at == window.end) {
      row.end = window.end;
      if (!window.last) return Status::incomplete;
      take(window, row, at);
      return Status::complete;
    }
    const bool more = window.bytes[at] == window.delimiter;
    take(window, row, at);
    if (!more) {
      row.end = at;
      return Status::complete;
    }
  }
}

}  // namespace sluice::data::scan
