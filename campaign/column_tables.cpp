#include "campaign/column_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>  // std::iota
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>

#include "analysis/entries/csv_lines.hpp"
#include "campaign/orbit_archive.hpp"
#include "campaign/orbit_writer.hpp"
#include "campaign/resolved_campaign.hpp"
#include "campaign/written_columns.hpp"
#include "dft_adapters/packed_file.hpp"
#include "enumerator/orbits/canonical_form.hpp"
#include "enumerator/space/strata.hpp"

namespace hullscan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kColumnsKey = "columns";
constexpr std::size_t kMostToldOfATable = 10;
/// What hullscan's own tables say of an orbit; the last four are taken for columns where they are asked for by name.
constexpr const char* kKeyHeaders[] = {"space", "supercell", "marker", "key", "occupation"};
constexpr const char* kOtherHeaders[] = {"formula", "degeneracy", "space_group", "predicted_formation_energy_per_atom"};

template <std::size_t n>
bool is_among(const std::string& word, const char* const (&words)[n]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

struct ColumnsRequest {
  SourcePosition where;  ///< of the key's value
  std::string file;      ///< as written
  std::vector<std::string> only, categories;
  friend bool operator<(const ColumnsRequest& a, const ColumnsRequest& b) {
    return std::tie(a.file, a.only, a.categories) < std::tie(b.file, b.only, b.categories);
  }
};

/// @returns nothing without the key, or with a problem.
std::optional<ColumnsRequest> columns_request(const SurrogateSpec& spec, Problems& problems) {
  const Setting* written = spec.settings.find(kColumnsKey);
  if (written == nullptr) return std::nullopt;
  ColumnsRequest request{written->where, {}, {}, {}};
  if (const auto* table = std::get_if<SettingsTable>(&written->value)) {
    const std::size_t before = problems.lines().size();
    SettingsReader reader(*table, "surrogate.columns", problems);
    reader.require("file", "a table with a row for each orbit, .csv or .csv.gz");
    request.file = reader.text("file", "");
    request.only = reader.texts("only");
    request.categories = reader.texts("categories");
    reader.finish();
    if (problems.lines().size() > before) return std::nullopt;
  } else if (const auto* text = std::get_if<std::string>(&written->value)) {
    request.file = *text;
  }
  if (request.file.empty()) {
    problems.add(written->where, fmt::format("surrogate.columns: expected the name of a table (.csv or .csv.gz), or {{ "
                                             "file = \"motifs.csv\", only = [\"net\"] }}, found {}",
                                             written->type_name()));
    return std::nullopt;
  }
  if (!takes_orbit_columns(spec.kind)) {
    problems.add(written->key_where,
                 fmt::format("surrogate.columns: a model of kind \"{}\" takes no columns from a table; {} do",
                             spec.kind, kinds_that_take_orbit_columns()));
    return std::nullopt;
  }
  return request;
}

fs::path path_of(const Campaign& campaign, const std::string& file) {
  return fs::path(file).is_absolute() ? fs::path(file) : campaign.file.parent_path() / file;
}

/// "2 0 0; 0 2 0; 0 0 2", as enumerate writes it.
std::string spaced_matrix(const SupercellMatrix& m) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += fmt::format("{}{} {} {}", i == 0 ? "" : "; ", m(i, 0), m(i, 1), m(i, 2));
  return text;
}

/// A structure of a list is one: no model is fitted to what it describes.
bool is_varied(const SearchSpace& space) { return !space.parent()->sublattices.empty(); }

/// The rows of one supercell.
struct RowsOfSupercell {
  std::vector<std::vector<std::uint8_t>> occupations;
  std::vector<std::uint32_t> rows;   ///< [occupations] of the table
  std::vector<std::uint32_t> order;  ///< ascending by occupation; each occupation once
  std::vector<bool> met;             ///< [occupations] whether it is an orbit of the space
};

/// Reads one table and compares it with the spaces.
class ColumnTableReader {
 public:
  ColumnTableReader(const Campaign& campaign, const std::vector<SearchSpace>& spaces, const ColumnsRequest& request,
                    Problems& problems)
      : spaces_(spaces), request_(request), path_(path_of(campaign, request.file)), problems_(problems) {
    for (const SearchSpace& space : spaces_) {
      rows_.emplace_back(space.supercells().size());
      for (std::size_t i = 0; i < space.supercells().size(); ++i) {
        const SupercellMatrix& matrix = space.supercells()[i]->matrix();
        for (const std::string& text : {spaced_matrix(matrix), matrix_text(matrix)})
          supercell_by_text_[space.name()].emplace(text, i);
      }
    }
  }

