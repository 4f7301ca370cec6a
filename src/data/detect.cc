#include "data/detect.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "data/column_stats.h"
#include "data/dialect.h"

namespace sluice::data {

namespace {

constexpr std::size_t kHeadBytes = std::size_t{256} << 10;
constexpr std::size_t kPreviewRows = 20;
constexpr std::size_t kPreviewCharacters = 200;
constexpr std::size_t kHashes = std::size_t{4} << 20;
constexpr std::size_t kWarnings = 30;

// The first bytes of another source. It ends there, and says whether there was more.
class LimitedSource final : public Source {
 public:
  LimitedSource(std::unique_ptr<Source> from, std::uint64_t limit, bool& cut) : from_(std::move(from)), left_(limit), cut_(cut) {}
  base::Result<std::size_t> read(std::span<char> buffer) override {
    if (left_ == 0) {
      char probe = 0;
      ASSIGN_OR_RETURN(const std::size_t more, from_->read({&probe, 1}));
      cut_ = more != 0;
      return std::size_t{0};
    }
    ASSIGN_OR_RETURN(const std::size_t got, from_->read(buffer.first(std::min<std::uint64_t>(buffer.size(), left_))));
    left_ -= got;
    return got;
  }
  std::optional<std::uint64_t> size_bytes() const override {
    const auto all = from_->size_bytes();
    return all ? std::optional(std::min(*all, left_)) : std::nullopt;
  }

 private:
  std::unique_ptr<Source> from_;
  std::uint64_t left_;
  bool& cut_;
};

base::Result<std::string> read_head(Source& source) {
  std::string head(std::min<std::uint64_t>(kHeadBytes, source.size_bytes().value_or(kHeadBytes)), '\0');
  std::size_t size = 0;
  while (size < head.size()) {
    ASSIGN_OR_RETURN(const std::size_t got, source.read({head.data() + size, head.size() - size}));
    if (got == 0) break;
    size += got;
  }
  head.resize(size);
  return head;
}

// How likely a column of this name is the key: 0 is best.
int key_rank(std::string_view name) {
  const std::string lower = base::ascii_lower(name);
  const auto ends_with_word = [&](std::string_view word) {
    if (!lower.ends_with(word)) return false;
    if (lower.size() == word.size()) return true;
    // customer_id, customer id, customerId, CustomerID; but not "paid".
    const char before = name[name.size() - word.size() - 1];
    const char first = name[name.size() - word.size()];
    return std::isalnum(static_cast<unsigned char>(before)) == 0 || (first >= 'A' && first <= 'Z' && !(before >= 'A' && before <= 'Z'));
  };
  if (lower == "id" || lower == "guid" || lower == "uuid") return 0;
  if (ends_with_word("id") || ends_with_word("guid") || ends_with_word("uuid")) return 1;
  if (lower.ends_with("id") || lower.starts_with("id_") || ends_with_word("key")) return 2;
  if (ends_with_word("number") || ends_with_word("no") || ends_with_word("nr") || ends_with_word("code") || lower == "email") return 3;
  return 4;
}

// One reading of the sample under a fixed dialect.
class Sampling {
 public:
  Sampling(const OpenSource& open, std::uint64_t limit, Detected& out) : open_(open), limit_(limit), out_(out) {}

  base::Result<void> run() {
    ASSIGN_OR_RETURN(auto source, open_());
    auto limited = std::make_unique<LimitedSource>(std::move(source), limit_, cut_);
    base::Result<CsvReader> opened = CsvReader::open(std::move(limited), out_.options());
    if (!opened.ok()) return std::move(opened).error();
    CsvReader reader = *std::move(opened);
    stats_.resize(reader.columns().size());
    RETURN_IF_ERROR(read_rows(reader));
    out_.whole_file = !cut_;
    finish(reader.columns());
    return {};
  }

 private:
  base::Result<void> read_rows(CsvReader& reader) {
    std::size_t budget = kHashes;
    while (true) {
      const auto row = reader.next();
      if (!row.ok()) {
        // The end of the sample cuts through a row; that is not the file's fault.
        const bool at_cut = row.error().reason == "csv.unclosed_quote" || reader.at_end() ||
                            (row.error().reason == "csv.bad_encoding" && row.error().detail.find("ends inside") != std::string::npos);
        if (cut_ && at_cut) return {};
        return row.error();
      }
      if (row->empty() || (cut_ && reader.at_end())) return {};
      ++out_.sampled_rows;
      for (std::size_t i = 0; i < row->size(); ++i) stats_[i].add((*row)[i], reader.line(), budget);
      if (out_.preview.size() < kPreviewRows) add_preview(*row);
    }
  }

