#include "features/ledger/manifest.h"

#include <unistd.h>

#include <cstdio>
#include <map>

namespace sluice::ledger {

namespace {

using base::Result;

constexpr std::string_view kMagic = "SLLEDMAN";

std::string digest_of(std::string_view bytes) {
  crypto::Digest digest;
  digest.update(bytes);
  return digest.finish();
}

void put_segments(std::string& out, const std::vector<SegmentInfo>& segments) {
  put(out, static_cast<std::uint32_t>(segments.size()));
  for (const SegmentInfo& one : segments) {
    put(out, one.generation);
    put(out, one.records);
    put(out, one.record_bytes);
    put(out, one.key_bytes);
    out += one.record_digest;
    out += one.key_digest;
  }
}

std::string head_of(std::string_view before, const RunEntry& entry, std::uint64_t number) {
  std::string bytes = "sluice ledger 1\n";
  put_text(bytes, before);
  put(bytes, number);
  bytes.append(reinterpret_cast<const char*>(entry.run.id.data()), entry.run.id.size());
  put(bytes, base::to_micros(entry.run.at));
  put(bytes, entry.run.normaliser);
  put_text(bytes, entry.run.fields);
  put(bytes, entry.log_id);
  put_text(bytes, entry.segments_digest);
  return digest_of(bytes);
}

std::string segments_digest(const Manifest& manifest) {
  std::string bytes;
  put_segments(bytes, manifest.segments);
  return digest_of(bytes);
}

std::string name(std::uint64_t generation, const char* ending) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%010llu.%s", static_cast<unsigned long long>(generation), ending);
  return text.data();
}

}  // namespace

std::string record_name(std::uint64_t generation) { return name(generation, "rec"); }
std::string key_name(std::uint64_t generation) { return name(generation, "key"); }

void add_run(Manifest& manifest, const Run& run, std::uint64_t log_id) {
  RunEntry entry{.run = run, .log_id = log_id, .segments_digest = segments_digest(manifest), .head = {}};
  entry.head = head_of(manifest.runs.empty() ? std::string() : manifest.runs.back().head, entry, manifest.generation() + 1);
  manifest.runs.push_back(std::move(entry));
}

std::uint64_t broken_link(const Manifest& manifest) {
  std::string before;
  std::uint64_t number = 0;
  for (const RunEntry& entry : manifest.runs) {
    ++number;
    if (entry.head != head_of(before, entry, manifest.first + number)) return number;
    before = entry.head;
  }
  if (number != 0 && manifest.runs.back().segments_digest != segments_digest(manifest)) return number;
  return 0;
}

Result<void> write_manifest(const std::string& folder, const Manifest& manifest) {
  std::string bytes(kMagic);
  put(bytes, kVersion);
  put(bytes, manifest.salt);
  put(bytes, manifest.first);
  put_text(bytes, manifest.rebaselined);
  put(bytes, static_cast<std::uint32_t>(manifest.reasons.size()));
  for (const std::string& reason : manifest.reasons) put_text(bytes, reason);
  // Most runs send the same fields.
  std::map<std::string_view, std::uint32_t> numbers;
  std::string texts;
  for (const RunEntry& entry : manifest.runs) {
    if (numbers.emplace(entry.run.fields, static_cast<std::uint32_t>(numbers.size())).second) put_text(texts, entry.run.fields);
  }
  put(bytes, static_cast<std::uint32_t>(numbers.size()));
  bytes += texts;
  put(bytes, static_cast<std::uint32_t>(manifest.runs.size()));
  for (const RunEntry& entry : manifest.runs) {
    bytes.append(reinterpret_cast<const char*>(entry.run.id.data()), entry.run.id.size());
    put(bytes, base::to_micros(entry.run.at));
    put(bytes, entry.run.normaliser);
    put(bytes, numbers.at(entry.run.fields));
    put(bytes, entry.log_id);
    bytes += entry.segments_digest;
    bytes += entry.head;
  }
  put_segments(bytes, manifest.segments);
  bytes += digest_of(bytes);

  const std::string path = folder + "/" + std::string(kNewManifestName);
  ::unlink(path.c_str());
  ASSIGN_OR_RETURN(File file, File::create(path));
  RETURN_IF_ERROR(file.append(bytes));
  RETURN_IF_ERROR(file.sync());
  if (::rename(path.c_str(), (folder + "/" + std::string(kManifestName)).c_str()) != 0) return failed("renaming the manifest");
  return sync_folder(folder);
}

Result<Manifest> read_manifest(const std::string& folder) {
  ASSIGN_OR_RETURN(const File file, File::open(folder + "/" + std::string(kManifestName)));
  ASSIGN_OR_RETURN(const std::uint64_t size, file.size());
  std::string bytes(size, '\0');
  RETURN_IF_ERROR(file.read(0, bytes));
  if (size < crypto::Digest::kBytes) return damaged("the manifest is too short");
  const std::string_view body = std::string_view(bytes).substr(0, size - crypto::Digest::kBytes);
  if (digest_of(body) != bytes.substr(body.size())) return damaged("the manifest was changed");
  Reader reader(body);
  if (reader.take(kMagic.size()) != kMagic) return damaged("the manifest is not one");
  if (const auto version = reader.get<std::uint32_t>(); version != kVersion) {
    return base::Error{.code = base::Code::unsupported,
                       .reason = "ledger.unknown_version",
                       .detail = "The record of what this export delivered was written by a newer version.",
                       .internal = "version " + std::to_string(version)};
  }
  Manifest manifest;
  manifest.salt = reader.get<crypto::ShortHashKey>();
  manifest.first = reader.get<std::uint64_t>();
  manifest.rebaselined = reader.text();
  for (auto left = reader.get<std::uint32_t>(); left > 0 && reader.is_whole(); --left) manifest.reasons.push_back(reader.text());
  std::vector<std::string> fields;
  for (auto left = reader.get<std::uint32_t>(); left > 0 && reader.is_whole(); --left) fields.push_back(reader.text());
  for (auto left = reader.get<std::uint32_t>(); left > 0 && reader.is_whole(); --left) {
    RunEntry entry;
    entry.run.id = reader.get<base::Uuid>();
    entry.run.at = base::from_micros(reader.get<std::int64_t>());
    entry.run.normaliser = reader.get<std::uint32_t>();
    const auto text = reader.get<std::uint32_t>();
    if (text < fields.size()) entry.run.fields = fields[text];
    entry.log_id = reader.get<std::uint64_t>();
    entry.segments_digest = reader.take(crypto::Digest::kBytes);
    entry.head = reader.take(crypto::Digest::kBytes);
    manifest.runs.push_back(std::move(entry));
  }
  for (auto left = reader.get<std::uint32_t>(); left > 0 && reader.is_whole(); --left) {
    SegmentInfo one;
    one.generation = reader.get<std::uint64_t>();
    one.records = reader.get<std::uint64_t>();
    one.record_bytes = reader.get<std::uint64_t>();
    one.key_bytes = reader.get<std::uint64_t>();
    one.record_digest = reader.take(crypto::Digest::kBytes);
    one.key_digest = reader.take(crypto::Digest::kBytes);
    manifest.segments.push_back(std::move(one));
  }
  if (!reader.is_whole() || reader.left() != 0) return damaged("the manifest does not end where it should");
  return manifest;
}

}  // namespace sluice::ledger
