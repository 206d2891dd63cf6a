/// @file
/// The arguments of one subcommand. The one file that knows Boost.Program_options is command_line.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hullscan::cli {

class CommandLine {
 public:
  /// @param usage "count FILE [--json]"; @param summary one line.
  CommandLine(std::string usage, std::string summary);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  void flag(const std::string& name, const std::string& meaning);
  void option(const std::string& name, const std::string& value_name,
              const std::string& meaning);  ///< may be repeated
  /// @param highest how many positional arguments may follow; < 0: any number.
  void positionals(const std::string& name, int lowest, int highest);
  void epilogue(const std::string& text);

  /// @returns false if --help was asked for and has been printed.
  /// @throws InputError for anything not understood, with the usage line.
  bool parse(const std::vector<std::string>& arguments);

  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::optional<std::string> value(const std::string& name) const;  ///< the last one given
  [[nodiscard]] std::vector<std::string> values(const std::string& name) const;
  /// @throws InputError if it is not an integer in the range.
  [[nodiscard]] std::optional<long> integer(const std::string& name, long lowest, long highest) const;
  /// @param what "seconds", "eV/atom": for the message. @throws InputError if it is not a number in the range.
  [[nodiscard]] std::optional<double> number(const std::string& name, const std::string& what, double lowest,
                                             double highest) const;
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string usage_, summary_, epilogue_, positional_name_;
  int lowest_ = 0, highest_ = 0;
  std::vector<std::string> positional_;
  std::vector<std::string> option_names_;
};

}  // namespace hullscan::cli
