#include "drivers/postgresql/parcel.h"

namespace sluice::drivers::postgresql {

namespace {

char escape_of(char c) {
  switch (c) {
    case '\\':
      return '\\';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    default:
      return '\0';
  }
}

void append_cell(std::string& out, std::string_view text) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\\' && static_cast<unsigned char>(c) >= 0x0e) continue;
    const char letter = escape_of(c);
    if (letter == '\0') continue;
    out.append(text.substr(done, i - done));
    out.push_back('\\');
    out.push_back(letter);
    done = i + 1;
  }
  out.append(text.substr(done));
}

}  // namespace

void Parcel::add(std::shared_ptr<const RowBlock> block) {
  for (std::size_t row = 0; row < block->size(); ++row) rows.push_back({block.get(), row});
  bytes += block->bytes();
  blocks.push_back(std::move(block));
}

void Parcel::clear() {
  blocks.clear();
  rows.clear();
  bytes = 0;
}

void append_row(std::string& out, const Parcel::Row& row, std::span<const std::size_t> columns) {
  bool first = true;
  for (const std::size_t column : columns) {
    if (!first) out.push_back('\t');
    first = false;
    const base::Cell cell = row.block->cell(row.row, column);
    if (cell.null)
      out.append("\\N");
    else
      append_cell(out, cell.text());
  }
  out.push_back('\n');
}

}  // namespace sluice::drivers::postgresql