  /// @returns nothing with a problem.
  std::optional<SpaceColumns> read() {
    if (!spaces_fit()) return std::nullopt;
    std::string bytes;
    try {
      bytes = unpacked_user_file(path_);
    } catch (const Error& error) {
      problems_.add(request_.where, std::string("surrogate.columns: ") + error.what());
      return std::nullopt;
    }
    std::istringstream stream(std::move(bytes));
    CsvReader reader(stream);
    CsvLine line;
    if (!reader.next(line)) {
      problem_here("{} is empty", path_.string());
      return std::nullopt;
    }
    if (!read_header(line)) return std::nullopt;
    while (reader.next(line)) read_row(line);
    if (line_of_row_.empty()) problem_here("{} has no row", path_.string());
    sort_rows();
    if (wrong_ == 0) compare_with_orbits();
    if (wrong_ > kMostToldOfATable)
      problems_.add({path_.string(), 0, 0},
                    fmt::format("and {} more problems of this kind", wrong_ - kMostToldOfATable));
    std::vector<OrbitColumns::Column> columns = encode();
    if (wrong_ > 0) return std::nullopt;
    return given(columns);
  }

 private:
  template <class... Args>
  void problem_here(fmt::format_string<Args...> text, Args&&... args) {
    ++wrong_;
    problems_.add(request_.where, "surrogate.columns: " + fmt::format(text, std::forward<Args>(args)...));
  }
  /// At a line of the table; the first few of them.
  void problem_at(int line, int column, const std::string& what) {
    if (++wrong_ <= kMostToldOfATable) problems_.add({path_.string(), line, column}, what);
  }

  bool spaces_fit() {
    for (const SearchSpace& space : spaces_) {
      if (!space.spec().markers.empty()) {
        problem_here(
            "space \"{}\" marks objects, and a table has a row for an orbit of configurations, not of marked ones",
            space.name());
      } else if (space.spec().sample) {
        problem_here("space \"{}\" is drawn from (space.sample), and a table needs a row for every orbit",
                     space.name());
      }
      for (std::size_t i = 0; i < space.supercells().size(); ++i) {
        if (const auto why = space.why_not_enumerable(i))
          problem_here(
              "supercell {} of space \"{}\" is too large to be enumerated, so no table can have its orbits: {}",
              matrix_text(space.supercells()[i]->matrix()), space.name(), *why);
      }
    }
    return wrong_ == 0;
  }

  [[nodiscard]] bool is_count(const std::string& header) const {
    for (const SearchSpace& space : spaces_) {
      for (const Sublattice& sublattice : space.parent()->sublattices) {
        for (const Species species : sublattice.allowed) {
          if (header == sublattice.name + "." + std::string(species.symbol())) return true;
        }
      }
    }
    return false;
  }

  bool read_header(const CsvLine& line) {
    std::vector<std::string> may_be_taken, asked = request_.only;
    for (const CsvField& field : line.fields) {
      const std::string& name = field.text;
      if (!name.empty() && !at_.emplace(name, header_size_).second)
        problem_at(line.number, field.column, fmt::format("the column \"{}\" occurs twice", name));
      ++header_size_;
      if (name.empty() || is_among(name, kKeyHeaders)) continue;
      may_be_taken.push_back(name);
      if (request_.only.empty() && !is_among(name, kOtherHeaders) && !is_count(name)) asked.push_back(name);
    }
    if (!at_.contains("occupation"))
      problem_at(line.number, 0,
                 "no column \"occupation\", expected one as hullscan enumerate, descriptors and export --orbits write "
                 "it; it says which orbit a row is");
    if (std::count_if(spaces_.begin(), spaces_.end(), is_varied) > 1 && !at_.contains("space") && !at_.contains("key"))
      problem_at(line.number, 0, "no column \"space\", which a campaign of several spaces needs");
    const bool several = std::any_of(spaces_.begin(), spaces_.end(),
                                     [](const SearchSpace& space) { return space.supercells().size() > 1; });
    if (several && !at_.contains("supercell") && !at_.contains("key"))
      problem_at(line.number, 0,
                 "neither a column \"supercell\" nor \"key\", and a space of several supercells needs one");
    for (const auto* names : {&request_.only, &request_.categories}) {
      for (const std::string& name : *names) {
        if (std::find(may_be_taken.begin(), may_be_taken.end(), name) == may_be_taken.end())
          problem_here("{} has no column \"{}\" that a model could take; there are \"{}\"{}", path_.string(), name,
                       fmt::join(may_be_taken, "\", \""), did_you_mean(name, may_be_taken));
      }
    }
    if (asked.empty() && wrong_ == 0)
      problem_here(
          "{} has no column besides those that hullscan itself writes; name those that the model is to take: "
          "{{ file = \"…\", only = [\"…\"] }}",
          path_.string());
    if (wrong_ > 0) return false;
    for (const std::string& name : asked) {
      taken_at_.push_back(at_.at(name));
      taken_.push_back(written_column(name, name));
    }
    return true;
  }

