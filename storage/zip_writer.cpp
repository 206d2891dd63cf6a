#include "storage/zip_writer.hpp"

#include "core/errors.hpp"
#include "storage/detail/zip_stream.hpp"
#include "storage/staged_file.hpp"

namespace hullscan {

struct ZipWriter::Impl {
  explicit Impl(const std::filesystem::path& file) : staged(file), stream(zip::open(staged.temporary())) {}
  StagedFile staged;
  std::unique_ptr<archive, zip::FreeArchive> stream;
};

std::string why_no_zip_files() { return zip::why_no_zip(); }

ZipWriter::ZipWriter(const std::filesystem::path& file) {
  if (const std::string why = zip::why_no_zip(); !why.empty()) throw InputError(file.string() + ": " + why);
  impl_ = std::make_unique<Impl>(file);
}
ZipWriter::~ZipWriter() = default;

void ZipWriter::add(const std::string& name, std::string_view text) {
  zip::add(*impl_->stream, name, text, impl_->staged.temporary());
}

void ZipWriter::finish() {
  zip::close(*impl_->stream, impl_->staged.temporary());
  impl_->staged.publish();
}

}  // namespace hullscan
