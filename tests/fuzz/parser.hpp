/// @file
/// What is fuzzed: a parser by name, where its first inputs are, and what it does with some bytes. The bodies are the
/// same for libFuzzer and for the driver of our own. Adding one: docs/adding/parser.md.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hullscan::fuzz {

struct Parser {
  const char* name;
  /// Files of tests/data whose names end like one of these are first inputs, beside those of corpus/<name>.
  std::vector<const char*> seeds;
  /// May throw what a user's file may make the program throw; see `read_one`.
  void (*read)(std::string_view bytes);
};

std::span<const Parser> campaign_parsers();
std::span<const Parser> structure_parsers();
std::span<const Parser> table_parsers();
std::span<const Parser> output_parsers();
std::span<const Parser> scheduler_parsers();
std::span<const Parser> model_parsers();
std::span<const Parser> command_parsers();

std::vector<const Parser*> all_parsers();
/// @returns nullptr if there is none.
const Parser* find_parser(std::string_view name);

/// Reads the bytes and ends the process if anything comes out that the command line would call unexpected: an exception
/// that is none of ours, or one of ours with exit code 1. @returns whether the parser took them.
bool read_one(const Parser& parser, std::string_view bytes);

/// A folder of this process, the current one after the first call; removed when the process ends by itself.
const std::filesystem::path& working_folder();
/// The bytes as a file of that folder. @returns its name, relative.
std::filesystem::path as_file(const std::string& name, std::string_view bytes);

}  // namespace hullscan::fuzz
