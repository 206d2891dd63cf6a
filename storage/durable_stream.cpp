#include "storage/durable_stream.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "core/errors.hpp"
#include "storage/crash_point.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

struct DurableStream::Impl {
  std::filesystem::path file, temporary;
  std::ofstream out;
  std::ifstream present;  ///< what is there now, as far as it is the same
  bool same = false;
  std::string waiting, read;

  [[noreturn]] void fail(const char* what) const {
    throw StorageError(fmt::format("{}: {}: {}", file.string(), what, std::strerror(errno)));
  }

  void flush() {
    out.write(waiting.data(), static_cast<std::streamsize>(waiting.size()));
    if (!out) fail("cannot be written");
    if (same) {
      read.resize(waiting.size());
      present.read(read.data(), static_cast<std::streamsize>(read.size()));
      same = static_cast<std::size_t>(present.gcount()) == waiting.size() && read == waiting;
    }
    waiting.clear();
  }
};

DurableStream::DurableStream(const std::filesystem::path& file) : impl_(std::make_unique<Impl>()) {
  impl_->file = file;
  impl_->temporary = file;
  impl_->temporary.replace_filename(fmt::format(".{}.{}.tmp", file.filename().string(), ::getpid()));
  impl_->out.open(impl_->temporary, std::ios::binary | std::ios::trunc);
  if (!impl_->out) impl_->fail("cannot be written");
  impl_->present.open(file, std::ios::binary);
  impl_->same = impl_->present.is_open();
  impl_->waiting.reserve(kPiece + kPiece / 4);
}

DurableStream::~DurableStream() {
  if (impl_->out.is_open()) impl_->out.close();
  if (!impl_->temporary.empty()) ::unlink(impl_->temporary.c_str());
}

void DurableStream::write(std::string_view piece) {
  impl_->waiting += piece;
  if (impl_->waiting.size() >= kPiece) impl_->flush();
}

bool DurableStream::finish() {
  Impl& impl = *impl_;
  impl.flush();
  impl.out.close();
  if (!impl.out) impl.fail("cannot be written");
  const bool replaced = !(impl.same && impl.present.peek() == std::ifstream::traits_type::eof());
  if (replaced) {
    sync_file(impl.temporary);
    HULLSCAN_CRASH_POINT("stream.synced");
    if (::rename(impl.temporary.c_str(), impl.file.c_str()) != 0) impl.fail("cannot be replaced");
    HULLSCAN_CRASH_POINT("stream.renamed");
    sync_directory(impl.file.parent_path());
    impl.temporary.clear();
  }
  return replaced;
}

}  // namespace hullscan
