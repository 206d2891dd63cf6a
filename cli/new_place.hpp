/// @file
/// Before long work: whether what it will write can be made where it was asked for.
#pragma once

#include <filesystem>

namespace hullscan::cli {

enum class Parents { kMustExist, kAreMade };

/// Makes and removes a folder beside it to find out; nothing else is written.
/// @param out a file or folder of --out. @throws InputError if it exists, its folder is missing and is not made, or
/// nothing can be made there.
void require_new_place(const std::filesystem::path& out, Parents parents);

}  // namespace hullscan::cli
