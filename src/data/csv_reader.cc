#include "data/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "data/csv_faults.h"
#include "data/csv_scan.h"
#include "data/transcode.h"
#include "data/utf8.h"

namespace sluice::data {

namespace {
constexpr std::size_t kLeastRoom = 64;  // reading less at once is not worth a call
constexpr base::Cell kNullRow[1] = {};
}  // namespace

// The buffer holds, from front to back: rows already returned, the row in work, rows to come, and behind `window_.end` up to
// `filled_` the first bytes of a character that the next read completes. When the row in work is not complete it moves to
// the front, the buffer is filled, and the row is scanned again from its start: no state crosses the border, so the size of
// blocks cannot change what is read. A row larger than half the buffer doubles the buffer, so that is done a few times only.
class CsvReader::Impl {
 public:
  Impl(std::unique_ptr<Source> source, const CsvOptions& options);

  base::Result<void> open();
  base::Result<std::span<const base::Cell>> next();

  std::uint64_t bytes_taken() const { return transcoder_ == nullptr ? bytes_read_ : transcoder_->bytes_taken(); }

  const CsvOptions options_;
  std::vector<std::string> columns_;
  std::uint64_t line_ = 0;
  std::uint64_t row_number_ = 0;
  bool at_end_ = false;

 private:
  enum class Step : std::uint8_t { row, end };

  // Finds the next row that is not blank and leaves it raw in row_.
  base::Result<Step> find_row();
  base::Result<void> find_last_row();
  base::Error stopped(scan::Status status);
  // The first limit that the text from row_.start to `stop` goes beyond.
  std::optional<base::Error> beyond_limits(std::size_t stop);
  base::Result<void> refill();
  void make_room();
  void check_new_bytes(std::size_t from);
  void skip_line_feed();
  // Takes the quotes off the cells, in place.
  void unquote();
  base::Result<void> name_columns();
  faults::Place place(std::size_t offset) const;
  base::Error fail(base::Error error);

