#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <iostream>

#include "analysis/entries/csv_lines.hpp"
#include "core/errors.hpp"

namespace hullscan::cli {

namespace po = boost::program_options;

struct CommandLine::Impl {
  po::options_description visible{"options"};
  po::variables_map values;
};

CommandLine::CommandLine(std::string usage, std::string summary)
    : impl_(std::make_unique<Impl>()), usage_(std::move(usage)), summary_(std::move(summary)) {
  flag("help,h", "this text");
}

CommandLine::~CommandLine() = default;

void CommandLine::flag(const std::string& name, const std::string& meaning) {
  impl_->visible.add_options()(name.c_str(), po::bool_switch(), meaning.c_str());
  option_names_.push_back("--" + name.substr(0, name.find(',')));
}

void CommandLine::option(const std::string& name, const std::string& value_name, const std::string& meaning) {
  impl_->visible.add_options()(name.c_str(), po::value<std::vector<std::string>>()->value_name(value_name),
                               meaning.c_str());
  option_names_.push_back("--" + name.substr(0, name.find(',')));
}

void CommandLine::positionals(const std::string& name, int lowest, int highest) {
  positional_name_ = name;
  lowest_ = lowest;
  highest_ = highest;
}

void CommandLine::epilogue(const std::string& text) { epilogue_ = text; }

bool CommandLine::parse(const std::vector<std::string>& arguments) {
  po::options_description all;
  all.add(impl_->visible);
  all.add_options()("positional arguments", po::value<std::vector<std::string>>());
  po::positional_options_description places;
  places.add("positional arguments", -1);
  const std::string hint = fmt::format("\nusage: hullscan {}", usage_);
  try {
    using Style = po::command_line_style::style_t;
    const int style = Style::default_style & ~Style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(places).style(style).run(), impl_->values);
  } catch (const po::unknown_option& error) {
    throw InputError(fmt::format("unknown option {}{}{}", error.get_option_name(),
                                 did_you_mean(error.get_option_name(), option_names_), hint));
  } catch (const po::error& error) {
    throw InputError(std::string(error.what()) + hint);
  }
  if (has("help")) {
    std::cout << "hullscan " << usage_ << "\n" << summary_ << "\n\n" << impl_->visible;
    if (!epilogue_.empty()) std::cout << "\n" << epilogue_ << "\n";
    return false;
  }
  positional_ = values("positional arguments");
  const auto given = static_cast<int>(positional_.size());
  if (given < lowest_) throw InputError(fmt::format("missing argument: {}{}", positional_name_, hint));
  if (highest_ >= 0 && given > highest_) {
    throw InputError(
        fmt::format("unexpected argument \"{}\"{}", positional_[static_cast<std::size_t>(highest_)], hint));
  }
  return true;
}

bool CommandLine::has(const std::string& name) const {
  const auto found = impl_->values.find(name);
  if (found == impl_->values.end()) return false;
  if (const auto* flag_value = boost::any_cast<bool>(&found->second.value())) return *flag_value;
  return true;
}

std::vector<std::string> CommandLine::values(const std::string& name) const {
  const auto found = impl_->values.find(name);
  return found == impl_->values.end() ? std::vector<std::string>{} : found->second.as<std::vector<std::string>>();
}

std::optional<std::string> CommandLine::value(const std::string& name) const {
  const auto all = values(name);
  return all.empty() ? std::nullopt : std::optional(all.back());
}

std::optional<long> CommandLine::integer(const std::string& name, long lowest, long highest) const {
  const auto text = value(name);
  if (!text) return std::nullopt;
  long result = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), result);
  if (error != std::errc() || end != text->data() + text->size() || result < lowest || result > highest) {
    throw InputError(
        fmt::format("--{}: expected an integer from {} to {}, found \"{}\"", name, lowest, highest, *text));
  }
  return result;
}

std::optional<double> CommandLine::number(const std::string& name, const std::string& what, double lowest,
                                          double highest) const {
  const auto text = value(name);
  if (!text) return std::nullopt;
  const auto result = parse_number(*text);
  if (result && *result >= lowest && *result <= highest) return result;
  throw InputError(
      fmt::format("--{}: expected {}, a number from {:g} to {:g}, found \"{}\"", name, what, lowest, highest, *text));
}

}  // namespace hullscan::cli
