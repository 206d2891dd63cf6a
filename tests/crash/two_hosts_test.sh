#!/usr/bin/env bash
# Row 15 of docs/crash-tests.md: a campaign on two "hosts", network namespaces with a cable between them, loses the other
# host, the cable, the cable for a moment, and packets. Needs root; skipped otherwise.
#   two_hosts_test.sh HULLSCAN [TIMES]
set -euo pipefail
hullscan=$(realpath "$1")
times=${2:-10}
lease=3
[ "$(id -u)" -eq 0 ] || { echo "SKIPPED: network namespaces need root"; exit 77; }
for program in ip tc nsenter unshare mpirun; do
    command -v $program > /dev/null || { echo "SKIPPED: $program is not installed"; exit 77; }
done
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d /tmp/hs-hosts-XXXXXX)
a=hsa$$ b=hsb$$
ip netns add $a 2> "$folder/no" || { echo "SKIPPED: no network namespaces here: $(cat "$folder/no")"; exit 77; }
ip netns add $b
cleanup() {
    for space in $a $b; do
        ip netns pids $space 2> /dev/null | xargs -r kill -9 2> /dev/null || true
        ip netns del $space 2> /dev/null || true
    done
    rm -rf "$folder"
}
trap cleanup EXIT
ip -n $a link add cable type veth peer name cable netns $b
for host in "$a 1" "$b 2"; do
    set -- $host
    ip -n "$1" addr add 10.77.0."$2"/24 dev cable
    ip -n "$1" link set lo up
    ip -n "$1" link set cable up
done
cp "$here/../slurm/box.cif" "$folder"
sed 's/\[2, 3, 5\]/[3, 3, 3]/' "$here/../slurm/campaign.toml" > "$folder/campaign.toml"
# What mpirun calls instead of ssh: AGENT [options] HOST COMMAND...
cat > "$folder/agent" <<AGENT
#!/bin/bash
while [[ \$1 == -* ]]; do shift; done
shift
exec nsenter --net=/run/netns/$b unshare --uts bash -c 'hostname host-b; exec bash -c "\$0"' "\$*"
AGENT
chmod +x "$folder/agent"
cd "$folder"

fail() {
    echo "FAILED: $*" >&2
    tail -n 20 "$folder/log" >&2 || true
    exit 1
}
# The campaign on 4 ranks, two a host; rank 0 is here, on host a.
start() {
    mkdir -p ompi
    # The shell in between lives on: bash says nothing of a mpirun that was killed.
    {
        nsenter --net=/run/netns/$a unshare --uts bash -c 'hostname host-a; exec "$@"' run env \
            OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1 \
            OMPI_MCA_orte_tmpdir_base="$folder/ompi" OMPI_MCA_btl_vader_backing_directory="$folder/ompi" \
            OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_hwloc_base_binding_policy=none \
            OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader,tcp \
            OMPI_MCA_oob_tcp_if_include=10.77.0.0/24 OMPI_MCA_btl_tcp_if_include=10.77.0.0/24 \
            mpirun --mca plm_rsh_agent "$folder/agent" --host host-a:2,host-b:2 -n 4 \
            "$hullscan" run campaign.toml --dir c --quota 0.0005 --lease $lease
        exit $?
    } > log 2>&1 &
    run=$!
}
# Until shards are published.
wait_for_work() {
    until [ "$({ cat c/units/*.seg 2> /dev/null || true; } | { grep -ao hsshard1 || true; } | wc -l)" -gt 5 ]; do
        kill -0 $run 2> /dev/null || return 0
        sleep 0.02
    done
}
# @param $1 seconds. Sets code and took.
wait_for_end() {
    local begun=$SECONDS
    while kill -0 $run 2> /dev/null; do
        [ $((SECONDS - begun)) -le "$1" ] || fail "$what: still running after $1 s"
        sleep 0.1
    done
    took=$((SECONDS - begun))
    code=0
    wait $run 2> /dev/null || code=$?
}
# What a dead host leaves; a batch system would end the rest of the job too.
end_hosts() {
    { ip netns pids $a; ip netns pids $b; } | xargs -r kill -9 2> /dev/null || true
    while [ -n "$(ip netns pids $a; ip netns pids $b)" ]; do sleep 0.1; done
    rm -rf ompi
}
undated() { sed 's/"changed":"[^"]*"//' "$1"; }
check() {
    "$hullscan" verify c > verify.log 2>&1 || fail "$what: $(cat verify.log)"
    # On the host of the dead master: from another one its lock counts until it was silent for two minutes.
    unshare --uts bash -c 'hostname host-a; exec "$@"' run "$hullscan" run campaign.toml --dir c > log 2>&1 \
        || fail "$what: it does not go on"
    [ "$(ls undisturbed/report)" = "$(ls c/report)" ] || fail "$what: other files of the report"
    local file
    for file in undisturbed/report/*; do # the page says when the campaign last changed
        cmp -s <(undated "$file") <(undated "c/report/${file##*/}") || fail "$what: another ${file##*/}"
    done
    "$hullscan" export c --orbits --format csv | cmp - undisturbed.csv || fail "$what: other orbits"
    rm -rf c
}

"$hullscan" run campaign.toml --dir undisturbed > log 2>&1 || fail "the undisturbed run"
"$hullscan" export undisturbed --orbits --format csv > undisturbed.csv
what="two hosts, undisturbed"
start
wait_for_end 300
[ $code -eq 0 ] || fail "$what: exit code $code"
check
echo "$what: as one process"

slow=("200 ms delay, 5 % loss")
if ! tc -n $b qdisc add dev lo root netem delay 1ms 2> /dev/null; then
    echo "SKIPPED: ${slow[*]}: this kernel has no netem"
    slow=()
fi
for misfortune in "host dies" "cable pulled" "cable pulled for a second" "${slow[@]}"; do
    longest=0 codes=
    for time in $(seq "$times"); do
        what="$misfortune, time $time"
        start
        wait_for_work
        case $misfortune in
            "host dies") ip netns pids $b | xargs -r kill -9 || true ;; # all at once
            "cable pulled") ip -n $a link set cable down ;;
            "cable pulled for a second")
                ip -n $a link set cable down
                sleep 1
                ip -n $a link set cable up
                ;;
            *) for space in $a $b; do tc -n $space qdisc add dev cable root netem delay 200ms loss 5%; done ;;
        esac
        # Only a link that is up again or slow may go on for longer than the lease and 30 s.
        case $misfortune in
            "host dies" | "cable pulled") wait_for_end $((lease + 30)) ;;
            *) wait_for_end 300 ;;
        esac
        # 205: mpirun's own, its daemon is gone. 137: mpirun could not end, and was ended.
        case "$code" in
            0 | 75 | 137 | 205) ;;
            *) fail "$what: exit code $code" ;;
        esac
        [ $took -le $longest ] || longest=$took
        codes="$codes $code"
        end_hosts
        tc -n $a qdisc del dev cable root 2> /dev/null || true
        tc -n $b qdisc del dev cable root 2> /dev/null || true
        ip -n $a link set cable up
        check
    done
    echo "$misfortune: $times times, ended within $longest s, exit codes$codes; nothing lost"
done
