#!/bin/sh
# Opens the sample reports in headless Chromium: every panel is drawn, nothing is said on the console, hostile texts
# stay texts. Skipped (77) without Chromium.   report_browser_test.sh WRITE_REPORT_SAMPLES [FOLDER FOR SCREENSHOTS]
set -u
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  echo "SKIPPED: no chromium in PATH"
  exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$1" "$work/samples" || exit 1
failed=0

open_page() { # output options... url
  output=$1
  shift
  timeout 90 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" --enable-logging=stderr \
    "$@" >"$output" 2>"$work/log"
}

expect() { # name what count-of-matches pattern
  found=$(grep -o "$4" "$work/dom" | wc -l)
  if [ "$found" -ne "$3" ]; then
    echo "FAILED: $1: $2: expected $3, found $found"
    failed=1
  fi
}

for name in binary pseudo_binary ternary hostile empty; do
  open_page "$work/dom" --dump-dom "file://$work/samples/$name.html"
  expect $name "the script ran to its end" 1 'data-ready="yes"'
  if grep -E 'CONSOLE' "$work/log"; then
    echo "FAILED: $name: messages on the console"
    failed=1
  fi
  case $name in
    binary) panels=7 ;;
    pseudo_binary) panels=6 ;;
    ternary) panels=4 ;;
    hostile) panels=7 ;;
    empty) panels=2 ;;
  esac
  expect $name "panels" $panels '<section'
  expect $name "elements made from texts" 0 '<img'
  expect $name "scripts" 2 '<script'
  if [ $# -gt 1 ]; then
    mkdir -p "$2"
    open_page "$work/ignored" --screenshot="$2/$name.png" --window-size=1280,1700 "file://$work/samples/$name.html"
  fi
done
[ $failed -eq 0 ] && echo "5 reports opened"
exit $failed
