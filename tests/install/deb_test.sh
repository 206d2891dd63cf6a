#!/usr/bin/env bash
# The package that `cpack -G DEB` makes, in a bare Debian root of its own: apt installs it with what it needs and nothing else, a
# user's first lines work, and it goes without a trace. Needs root, debootstrap and Debian's mirror.
#   deb_test.sh BUILD-FOLDER
set -euo pipefail
build=$1
command -v debootstrap > /dev/null || { echo "SKIPPED: the Debian package debootstrap is not installed"; exit 77; }
[ "$(id -u)" -eq 0 ] || { echo "SKIPPED: only root can make a root folder"; exit 77; }
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirror=http://deb.debian.org/debian
folder=$(mktemp -d /tmp/hullscan-deb-XXXXXX)
root=$folder/root
trap 'umount "$root/proc" 2> /dev/null || true; rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

(cd "$build" && cpack -G DEB -B "$folder/made") > "$folder/log" 2>&1 || { cat "$folder/log" >&2; fail "cpack -G DEB"; }
package=$(ls "$folder"/made/*.deb)
debootstrap --variant=minbase "$suite" "$root" "$mirror" > "$folder/log" 2>&1 ||
    { tail -n 3 "$folder/log"; echo "SKIPPED: no bare root can be made from $mirror"; exit 77; }
mount -t proc proc "$root/proc"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/root "$@"; }

before=$(inside dpkg-query -W -f '${Package}\n' | sort)
cp "$package" "$root/hullscan.deb"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /hullscan.deb > "$folder/log" 2>&1 || { tail "$folder/log" >&2; fail "apt-get install"; }
inside useradd -m ada
as_ada() { chroot --userspec=ada "$root" env -i PATH=/usr/bin:/bin HOME=/home/ada "$@"; }
campaign=/usr/share/hullscan/campaigns/al-ni-kim/campaign.toml
expected=$("$build/cli/hullscan" count "$root$campaign")
[ "$(as_ada hullscan count $campaign)" = "$expected" ] || fail "the installed program counts otherwise"
as_ada hullscan check $campaign > "$folder/log" 2>&1 && fail "check does not miss the potential, which is in no package that was installed"
as_ada hullscan doctor > "$folder/log" 2>&1 || { cat "$folder/log" >&2; fail "hullscan doctor"; }

inside apt-get purge -y -qq hullscan > /dev/null 2>&1 || fail "apt-get purge"
left=$(cd "$root" && find usr etc var opt -name '*hullscan*' -not -path 'var/log/*' -not -path 'var/lib/apt/*')
[ -z "$left" ] || fail "left behind: $left"
added=$(comm -13 <(echo "$before") <(inside dpkg-query -W -f '${Package}\n' | sort) | wc -l)
echo "all well: $(basename "$package"), $(($(stat -c %s "$package") / 1000)) kB, $added packages with it"