  std::unique_ptr<Source> source_;
  TranscodingSource* transcoder_ = nullptr;  // source_, when it is one
  std::vector<char> buffer_;
  std::size_t filled_ = 0;
  scan::Window window_;
  scan::Progress progress_;
  scan::Row row_;
  std::vector<base::Cell> cells_;  // two more than there are columns: the first surplus one, and one for all further ones
  bool fast_ = scan::uses_vectors();
  bool ended_ = false;           // the source has no more
  bool after_cr_ = false;        // a LF at row_.start belongs to the line end before it
  bool held_ = false;            // row_ is the first row, which open() has looked at
  std::uint64_t next_line_ = 1;  // of row_.start
  std::uint64_t bytes_read_ = 0;
  std::uint64_t dropped_ = 0;  // bytes of the (decoded) file in front of the buffer
  std::uint64_t leading_blanks_ = 0;
  Utf8Fault fault_ = Utf8Fault::none;  // what is behind window_.end, where reading ends
  std::string fault_bytes_;
  std::optional<base::Error> error_;
};

CsvReader::Impl::Impl(std::unique_ptr<Source> source, const CsvOptions& options) : options_(options), source_(std::move(source)) {
  BASE_ASSERT(options_.delimiter > 0 && options_.delimiter != options_.quote && options_.delimiter != '\n' && options_.delimiter != '\r');
  BASE_ASSERT(options_.quote > 0 && options_.max_columns > 0);
  // Small files, of which detection opens many readers, need no large block.
  const std::uint64_t block =
      std::min<std::uint64_t>(options_.block_bytes, source_->size_bytes().value_or(SIZE_MAX - kLeastRoom) + kLeastRoom);
  if (options_.encoding != Encoding::utf8) {
    auto transcoder = std::make_unique<TranscodingSource>(std::move(source_), options_.encoding);
    transcoder_ = transcoder.get();
    source_ = std::move(transcoder);
  }
  buffer_.resize(std::max<std::size_t>(block, kLeastRoom * 2) + scan::kPadding);
  window_ = {.bytes = buffer_.data(), .delimiter = options_.delimiter, .quote = options_.quote};
  cells_.resize(std::min<std::size_t>(options_.max_columns, 64) + 2);
  row_.cells = cells_.data();
  row_.capacity = cells_.size();
}

base::Error CsvReader::Impl::fail(base::Error error) {
  error_ = error;
  return error;
}

faults::Place CsvReader::Impl::place(std::size_t offset) const {
  return faults::place_after({window_.bytes + row_.start, offset - row_.start}, next_line_);
}

void CsvReader::Impl::make_room() {
  const std::size_t keep = filled_ - row_.start;
  if (keep * 2 > buffer_.size() - scan::kPadding) {
    std::vector<char> larger((buffer_.size() - scan::kPadding) * 2 + scan::kPadding);
    std::memcpy(larger.data(), buffer_.data() + row_.start, keep);
    buffer_ = std::move(larger);
  } else if (keep != 0) {
    std::memmove(buffer_.data(), buffer_.data() + row_.start, keep);
  }
  dropped_ += row_.start;
  window_.bytes = buffer_.data();
  window_.end -= row_.start;
  row_.start = 0;
  filled_ = keep;
}

base::Result<void> CsvReader::Impl::refill() {
  make_room();
  // The padding has wiped what stood behind window_.end; a character in progress was kept aside.
  std::memcpy(buffer_.data() + window_.end, fault_bytes_.data(), fault_bytes_.size());
  fault_bytes_.clear();
  const std::size_t capacity = buffer_.size() - scan::kPadding;
  while (!ended_ && capacity - filled_ >= kLeastRoom) {
    base::Result<std::size_t> got = source_->read({buffer_.data() + filled_, capacity - filled_});
    if (!got.ok()) return std::move(got).error();
    ended_ = *got == 0;
    filled_ += *got;
    bytes_read_ += *got;
  }
  const std::size_t unchecked = window_.end;
  if (dropped_ == 0 && unchecked == 0 && options_.encoding == Encoding::utf8 && filled_ >= 3 &&
      std::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0)
    row_.start = 3;
  check_new_bytes(unchecked);
  progress_.restart(row_.start);
  return {};
}

void CsvReader::Impl::check_new_bytes(std::size_t from) {
  const Utf8Check check = check_utf8(buffer_.data() + from, filled_ - from);
  window_.end = from + check.good;
  fault_ = check.fault;
  if (fault_ == Utf8Fault::cut_off && !ended_) fault_ = Utf8Fault::none;
  fault_bytes_.assign(buffer_.data() + window_.end, std::min<std::size_t>(filled_ - window_.end, 4));
  // A fault ends the file as far as rows are concerned; what is behind it is never looked at.
  if (fault_ != Utf8Fault::none) {
    ended_ = true;
    filled_ = window_.end + fault_bytes_.size();
  }
  window_.last = ended_ && fault_ == Utf8Fault::none && (transcoder_ == nullptr || transcoder_->fault().empty());
  std::memset(buffer_.data() + window_.end, 0, scan::kPadding);
}

void CsvReader::Impl::skip_line_feed() {
  if (row_.start < window_.end && window_.bytes[row_.start] == '\n') {
    ++row_.start;
    // The vector scanner knows by itself; this is for the row that begins a window.
    if (progress_.next < row_.start) progress_.restart(row_.start);
  }
  after_cr_ = false;
}

std::optional<base::Error> CsvReader::Impl::beyond_limits(std::size_t stop) {
  const std::size_t size = stop - row_.start;
  if (size <= std::min(options_.max_field_bytes, options_.max_row_bytes)) return std::nullopt;
  // Rare. All fields are needed, also those beyond the capacity; the limit that is met first counts.
  scan::Window part = window_;
  part.end = stop;
  part.last = true;
  scan::Row row{.cells = nullptr, .capacity = 0, .start = row_.start};
  (void)scan::scan_exact(part, row);
  std::vector<base::Cell> cells(row.count);
  row.cells = cells.data();
  row.capacity = cells.size();
  const bool open = scan::scan_exact(part, row) != scan::Status::complete;
  if (open) cells.push_back({part.bytes + row.field, static_cast<std::uint32_t>(stop - row.field), false});
  const std::size_t row_limit = row_.start + options_.max_row_bytes;
  for (const base::Cell& cell : cells) {
    if (cell.size <= options_.max_field_bytes) continue;
    const auto offset = static_cast<std::size_t>(cell.data - part.bytes);
    if (offset + options_.max_field_bytes > row_limit) break;
    return faults::field_too_large(place(offset), options_.max_field_bytes);
  }
  if (stop > row_limit) return faults::row_too_large(place(row_.start), options_.max_row_bytes);
  return std::nullopt;
}

base::Error CsvReader::Impl::stopped(scan::Status status) {
  line_ = next_line_;
  if (auto beyond = beyond_limits(row_.end)) return fail(*std::move(beyond));
  if (status == scan::Status::stray) return fail(faults::stray_quote(place(row_.end), place(row_.field)));
  if (status == scan::Status::unclosed) return fail(faults::unclosed_quote(place(row_.field)));
  const faults::Place here = place(window_.end);
  if (transcoder_ != nullptr && fault_ == Utf8Fault::none) return fail(faults::bad_text(here, options_.encoding, transcoder_->fault()));
  const std::uint64_t offset = dropped_ + window_.end;
  if (fault_ == Utf8Fault::nul) {
    // ASCII in UTF-16 has a zero in every other byte, from the first or the second one on.
    const bool utf16 = options_.encoding == Encoding::utf8 && offset < 2 && fault_bytes_.size() > 1 && fault_bytes_[1] != '\0';
    return fail(faults::nul_character(here, utf16, offset % 2 == 1));
  }
  return fail(faults::bad_utf8(here, fault_bytes_, fault_ == Utf8Fault::cut_off, offset == 0));
}

// Nothing more can be read, and the row in work is not complete.
base::Result<void> CsvReader::Impl::find_last_row() {
  const scan::Status status = scan::scan_exact(window_, row_);
  if (status != scan::Status::complete) return stopped(status);
  at_end_ = true;
  return {};
}

base::Result<CsvReader::Impl::Step> CsvReader::Impl::find_row() {
  if (error_) return *error_;
  while (true) {
    if (after_cr_ && row_.start < window_.end) skip_line_feed();
    if (window_.last && row_.start == window_.end) return Step::end;
    scan::Status status = fast_ ? scan::scan_avx2(window_, progress_, row_) : scan::scan_exact(window_, row_);
    if (status == scan::Status::out_of_place) {
      status = scan::scan_exact(window_, row_);
      // From here on the vector scanner counts quotes anew.
      if (status == scan::Status::complete) progress_.restart(row_.end + (row_.end < window_.end ? 1 : 0));
    }
    if (status == scan::Status::incomplete && !ended_) {
      if (auto beyond = beyond_limits(window_.end)) {
        line_ = next_line_;
        return fail(*std::move(beyond));
      }
      base::Result<void> read = refill();
      if (!read.ok()) return fail(std::move(read).error());
      continue;
    }
    if (status == scan::Status::stray) return stopped(status);
    if (status != scan::Status::complete) {
      RETURN_IF_ERROR(find_last_row());
    } else if (window_.last && row_.end == window_.end) {
      at_end_ = true;
    }
    if (auto beyond = beyond_limits(row_.end)) {
      line_ = next_line_;
      return fail(*std::move(beyond));
    }
    const bool blank = row_.count == 1 && row_.end == row_.start;
    if (!blank || columns_.size() == 1) return Step::row;
    if (columns_.empty()) ++leading_blanks_;
    // Past the blank line.
    ++next_line_;
    after_cr_ = row_.end < window_.end && window_.bytes[row_.end] == '\r';
    row_.start = std::min(row_.end + 1, window_.end);
  }
}

void CsvReader::Impl::unquote() {
  const char quote = options_.quote;
  for (base::Cell& cell : std::span(row_.cells, row_.count)) {
    if (cell.size < 2 || cell.data[0] != quote) continue;
    char* const text = buffer_.data() + (cell.data - buffer_.data()) + 1;
    const std::size_t size = cell.size - 2U;
    char* inner = static_cast<char*>(std::memchr(text, quote, size));
    if (inner == nullptr) {
      cell = {text, static_cast<std::uint32_t>(size), false};
      continue;
    }
    char* out = inner;
    for (const char* in = inner; in < text + size; ++in) {
      *out++ = *in;
      if (*in == quote) ++in;
    }
    cell = {text, static_cast<std::uint32_t>(out - text), false};
  }
}

base::Result<void> CsvReader::Impl::open() {
  ASSIGN_OR_RETURN(const Step step, find_row());
  if (step == Step::end) return fail(faults::empty_file());
  line_ = next_line_;
  if (row_.count > options_.max_columns) {
    return fail(faults::too_many_columns(place(row_.start), row_.count, options_.max_columns));
  }
  if (row_.count > row_.capacity - 2) {
    cells_.resize(row_.count + 2);
    row_.cells = cells_.data();
    row_.capacity = cells_.size();
    (void)scan::scan_exact(window_, row_);
    progress_.restart(std::min(row_.end + 1, window_.end));
  }
  columns_.resize(row_.count);
  if (options_.has_header) return name_columns();
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i] = "column_" + std::to_string(i + 1);
  // A blank line is a row when there is one column, which was not known when they were skipped.
  if (columns_.size() != 1) leading_blanks_ = 0;
  held_ = true;
  return {};
}

