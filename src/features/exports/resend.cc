// Rows that were not delivered: handing them out, and taking corrected ones back (BEY-14).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/random.h"
#include "data/csv_reader.h"
#include "features/audit/audit.h"
#include "features/exports/exports.h"
#include "features/exports/plan.h"
#include "features/exports/row_map.h"
#include "features/exports/rules.h"
#include "features/exports/store.h"

namespace sluice::exports {

namespace {

using base::Error;
using base::Result;

constexpr std::chrono::days kKeepResends{7};  // longer than any run may wait

// The files of a run one after the other, the header once.
class Pieces {
 public:
  explicit Pieces(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  ~Pieces() { close(); }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  Result<bool> next(std::string& out) {
    std::array<char, 65'536> buffer;
    for (;;) {
      if (fd_ < 0) {
        if (at_ == paths_.size()) return false;
        fd_ = ::open(paths_[at_].c_str(), O_RDONLY | O_CLOEXEC);
        is_header_ = at_++ > 0;
        if (fd_ < 0) continue;
      }
      const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
      if (got <= 0) {
        close();
        continue;
      }
      std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
      if (is_header_) {
        const std::size_t end = bytes.find("\r\n");
        if (end == std::string_view::npos) continue;
        bytes.remove_prefix(end + 2);
        is_header_ = false;
      }
      out.append(bytes);
      return true;
    }
  }

 private:
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  std::vector<std::string> paths_;
  std::size_t at_ = 0;
  int fd_ = -1;
  bool is_header_ = false;
};

Error no_rejects() {
  return Error{
      .code = base::Code::not_found, .reason = "run.no_rejects", .detail = "This run has no list of rows that were not delivered."};
}

Error forbidden() {
  return Error{.code = base::Code::forbidden,
               .reason = "request.forbidden",
               .detail = "You may look at this run, but its rows are for those who may change the export.",
               .extra = R"({"required_role":"administrator"})"};
}

}  // namespace

bool Exports::has_rejects(const std::string& run_id) const { return ::access(rejects_path(run_id, 0).c_str(), R_OK) == 0; }

Result<Export> Exports::load_of_run(const base::Actor& actor, runs::RunId id) {
  ASSIGN_OR_RETURN(const runs::Run run, runs_.load(actor, id));
  const auto export_id = run.kind == "export" ? ExportId::parse(run.subject.id) : std::nullopt;
  if (!export_id) return no_rejects();
  ASSIGN_OR_RETURN(Export e, load(actor, *export_id));
  if (!rules::may_edit(actor, e)) return forbidden();
  return e;
}

Result<std::function<Result<bool>(std::string&)>> Exports::rejected(const base::Actor& actor, runs::RunId id) {
  ASSIGN_OR_RETURN(const Export e, load_of_run(actor, id));
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < 100; ++i) {
    if (::access(rejects_path(id.str(), i).c_str(), R_OK) == 0) paths.push_back(rejects_path(id.str(), i));
  }
  if (paths.empty()) return no_rejects();
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
    return audit::append(tx, actor, clock_(), "run.rejects_downloaded", {"export", e.id.str(), e.display_name},
                         base::json::Object{{"run_id", id.str()}});
  }));
  auto pieces = std::make_shared<Pieces>(std::move(paths));
  return std::function<Result<bool>(std::string&)>([pieces](std::string& out) { return pieces->next(out); });
}

Result<void> Exports::check_resend(const Export& e, const std::string& path) const {
  ASSIGN_OR_RETURN(const data::CsvReader reader, data::CsvReader::open_file(path));
  std::vector<std::string> needed{"segment"};
  for (const auto& [name, column] : e.mapping) needed.emplace_back(column.text());
  for (const std::string& name : needed) {
    if (std::find(reader.columns().begin(), reader.columns().end(), name) == reader.columns().end())
      return Error{.code = base::Code::invalid,
                   .reason = "resend.column_missing",
                   .detail = "The file has no column " + name + ". Correct the file that was downloaded and keep its first line."};
  }
  return {};
}

Result<runs::Runs::Enqueued> Exports::resend(const base::Actor& actor, runs::RunId id, const std::string& path) {
  ASSIGN_OR_RETURN(const Export loaded, load_of_run(actor, id));
  RETURN_IF_ERROR(check_resend(loaded, path));
  const std::string folder = settings_.data_folder + "/resend";
  const std::string kept = folder + "/" + base::random_token(12) + ".csv";
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) std::filesystem::rename(path, kept, failed);
  if (failed)
    return Error{.code = base::Code::internal,
                 .reason = "resend.not_stored",
                 .detail = "The file could not be stored. Try again, or look into the log of the server.",
                 .internal = failed.message()};
  ::chmod(kept.c_str(), 0600);
  auto enqueued = db_.write([&](db::Write& tx) -> Result<runs::Runs::Enqueued> {
    ASSIGN_OR_RETURN(const Export e, load(tx, actor, loaded.id));
    ASSIGN_OR_RETURN(runs::Request request, request_of(tx, e, runs::Trigger::resend));
    request.plan.set("resend", kept);
    request.plan.set("mode", "full");
    request.expected_rows.reset();
    ASSIGN_OR_RETURN(const auto active, runs_.active_of(tx, e.id.str()));
    // A run that is given instead of a new one would never send this file.
    if (active)
      return Error{.code = base::Code::conflict,
                   .reason = "export.running",
                   .detail = "A run of this export is active. Wait until it has ended, then send the corrected rows."};
    return runs_.enqueue(tx, actor, request);
  });
  if (!enqueued.ok()) {
    std::filesystem::remove(kept, failed);
    return enqueued;
  }
  runs_.wake();
  return enqueued;
}

Result<std::vector<std::string>> Exports::requests(const base::Actor& actor, runs::RunId id) {
  RETURN_IF_ERROR(runs_.load(actor, id));
  return db_.read([&](db::Read& tx) { return store::list_requests(tx, id.str()); });
}

void Exports::sweep_files() {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(settings_.data_folder + "/rejected", failed)) {
    const auto id = runs::RunId::parse(entry.path().filename().string());
    if (id && runs_.load(base::Actor::system(), *id).ok()) continue;
    fs::remove_all(entry.path(), failed);
  }
  const auto old = fs::file_time_type::clock::now() - kKeepResends;
  for (const auto& entry : fs::directory_iterator(settings_.data_folder + "/resend", failed)) {
    if (entry.last_write_time(failed) < old) fs::remove(entry.path(), failed);
  }
}

}  // namespace sluice::exports