  [[nodiscard]] const CsvField* field(const CsvLine& line, const char* header) const {
    const auto found = at_.find(header);
    return found == at_.end() ? nullptr : &line.fields[found->second];
  }

  /// Which supercell a row is of. @returns nothing with a problem.
  std::optional<std::pair<std::size_t, std::size_t>> place(const CsvLine& line) {
    const auto first = std::find_if(spaces_.begin(), spaces_.end(), is_varied);
    std::size_t space = first == spaces_.end() ? 0 : static_cast<std::size_t>(first - spaces_.begin()), supercell = 0;
    if (const CsvField* key = field(line, "key"); key != nullptr && !at_.contains("supercell")) {
      try {
        const Stratum at = parse_orbit_key(key->text).stratum;
        space = at.space;
        supercell = at.supercell;
      } catch (const InputError& error) {
        problem_at(line.number, key->column, error.what());
        return std::nullopt;
      }
      if (space >= spaces_.size() || supercell >= spaces_[space].supercells().size()) {
        problem_at(line.number, key->column, fmt::format("the campaign has no orbit {}", key->text));
        return std::nullopt;
      }
    }
    if (const CsvField* name = field(line, "space")) {
      const auto found = std::find_if(spaces_.begin(), spaces_.end(),
                                      [&](const SearchSpace& one) { return one.name() == name->text; });
      if (found == spaces_.end()) {
        std::vector<std::string> names;
        for (const SearchSpace& one : spaces_) names.push_back(one.name());
        problem_at(line.number, name->column,
                   fmt::format("space: expected one of \"{}\", found \"{}\"{}", fmt::join(names, "\", \""), name->text,
                               did_you_mean(name->text, names)));
        return std::nullopt;
      }
      space = static_cast<std::size_t>(found - spaces_.begin());
    }
    if (const CsvField* text = field(line, "supercell")) {
      const auto& known = supercell_by_text_.at(spaces_[space].name());
      const auto found = known.find(text->text);
      if (found == known.end()) {
        problem_at(line.number, text->column,
                   fmt::format("supercell: \"{}\" is none of space \"{}\"; expected \"{}\", for example", text->text,
                               spaces_[space].name(), matrix_text(spaces_[space].supercells().front()->matrix())));
        return std::nullopt;
      }
      supercell = found->second;
    }
    return std::pair(space, supercell);
  }

  void read_row(const CsvLine& line) {
    if (line.fields.size() != header_size_) {
      problem_at(line.number, 0,
                 fmt::format("expected {} fields as in the first line, found {}", header_size_, line.fields.size()));
      return;
    }
    if (const CsvField* marker = field(line, "marker"); marker != nullptr && !marker->text.empty()) {
      problem_at(line.number, marker->column, "marker: expected nothing, since the campaign marks nothing");
      return;
    }
    const auto where = place(line);
    if (!where) return;
    const Supercell& supercell = *spaces_[where->first].supercells()[where->second];
    const CsvField& text = *field(line, "occupation");
    const std::size_t sites = supercell.varied_sites().size();
    if (text.text.size() != sites) {
      problem_at(line.number, text.column,
                 fmt::format("occupation: expected {} characters, one for each varied site of {}, found {}{}", sites,
                             matrix_text(supercell.matrix()), text.text.size(),
                             text.text.size() < sites && parse_number(text.text)
                                 ? " (a spreadsheet takes it for a number and drops the zeros it begins with: keep it "
                                   "as text)"
                                 : ""));
      return;
    }
    std::vector<std::uint8_t> occupation;
    for (std::size_t site = 0; site < sites; ++site) {
      const char c = text.text[site];
      const int occupant = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : 255;
      const auto sublattice = static_cast<std::size_t>(supercell.sublattice_of(static_cast<int>(site)));
      const auto species = supercell.parent().sublattices[sublattice].allowed.size();
      if (static_cast<std::size_t>(occupant) >= species) {
        problem_at(line.number, text.column + static_cast<int>(site),
                   fmt::format("occupation: expected 0 to {} at site {}, which has {} species, found \"{}\"",
                               species - 1, site + 1, species, c));
        return;
      }
      occupation.push_back(static_cast<std::uint8_t>(occupant));
    }
    const CsvField* degeneracy = field(line, "degeneracy");
    std::uint64_t times = 0;
    if (degeneracy != nullptr)
      std::from_chars(degeneracy->text.data(), degeneracy->text.data() + degeneracy->text.size(), times);
    RowsOfSupercell& rows = rows_[where->first][where->second];
    rows.occupations.push_back(std::move(occupation));
    rows.rows.push_back(static_cast<std::uint32_t>(line_of_row_.size()));
    line_of_row_.push_back(line.number);
    degeneracy_of_row_.push_back(times);
    if (const CsvField* formula = field(line, "formula")) formula_of_row_.push_back(formula->text);
    for (std::size_t c = 0; c < taken_.size(); ++c) taken_[c].fields.push_back(line.fields[taken_at_[c]]);
  }

