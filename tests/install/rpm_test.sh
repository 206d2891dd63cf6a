#!/usr/bin/env bash
# The package that `cpack -G RPM` makes: its spec file is one that rpm reads, it owns no folder of the system's, and a bare root
# in which rpm has put it holds a program that works, and nothing when it is removed. Dependencies are not looked for: the
# libraries here are Debian's.
#   rpm_test.sh BUILD-FOLDER
set -euo pipefail
build=$1
for program in rpmbuild rpmspec rpm; do
    command -v $program > /dev/null || { echo "SKIPPED: the Debian package rpm is not installed ($program)"; exit 77; }
done
folder=$(mktemp -d /tmp/hullscan-rpm-XXXXXX)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

(cd "$build" && cpack -G RPM -B "$folder/made") > "$folder/log" 2>&1 || { cat "$folder/log" >&2; fail "cpack -G RPM"; }
package=$(ls "$folder"/made/*.rpm)
spec=$(find "$folder/made" -name hullscan.spec)
rpmspec -P "$spec" > "$folder/spec" 2>&1 || { cat "$folder/spec" >&2; fail "rpm cannot read the spec file"; }

files=$(rpm -qpl "$package" 2> /dev/null)
for place in /usr/bin /usr/share /usr/share/man /usr/share/man/man1 /usr/share/bash-completion/completions; do
    grep -qx "$place" <<< "$files" && fail "the package owns $place"
done
grep -q '^/usr/share/man/man1/hullscan-run.1' <<< "$files" || fail "no man page of run in it"
needs=$(rpm -qpR "$package" 2> /dev/null)
for library in libsqlite3 libhdf5 libmpi; do
    grep -q "^$library" <<< "$needs" || fail "the package does not need $library: $needs"
done

mkdir -p "$folder/root/var/lib/rpm"
rpm --root "$folder/root" --initdb 2> /dev/null
rpm --root "$folder/root" -i --nodeps "$package" 2> "$folder/log" || { cat "$folder/log" >&2; fail "rpm -i"; }
rpm --root "$folder/root" -V --nodeps hullscan 2> /dev/null || fail "rpm -V"
expected=$("$build/cli/hullscan" count "$folder/root/usr/share/hullscan/campaigns/al-ni/campaign.toml")
[ "$("$folder/root/usr/bin/hullscan" count "$folder/root/usr/share/hullscan/campaigns/al-ni/campaign.toml")" = "$expected" ] ||
    fail "the installed program counts otherwise"
rpm --root "$folder/root" -e --nodeps hullscan 2> /dev/null || fail "rpm -e"
left=$(cd "$folder/root" && find . -type f -not -path './var/lib/rpm/*' -not -path '*/.rpmdb/*')
[ -z "$left" ] || fail "left behind: $left"
left=$(cd "$folder/root" && find . -name '*hullscan*')
[ -z "$left" ] || fail "left behind: $left"
echo "all well: $(basename "$package"), $(($(stat -c %s "$package") / 1000)) kB"
