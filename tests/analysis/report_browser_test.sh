#!/bin/sh
# Opens the sample reports in headless Chromium, uses everything on them (report_interactions.js), and looks for what is
# wrong: panels that are missing, messages on the console, hostile texts that became elements. Skipped (77) without
# Chromium.   report_browser_test.sh WRITE_REPORT_SAMPLES [--long] [--screenshots FOLDER]
set -u
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  echo "SKIPPED: no chromium in PATH"
  exit 77
fi
writer=$1
shift
long= screenshots=
while [ $# -gt 0 ]; do
  case $1 in
    --long) long=--long ;;
    --screenshots) screenshots=$2; shift ;;
  esac
  shift
done
here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$writer" "$work/samples" $long || exit 1
failed=0
opened=0

open_page() { # output options... url
  output=$1
  shift
  timeout 90 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" --enable-logging=stderr \
    "$@" >"$output" 2>"$work/log"
}

fail() {
  echo "FAILED: $*"
  failed=1
}

expect() { # name what count-of-matches pattern
  found=$(grep -o "$4" "$work/dom" | wc -l)
  [ "$found" -eq "$3" ] || fail "$1: $2: expected $3, found $found"
}

for page in "$work"/samples/*.html; do
  name=$(basename "$page" .html)
  # First as a reader gets it.
  open_page "$work/dom" --dump-dom "file://$page"
  opened=$((opened + 1))
  expect "$name" "the script ran to its end" 1 'data-ready="yes"'
  expect "$name" "elements made from texts" 0 '<img'
  expect "$name" "scripts" 2 '<script'
  while read -r title; do
    grep -qF ">$title</h2>" "$work/dom" || fail "$name: no panel \"$title\""
  done <"$work/samples/$name.panels"
  expect "$name" "panels" "$(wc -l <"$work/samples/$name.panels")" '<section'
  grep CONSOLE "$work/log" && fail "$name: messages on the console"
  size=$(wc -c <"$page")
  [ "$size" -le 1500000 ] || fail "$name: $size bytes, at most 1500000 are allowed"
  # Then used: on a narrow window every other time.
  { cat "$page"; echo "<script>"; cat "$here/report_interactions.js"; echo "</script>"; } >"$work/used.html"
  window=$([ $((opened % 2)) -eq 0 ] && echo 520,900 || echo 1280,900)
  open_page "$work/dom" --dump-dom --window-size="$window" "file://$work/used.html"
  grep -q 'data-used="well"' "$work/dom" || fail "$name, used: $(grep -o 'data-\(used\|fault\)="[^"]*"' "$work/dom" || echo "the script did not end")"
  grep CONSOLE "$work/log" && fail "$name, used: messages on the console"
  echo "$name: $size bytes, drawn after $(grep -o 'data-milliseconds="[0-9]*"' "$work/dom" | tr -dc 0-9) ms"
  if [ -n "$screenshots" ]; then
    mkdir -p "$screenshots"
    open_page "$work/ignored" --screenshot="$screenshots/$name.png" --window-size=1280,3400 "file://$page"
    open_page "$work/ignored" --screenshot="$screenshots/$name-dark.png" --force-dark-mode --blink-settings=preferredColorScheme=0 --window-size=1280,3400 "file://$page"
    open_page "$work/ignored" --screenshot="$screenshots/$name-phone.png" --window-size=500,4200 "file://$page"
  fi
done
[ $failed -eq 0 ] && echo "$opened reports opened and used"
exit $failed