  [[nodiscard]] int line_of(const RowsOfSupercell& rows, std::size_t at) const { return line_of_row_[rows.rows[at]]; }

  void sort_rows() {
    for (auto& of_space : rows_) {
      for (RowsOfSupercell& rows : of_space) {
        rows.order.resize(rows.occupations.size());
        rows.met.assign(rows.occupations.size(), false);
        std::iota(rows.order.begin(), rows.order.end(), 0U);
        std::stable_sort(rows.order.begin(), rows.order.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return rows.occupations[a] < rows.occupations[b]; });
        for (std::size_t i = 1; i < rows.order.size(); ++i) {
          if (rows.occupations[rows.order[i]] == rows.occupations[rows.order[i - 1]])
            problem_at(line_of(rows, rows.order[i]), 0,
                       fmt::format("a second row for the orbit of line {}", line_of(rows, rows.order[i - 1])));
        }
      }
    }
  }

  /// Where an occupation stands. @param next where the table goes on, if it has the order of the enumeration.
  static std::optional<std::size_t> find(const RowsOfSupercell& rows, std::span<const std::uint8_t> occupation,
                                         std::size_t next) {
    const auto same = [&](const std::vector<std::uint8_t>& one) {
      return std::equal(one.begin(), one.end(), occupation.begin(), occupation.end());
    };
    if (next < rows.occupations.size() && same(rows.occupations[next])) return next;
    const auto found = std::lower_bound(
        rows.order.begin(), rows.order.end(), occupation, [&](std::uint32_t at, std::span<const std::uint8_t> wanted) {
          const auto& one = rows.occupations[at];
          return std::lexicographical_compare(one.begin(), one.end(), wanted.begin(), wanted.end());
        });
    if (found == rows.order.end() || !same(rows.occupations[*found])) return std::nullopt;
    return *found;
  }

  /// Walks over every orbit, or until so many have no row that it is clear what is wrong: never far beyond the table.
  void compare_with_orbits() {
    std::size_t missing = 0;
    std::string first_missing;
    for (const SpaceStratum& stratum : Strata(spaces_)) {
      if (!is_varied(*stratum.space)) continue;
      RowsOfSupercell& rows = rows_[stratum.key.space][stratum.supercell()];
      const std::string formula = stratum.formula();
      std::size_t next = 0;
      stratum.enumerator().run({}, {}, [&](const Orbit& orbit) {
        const auto at = find(rows, orbit.occupation, next);
        if (!at) {
          if (missing++ == 0)
            first_missing = fmt::format("space \"{}\", supercell {}, {}, occupation {}", stratum.space->name(),
                                        matrix_text(stratum.space->supercells()[stratum.supercell()]->matrix()),
                                        formula, occupation_text(orbit.occupation));
          return missing <= kMostMissing;
        }
        next = *at + 1;
        rows.met[*at] = true;
        check_row(rows.rows[*at], formula, orbit.degeneracy);
        return true;
      });
      if (missing > kMostMissing) break;
    }
    if (missing > 0)
      problem_here("{} has no row for {}{} of the campaign; the first: {}", path_.string(),
                   missing > kMostMissing ? fmt::format("more than {}", kMostMissing) : std::to_string(missing),
                   missing == 1 ? " orbit" : " orbits", first_missing);
    if (missing > kMostMissing) return;  // not all were looked at
    for (std::size_t space = 0; space < rows_.size(); ++space) {
      for (std::size_t supercell = 0; supercell < rows_[space].size(); ++supercell)
        tell_unknown(space, supercell, rows_[space][supercell]);
    }
  }

  void check_row(std::uint32_t row, const std::string& formula, std::uint64_t degeneracy) {
    if (!formula_of_row_.empty() && formula_of_row_[row] != formula)
      problem_at(
          line_of_row_[row], 0,
          fmt::format("formula: its occupation is of composition {}, and the row says {}; a table counts species "
                      "in the order of the campaign file that it was made with",
                      formula, formula_of_row_[row]));
    if (const std::uint64_t written = degeneracy_of_row_[row]; written != 0 && written != degeneracy)
      problem_at(line_of_row_[row], 0,
                 fmt::format("degeneracy: the orbit of this occupation has {}, and the row says {}: the table is of "
                             "another crystal or supercell",
                             degeneracy, written));
  }

  void tell_unknown(std::size_t space_index, std::size_t supercell, const RowsOfSupercell& rows) {
    const SearchSpace& space = spaces_[space_index];
    for (std::size_t i = 0; i < rows.met.size(); ++i) {
      if (rows.met[i]) continue;
      if (wrong_ >= kMostToldOfATable) {
        ++wrong_;
        continue;
      }
      const std::vector<std::uint8_t>& occupation = rows.occupations[i];
      const GroupAction& action = *space.action(supercell);
      CompositionCounts counts = counts_of(action, occupation);
      for (std::size_t k = 0; k < counts.of_sublattice.size(); ++k)
        counts.of_sublattice[k].resize(space.parent()->sublattices[k].allowed.size());
      const auto& known = space.compositions(supercell);
      const std::vector<std::uint8_t> canonical = canonical_form(action, occupation).occupation;
      problem_at(line_of(rows, i), 0,
                 std::find(known.begin(), known.end(), counts) == known.end()
                     ? fmt::format("an orbit of composition {}, which space \"{}\" does not search",
                                   space.formula(supercell, counts), space.name())
                 : canonical != occupation
                     ? fmt::format("no orbit as hullscan enumerate writes it: expected the occupation {}, found {}",
                                   occupation_text(canonical), occupation_text(occupation))
                     : std::string("an orbit that the campaign leaves out (superperiodic or min_distance)"));
    }
  }

  std::vector<OrbitColumns::Column> encode() {
    std::vector<OrbitColumns::Column> columns;
    for (const WrittenColumn& written : taken_) {
      OrbitColumns::Column column{written.group, written.name};
      const auto& words = request_.categories;
      const bool named = std::find(words.begin(), words.end(), written.header) != words.end();
      if (named || in_words(written)) {
        column.words = distinct_words(written);
        column.word_of_row = words_of_rows(written, column.words);
        tell_empty(written);
      } else if (!tell_mixed(written)) {
        const std::size_t before = problems_.lines().size();
        column.numbers = numbers_of(written, line_of_row_, path_.string(), problems_);
        wrong_ += problems_.lines().size() - before;
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }

  void tell_empty(const WrittenColumn& written) {
    for (std::size_t r = 0; r < written.fields.size(); ++r) {
      if (written.fields[r].text.empty())
        problem_at(line_of_row_[r], written.fields[r].column,
                   fmt::format("{}: expected a word, found nothing", written.header));
    }
  }

  /// Numbers in some rows and words in others: which of the two it is meant to be, nobody can tell.
  bool tell_mixed(const WrittenColumn& written) {
    std::optional<std::size_t> number, word;
    std::size_t numbers = 0, words = 0;
    for (std::size_t r = 0; r < written.fields.size(); ++r) {
      if (written.fields[r].text.empty()) continue;
      const bool is_number = parse_number(written.fields[r].text).has_value();
      (is_number ? numbers : words) += 1;
      auto& first = is_number ? number : word;
      if (!first) first = r;
    }
    if (numbers == 0 || words == 0) return false;
    const std::size_t odd = numbers < words ? *number : *word, other = numbers < words ? *word : *number;
    ++wrong_;
    problems_.add({path_.string(), line_of_row_[odd], written.fields[odd].column},
                  fmt::format("{}: expected {}, as in line {} (\"{}\"), found \"{}\"; where numbers are names too, say "
                              "categories = [\"{}\"] in surrogate.columns",
                              written.header, numbers < words ? "a word" : "a number", line_of_row_[other],
                              written.fields[other].text, written.fields[odd].text, written.header));
    return true;
  }

  [[nodiscard]] SpaceColumns given(const std::vector<OrbitColumns::Column>& columns) const {
    SpaceColumns all;
    for (std::size_t space = 0; space < rows_.size(); ++space) {
      if (!is_varied(spaces_[space])) {
        all.push_back(nullptr);
        continue;
      }
      std::vector<OrbitColumns::Orbits> supercells;
      for (std::size_t i = 0; i < rows_[space].size(); ++i)
        supercells.push_back(
            {spaces_[space].supercells()[i]->matrix(), rows_[space][i].occupations, rows_[space][i].rows});
      all.push_back(std::make_shared<const OrbitColumns>(columns, supercells));
    }
    return all;
  }

  static constexpr std::size_t kMostMissing = 1000;

  const std::vector<SearchSpace>& spaces_;
  const ColumnsRequest& request_;
  fs::path path_;
  Problems& problems_;
  std::size_t wrong_ = 0;
  std::map<std::string, std::map<std::string, std::size_t>> supercell_by_text_;  ///< [space]
  std::map<std::string, std::size_t, std::less<>> at_;                           ///< [header] number of the field
  std::size_t header_size_ = 0;
  std::vector<std::size_t> taken_at_;
  std::vector<WrittenColumn> taken_;
  std::vector<std::vector<RowsOfSupercell>> rows_;  ///< [space][supercell]
  std::vector<int> line_of_row_;
  std::vector<std::uint64_t> degeneracy_of_row_;  ///< 0: the row does not say
  std::vector<std::string> formula_of_row_;       ///< empty: the table does not say
};

}  // namespace