base::Result<void> CsvReader::Impl::name_columns() {
  held_ = true;
  ASSIGN_OR_RETURN(const auto header, next());
  row_number_ = 0;
  leading_blanks_ = 0;
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < header.size(); ++i) {
    columns_[i] = base::trim(header[i].text());
    if (columns_[i].empty()) columns_[i] = "column_" + std::to_string(i + 1);
    const auto [found, added] = seen.emplace(base::fold_case(columns_[i]), i);
    if (!added) return fail(faults::duplicate_column(line_, columns_[i], found->second + 1, i + 1));
  }
  return {};
}

base::Result<std::span<const base::Cell>> CsvReader::Impl::next() {
  if (held_ && leading_blanks_ != 0 && !options_.has_header) {
    --leading_blanks_;
    ++row_number_;
    line_ = next_line_ - leading_blanks_ - 1;
    return std::span<const base::Cell>(kNullRow);
  }
  if (!std::exchange(held_, false)) {
    ASSIGN_OR_RETURN(const Step step, find_row());
    if (step == Step::end) return std::span<const base::Cell>();
  }
  line_ = next_line_;
  ++row_number_;
  const std::size_t start = row_.start;
  std::optional<base::Error> refused;
  if (row_.count != columns_.size()) {
    const bool more = row_.count > columns_.size();
    const std::size_t offset = more ? static_cast<std::size_t>(row_.cells[columns_.size()].data - window_.bytes) : row_.end;
    refused = faults::wrong_field_count(place(offset), row_.count, columns_.size(), options_.delimiter);
  }
  if (row_.inner_lines) next_line_ += faults::count_lines({window_.bytes + start, row_.end - start});
  ++next_line_;
  after_cr_ = row_.end < window_.end && window_.bytes[row_.end] == '\r';
  row_.start = std::min(row_.end + 1, window_.end);
  if (refused) return *std::move(refused);
  if (row_.quotes) unquote();
  return std::span<const base::Cell>(row_.cells, row_.count);
}

base::Result<CsvReader> CsvReader::open(std::unique_ptr<Source> source, CsvOptions options) {
  auto impl = std::make_unique<Impl>(std::move(source), options);
  RETURN_IF_ERROR(impl->open());
  return CsvReader(std::move(impl));
}

base::Result<CsvReader> CsvReader::open_file(const std::string& path, CsvOptions options) {
  ASSIGN_OR_RETURN(auto file, FileSource::open(path));
  return open(std::move(file), options);
}

CsvReader::CsvReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

const std::vector<std::string>& CsvReader::columns() const { return impl_->columns_; }
base::Result<std::span<const base::Cell>> CsvReader::next() { return impl_->next(); }
std::uint64_t CsvReader::line() const { return impl_->line_; }
std::uint64_t CsvReader::row_number() const { return impl_->row_number_; }
bool CsvReader::at_end() const { return impl_->at_end_; }
std::uint64_t CsvReader::bytes_read() const { return impl_->bytes_taken(); }

}  // namespace sluice::data
