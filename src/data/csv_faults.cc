#include "data/csv_faults.h"

#include <utility>

#include "base/describe.h"
#include "data/transcode.h"
#include "data/utf8.h"

namespace sluice::data::faults {

namespace {

std::string at(Place place) { return "Line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": "; }

base::Error invalid(std::string reason, std::string detail) {
  return {.code = base::Code::invalid, .reason = std::move(reason), .detail = std::move(detail)};
}

std::string megabytes(std::size_t bytes) {
  if (bytes >= (std::size_t{1} << 20)) return std::to_string(bytes >> 20) + " MiB";
  return std::to_string(bytes) + " bytes";
}

std::string fields(std::size_t count) { return std::to_string(count) + (count == 1 ? " field" : " fields"); }

std::string shown(char delimiter) { return delimiter == '\t' ? std::string("tab") : std::string("'") + delimiter + "'"; }

}  // namespace

Place place_after(std::string_view text, std::uint64_t first_line) {
  Place place{first_line, 1};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || (c == '\r' && !(i + 1 < text.size() && text[i + 1] == '\n'))) {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

std::uint64_t count_lines(std::string_view text) { return place_after(text, 0).line; }

base::Error unclosed_quote(Place place) {
  return invalid("csv.unclosed_quote",
                 at(place) + "a quote is opened and never closed. Close it, or write it twice if it belongs to the value.");
}

base::Error stray_quote(Place place, Place opened) {
  std::string detail = at(place) + "text follows the quote that closes a field. Quotes inside a quoted field are written twice.";
  if (opened.line != place.line) {
    detail += " The field begins in line " + std::to_string(opened.line) + ", column " + std::to_string(opened.column) +
              "; perhaps its quote was never closed.";
  }
  return invalid("csv.stray_quote", std::move(detail));
}

base::Error wrong_field_count(Place place, std::size_t found, std::size_t expected, char delimiter) {
  return invalid("csv.wrong_field_count", at(place) + "the row has " + fields(found) + ", the first one has " + std::to_string(expected) +
                                              ". Correct the row, quote fields that hold the delimiter " + shown(delimiter) +
                                              ", or choose another delimiter.");
}

base::Error field_too_large(Place place, std::size_t limit) {
  return invalid("csv.field_too_large", at(place) + "this field is larger than " + megabytes(limit) +
                                            ". Often a quote is missing at its end; otherwise shorten the value.");
}

base::Error row_too_large(Place place, std::size_t limit) {
  return invalid("csv.row_too_large", at(place) + "this row is larger than " + megabytes(limit) +
                                          ". Check that the file is CSV and that its lines end with LF, CRLF or CR.");
}

base::Error too_many_columns(Place place, std::size_t found, std::size_t limit) {
  return invalid("csv.too_many_columns", at(place) + "the first row has " + fields(found) + ", at most " + std::to_string(limit) +
                                             " are possible. Check the delimiter, or split the table.");
}

base::Error duplicate_column(std::uint64_t line, std::string_view name, std::size_t first, std::size_t second) {
  return invalid("csv.duplicate_column", "Line " + std::to_string(line) + ": columns " + std::to_string(first) + " and " +
                                             std::to_string(second) + " of the table have the same name \"" + std::string(name) +
                                             "\". Rename one of them, or say that the file has no header.");
}

base::Error empty_file() { return invalid("csv.empty", "Line 1, column 1: the file ends without a single row. Choose another file."); }

base::Error nul_character(Place place, bool perhaps_utf16, bool odd_offset) {
  std::string detail = at(place) + "a NUL character, which text cannot hold. ";
  if (perhaps_utf16) {
    detail += std::string("The file may be ") + (odd_offset ? "utf-16le" : "utf-16be") + "; choose that encoding.";
  } else {
    detail += "Remove it, or check that the file is text.";
  }
  return invalid("csv.nul_character", std::move(detail));
}

base::Error bad_utf8(Place place, std::string_view bytes, bool cut_off, bool at_start) {
  const auto first = static_cast<unsigned char>(bytes.front());
  std::string detail = at(place);
  if (cut_off) {
    detail += "the file ends inside a character. It may have been cut off when it was copied.";
    return invalid("csv.bad_encoding", std::move(detail));
  }
  detail += "the byte " + hex_byte(first) + " is not utf-8. ";
  const auto second = bytes.size() > 1 ? static_cast<unsigned char>(bytes[1]) : 0U;
  if (at_start && ((first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF))) {
    detail += std::string("The file begins as ") + (first == 0xFF ? "utf-16le" : "utf-16be") + " does; choose that encoding.";
    return invalid("csv.bad_encoding", std::move(detail));
  }
  const std::uint32_t character = windows1252(first);
  if (character != 0) {
    std::string text(4, '\0');
    text.resize(static_cast<std::size_t>(put_utf8(text.data(), character) - text.data()));
    detail += "The file may be windows-1252, where this is \"" + text + "\"; choose that encoding.";
  } else {
    detail += "The file may be iso-8859-1, or an encoding that has to be converted to UTF-8 first.";
  }
  return invalid("csv.bad_encoding", std::move(detail));
}

base::Error bad_text(Place place, Encoding encoding, std::string_view fault) {
  std::string detail = at(place) + std::string(fault) + " is not " + std::string(base::to_name(encoding)) + ". ";
  switch (encoding) {
    case Encoding::utf16le:
      detail += "The file may be utf-16be or utf-8; choose another encoding.";
      break;
    case Encoding::utf16be:
      detail += "The file may be utf-16le or utf-8; choose another encoding.";
      break;
    case Encoding::windows1252:
      detail += "The file may be iso-8859-1 or utf-8; choose another encoding.";
      break;
    case Encoding::utf8:
    case Encoding::iso8859_1:
      detail += "Choose another encoding.";
      break;
  }
  return invalid("csv.bad_encoding", std::move(detail));
}

}  // namespace sluice::data::faults
