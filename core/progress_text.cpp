#include "core/progress_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/terminal_width.hpp"

namespace hullscan {
namespace {

double share_of(const ProgressState& state) {
  return std::min(1.0, state.share >= 0 ? state.share : state.done / state.total);
}

std::string count_text(const ProgressState& state) {
  if (!(state.total > 0)) return fmt::format("{:.0f} {}", state.done, state.unit);
  const double share = share_of(state);
  std::string text = fmt::format("{:.0f}/{:.0f} {} ({:.0f} %)", state.done, state.total, state.unit, 100 * share);
  if (share > 0 && share < 1) text += ", ETA " + duration_text(state.elapsed_s * (1 - share) / share);
  return text;
}

/// ", 3 units/s", or how long each takes.
std::string rate_text(const ProgressState& state) {
  const double rate = state.elapsed_s > 0 ? state.done / state.elapsed_s : 0;
  if (rate >= 0.1) return fmt::format(", {:.3g} {}/s", rate, state.unit);
  return rate > 0 ? ", " + duration_text(1 / rate) + " each" : "";
}

std::string note_text(const ProgressState& state) { return state.note.empty() ? "" : ", " + state.note; }

std::string bar_of(const ProgressState& state, std::size_t width) {
  if (!(state.total > 0) || width == 0) return "";
  const auto filled = static_cast<std::size_t>(std::max(0.0, share_of(state)) * static_cast<double>(width));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] ";
}

}  // namespace

std::string progress_text(const ProgressState& state) {
  return state.what + " " + count_text(state) + rate_text(state) + note_text(state);
}

std::string progress_bar(const ProgressState& state, std::size_t columns) {
  constexpr std::size_t kWidest = 24, kNarrowest = 8;
  // A line of all columns makes some terminals begin the next one.
  const std::size_t room = columns > 1 ? columns - 1 : 1;
  const std::string head = state.what + " ", count = count_text(state), rate = rate_text(state),
                    note = note_text(state);
  for (const std::string& tail : {count + rate + note, count + note, count}) {
    for (std::size_t width = kWidest; width >= kNarrowest; --width) {
      const std::string text = head + bar_of(state, width) + tail;
      if (columns_of(text) <= room) return text;
    }
  }
  return cut_to_columns(head + count, room);
}

}  // namespace hullscan