  void add_preview(std::span<const base::Cell> row) {
    auto& cells = out_.preview.emplace_back();
    cells.reserve(row.size());
    for (const base::Cell& cell : row) {
      cells.push_back(cell.null ? std::nullopt : std::optional(values::shorten(cell.text(), kPreviewCharacters)));
    }
  }

  void finish(const std::vector<std::string>& names) {
    std::size_t unsaid = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      out_.columns.push_back(stats_[i].result(names[i]));
      auto warning = stats_[i].warning(names[i]);
      if (!warning) continue;
      if (out_.warnings.size() < kWarnings)
        out_.warnings.push_back(*std::move(warning));
      else
        ++unsaid;
    }
    if (unsaid != 0) out_.warnings.push_back("The same goes for " + std::to_string(unsaid) + " more columns that are kept as text.");
    // By rank, then from left to right.
    std::vector<std::pair<int, std::size_t>> order;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (out_.columns[i].key_candidate) order.emplace_back(key_rank(names[i]), i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [rank, i] : order) out_.key_candidates.push_back(names[i]);
    if (cut_) {
      out_.warnings.push_back("The file is large: types are from its first " + std::to_string(limit_ >> 20) +
                              " MiB, so values further down may not fit.");
    }
  }

  const OpenSource& open_;
  std::uint64_t limit_;
  Detected& out_;
  bool cut_ = false;
  std::vector<ColumnStats> stats_;
};

base::Result<dialect::Utf8Count> count_utf8(const OpenSource& open, std::uint64_t limit) {
  ASSIGN_OR_RETURN(auto source, open());
  bool cut = false;
  LimitedSource limited(std::move(source), limit, cut);
  dialect::Utf8Count count;
  std::string buffer(kHeadBytes, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const std::size_t got, limited.read(buffer));
    if (got == 0) return count;
    count.add({buffer.data(), got});
  }
}

}  // namespace

base::Result<Detected> detect(const OpenSource& open, const DetectOverrides& overrides, DetectLimits limits) {
  ASSIGN_OR_RETURN(auto source, open());
  const std::optional<std::uint64_t> size = source->size_bytes();
  ASSIGN_OR_RETURN(const std::string head, read_head(*source));
  source.reset();
  const bool whole_head = head.size() < kHeadBytes;
  // Without a known size there is only one way to learn whether the file is small: reading that much.
  const std::uint64_t limit = size.value_or(0) <= limits.whole_bytes ? limits.whole_bytes : limits.sample_bytes;

  Detected found;
  found.encoding = overrides.encoding.value_or(dialect::find_encoding(head, whole_head));
  const std::string text = dialect::decode(head, found.encoding);
  const char delimiter = overrides.delimiter.value_or(dialect::find_delimiter(text, whole_head));
  found.delimiter = std::string(1, delimiter);
  found.line_end = dialect::find_line_end(text);
  found.has_header = overrides.has_header.value_or(dialect::find_header(text, delimiter, whole_head));

  Detected result = found;
  base::Result<void> read = Sampling(open, limit, result).run();
  if (!read.ok() && read.error().reason == "csv.bad_encoding" && !overrides.encoding && found.encoding == Encoding::utf8) {
    ASSIGN_OR_RETURN(const dialect::Utf8Count count, count_utf8(open, limit));
    if (count.mostly_utf8()) return std::move(read).error();
    found.encoding = count.other();
    result = found;
    read = Sampling(open, limit, result).run();
  }
  if (!read.ok()) return std::move(read).error();
  if (!overrides.encoding && (result.encoding == Encoding::windows1252 || result.encoding == Encoding::iso8859_1)) {
    result.warnings.insert(result.warnings.begin(), "The file is not UTF-8; it is read as " + std::string(base::to_name(result.encoding)) +
                                                        ". Look at letters such as ä, é and ß in the preview.");
  }
  return result;
}

base::Result<Detected> detect_file(const std::string& path, const DetectOverrides& overrides, DetectLimits limits) {
  const OpenSource open = [&path]() -> base::Result<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(auto file, FileSource::open(path));
    return std::unique_ptr<Source>(std::move(file));
  };
  return detect(open, overrides, limits);
}

}  // namespace sluice::data