std::vector<ColumnTable> column_tables(const Campaign& campaign) {
  std::vector<ColumnTable> tables;
  for (std::size_t i = 0; i < campaign.surrogates.size(); ++i) {
    Problems said_elsewhere;
    if (const auto request = columns_request(campaign.surrogates[i], said_elsewhere))
      tables.push_back({i, path_of(campaign, request->file)});
  }
  return tables;
}

void read_columns_from(Campaign& campaign, const ColumnTable& table, const fs::path& copy) {
  for (auto& [key, setting] : campaign.surrogates[table.surrogate].settings.entries) {
    if (key != kColumnsKey) continue;
    if (auto* settings = std::get_if<SettingsTable>(&setting.value)) {
      for (auto& [inner, value] : settings->entries) {
        if (inner == "file") value.value = copy.string();
      }
    } else {
      setting.value = copy.string();
    }
  }
}

ModelColumns read_model_columns(const Campaign& campaign, const std::vector<SearchSpace>& spaces, Problems& problems) {
  ModelColumns all;
  std::map<ColumnsRequest, SpaceColumns> known;
  for (const SurrogateSpec& spec : campaign.surrogates) {
    SpaceColumns& columns = all.of_surrogate.emplace_back();
    const auto request = columns_request(spec, problems);
    if (!request || spaces.empty()) continue;
    const auto found = known.find(*request);
    if (found != known.end()) {
      columns = found->second;
      continue;
    }
    if (auto read = ColumnTableReader(campaign, spaces, *request, problems).read()) columns = std::move(*read);
    known.emplace(*request, columns);
  }
  return all;
}

