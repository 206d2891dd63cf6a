#!/usr/bin/env bash
# What `cmake --install` puts into a prefix works from there, and after the tree was moved.
#   install_test.sh BUILD-FOLDER
set -euo pipefail
build=$1
folder=$(mktemp -d /tmp/hullscan-install-XXXXXX)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$folder/first" > "$folder/log" 2>&1 || { cat "$folder/log" >&2; fail "cmake --install"; }
mv "$folder/first" "$folder/moved"
tree=$folder/moved
hullscan=$tree/bin/hullscan

expected=$("$build/cli/hullscan" count "$tree/share/hullscan/campaigns/al-ni/campaign.toml")
[ "$("$hullscan" count "$tree/share/hullscan/campaigns/al-ni/campaign.toml")" = "$expected" ] || fail "the moved program counts otherwise"

# A man page for each command of --help, and each says what --help says.
commands=$("$hullscan" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
[ "$(wc -w <<< "$commands")" -gt 20 ] || fail "--help names few commands: $commands"
for command in $commands; do
    page=$tree/share/man/man1/hullscan-$command.1
    [ -f "$page" ] || fail "no man page of $command"
    first=$("$hullscan" "$command" --help | head -n 1)
    sed 's/\\-/-/g' "$page" | grep -qxF -- "$first" || fail "the man page of $command does not say: $first"
done

# Completions: a command by its beginning, an option of a command.
completed() { # WORD...
    PATH=$tree/bin:$PATH bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hullscan; echo "${COMPREPLY[*]}"' \
        - "$tree/share/bash-completion/completions/hullscan" "$@"
}
[ "$(completed hullscan rebuild)" = rebuild-ledger ] || fail "bash does not complete rebuild: $(completed hullscan rebuild)"
[[ " $(completed hullscan run --d) " == *" --deadline "* ]] || fail "bash does not complete --d: $(completed hullscan run --d)"

for file in share/hullscan/slurm/array.sbatch share/hullscan/scorers/ase_calculator.py share/hullscan/python/hullscan/scorer.py \
    share/doc/hullscan/LICENSE share/zsh/site-functions/_hullscan share/fish/vendor_completions.d/hullscan.fish; do
    [ -f "$tree/$file" ] || fail "$file is not installed"
done
[ -x "$tree/share/hullscan/slurm/requeue-on-75" ] || fail "requeue-on-75 is not installed as a program"
find "$tree" -name __pycache__ | grep -q . && fail "compiled Python is installed"
echo "all well"