SurrogateSpec without_columns(SurrogateSpec spec, SpaceColumns& columns) {
  std::erase_if(spec.settings.entries, [](const auto& entry) { return entry.first == kColumnsKey; });
  const auto some = std::find_if(columns.begin(), columns.end(), [](const auto& one) { return one != nullptr; });
  if (some == columns.end()) return spec;
  const std::vector<std::string> groups = (*some)->groups();
  std::vector<std::string> left_out;
  for (auto& [key, setting] : spec.settings.entries) {
    if (key != "leave_out") continue;
    std::vector<Setting> rest;
    const auto sort_out = [&](const Setting& one) {
      const auto* name = std::get_if<std::string>(&one.value);
      const bool of_table = name != nullptr && std::find(groups.begin(), groups.end(), *name) != groups.end();
      if (of_table) {
        left_out.push_back(*name);
      } else {
        rest.push_back(one);
      }
    };
    if (const auto* list = std::get_if<std::vector<Setting>>(&setting.value)) {
      for (const Setting& one : *list) sort_out(one);
    } else {
      sort_out(Setting(setting));
    }
    setting.value = std::move(rest);
  }
  if (left_out.empty()) return spec;
  for (auto& of_space : columns) {
    if (of_space != nullptr) of_space = of_space->without(left_out);
  }
  return spec;
}

}  // namespace hullscan
