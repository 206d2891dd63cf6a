#!/usr/bin/env bash
# Calculations as jobs of a real Slurm with two nodes on this machine. Whatever happens to jobs, nodes, the controller or
# hullscan, a campaign ends with the hull of an undisturbed local run.
#   calculations_test.sh HULLSCAN SOURCE-FOLDER SCENARIO…
set -euo pipefail
hullscan=$1
source=$2
shift 2
here=$source/tests/slurm
PATH=$PATH:/usr/sbin:/sbin
# What some of them need of Slurm; the environment may ask for it in others too.
[[ " $* " != *" memory "* ]] || export SLURM_TEST_MEMORY=1
[[ " $* " != *" accounting"* ]] || export SLURM_TEST_ACCOUNTING=1
programs=(slurmctld slurmd munged sbatch pw.x)
[ -z "${SLURM_TEST_ACCOUNTING:-}" ] || programs+=(slurmdbd mariadbd mariadb sacct)
for program in "${programs[@]}"; do
    command -v "$program" > /dev/null || {
        echo "SKIPPED: $program is not installed (deploy/install-packages slurm slurm-accounting run)"
        exit 77
    }
done

[ -e /dev/pts/ptmx ] || { echo "SKIPPED: no pseudo-terminals in /dev/pts, which srun --unbuffered needs"; exit 77; }

folder=$(mktemp -d /tmp/hs-calc-XXXXXX)
chmod 755 "$folder" # munged wants its socket to be reachable
export SLURM_TEST_NODES=2 SLURM_TEST_CPUS=2 SLURM_TEST_MINJOBAGE=5 SLURM_TEST_NODE_TIMEOUT=10
slurm() { "$here/single-node" "$1" "$folder/slurm"; }
strays() { # what outlived its job, as processes of a dead node do
    local pid
    for pid in $(pgrep -f "$folder/cached-pw"); do
        pgrep -P "$pid" | xargs -r kill -9 2> /dev/null || true
        kill -9 "$pid" 2> /dev/null || true
    done
}
end() {
    jobs -p | xargs -r kill -9 2> /dev/null || true # who is gone submits nothing more
    slurm stop
    strays
    [ -n "${KEEP:-}" ] && echo "kept: $folder" || rm -rf "$folder"
}
trap end EXIT
start_slurm() { # on ports that may belong to somebody else: twice
    for _ in 1 2; do
        export SLURM_TEST_PORT=$((20000 + RANDOM % 900 * 10))
        slurm start 2> "$folder/start.log" && return
        slurm stop
        rm -rf "$folder/slurm"
    done
    cat "$folder/start.log"
    echo "SKIPPED: Slurm is installed and cannot be started here"
    exit 77
}
start_slurm
eval "$(slurm env)"
export HULLSCAN_SITE= # none of this machine
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none OMP_NUM_THREADS=1
# Two nodes on one machine would share names of shared memory.
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo
export PW_CACHE=$folder/cache PW_MOOD=$folder/mood
mkdir "$PW_CACHE"
cp "$here/cached-pw" "$folder" # its path names our calculations, and nobody else's
cp "$source"/tests/campaign/al-mg/fcc.cif "$folder"
cd "$folder"

# A file of the campaign with [run] as given; calculated by the stand-in unless the first word is pw.x.
campaign() { # NAME COMMAND RUN-LINES
    sed '/^\[run\]/,/^$/d' "$source/tests/campaign/al-mg/campaign.toml" | sed "/^calculation/i command = \"$2\"" > "$1.toml"
    printf '\n[run]\n%s\n' "$3" >> "$1.toml"
}
slurm_run() { # MODE [LINES OF run.slurm]
    printf 'executor = "slurm"\ntime_limit_s = %s\n[run.slurm]\nmode = "%s"\npoll_s = 0.5\ngrace_s = 6\n%s' "${limit:-600}" "$1" "${2:-}"
}
fail() {
    echo "FAILED: $*" >&2
    tail -n 15 ./*.log ./sweep/"${starts:-none}".log >&2 2> /dev/null || true
    squeue >&2 || true
    exit 1
}
run() { # NAME: to its end
    "$hullscan" run "$1.toml" --dir "$1" --threads 1 > "$1.out" 2>> "$1.log"
}
killed_while() { # NAME CONDITION…: hullscan runs until the condition holds, and is killed then
    local name=$1 pid
    shift
    "$hullscan" run "$name.toml" --dir "$name" --threads 1 > "$name.out" 2>> "$name.log" &
    pid=$!
    wait_for 60 "$*"
    kill -KILL $pid
    wait $pid 2> /dev/null || true
}
same_hull() { # NAME [AS-NAME]
    for file in hull.csv entries.json structures.extxyz; do
        cmp "${2:-undisturbed}/report/$file" "$1/report/$file" || fail "$1: another $file"
    done
    "$hullscan" verify "$1" > /dev/null || fail "$1: damaged"
}
# Every accepted energy is of exactly one attempt, and no directory was written by two.
attempts() { "$hullscan" tasks "$1" --json | grep -c '"number":'; }
count_tasks() { "$hullscan" tasks "$1" --json | grep -c '"formula":'; }
wait_for() { # SECONDS CONDITION…
    local patience=$1
    shift
    for _ in $(seq $((patience * 10))); do
        if eval "$*"; then return 0; fi
        sleep 0.1
    done
    fail "waited $patience s for: $*"
}
forgotten() { [ -z "$(squeue -h -t all -o %i)" ]; }
parent() { awk '{ print $4 }' "/proc/$1/stat"; }
on_node() { # a calculation of ours there
    local pid
    for pid in $(pgrep -f "$folder/cached-pw"); do
        tr '\0' '\n' < "/proc/$pid/environ" 2> /dev/null | grep -qx "SLURMD_NODENAME=$1" && echo "$pid" && return 0
    done
}
no_mood() { rm -f "$PW_MOOD"; }
slow() { echo ": > .slow; sleep ${1:-2}" > "$PW_MOOD"; }
slow_ones() { [ "$(find "$1"/tasks -name .slow 2> /dev/null | wc -l)" -ge "$2" ]; } # CAMPAIGN N: so many sleep

campaign undisturbed "$folder/cached-pw" 'slots = 1'
run undisturbed || fail "the local run"
tasks=$(count_tasks undisturbed)

scenario_jobs() { # one job a calculation, real pw.x
    campaign jobs pw.x "$(slurm_run jobs)"
    run jobs || fail "jobs"
    same_hull jobs
    [ "$(attempts jobs)" -eq "$tasks" ] || fail "jobs: more attempts than tasks"
}
scenario_arrays() {
    campaign arrays pw.x "$(slurm_run arrays)"
    run arrays || fail "arrays"
    same_hull arrays
    [ "$(attempts arrays)" -eq "$tasks" ] || fail "arrays: more attempts than tasks"
    [ "$(cat arrays/slurm/*.tasks | wc -l)" -eq "$tasks" ] || fail "arrays: tasks outside of arrays"
}
scenario_pilot() { # inside an allocation on both nodes, with the script that hullscan prints
    campaign pilot pw.x "$(slurm_run auto)"
    "$hullscan" sbatch pilot.toml --dir pilot --nodes 2 --cores 2 --hours 1 > pilot.sbatch
    sbatch --output=pilot.log --wait pilot.sbatch > /dev/null || fail "pilot"
    grep -q "4 cores on 2 nodes, 4 calculations at a time" pilot.log || fail "pilot: not the allocation"
    same_hull pilot
}
scenario_pilot_srun() { # hullscan's ranks have every core by srun, and calculations that take a node each fill both
    echo "date +%s.%N > .begun; echo \"\$SLURMD_NODENAME\" > .node; sleep 3; date +%s.%N > .ended" > "$PW_MOOD"
    campaign pilot-srun "$folder/cached-pw" "$(slurm_run pilot 'cpus_per_task = 2')"
    echo 'launcher = "srun --mpi=pmix"' > site.toml
    HULLSCAN_SITE=$folder/site.toml "$hullscan" sbatch pilot-srun.toml --dir pilot-srun --nodes 2 --cores 2 --hours 1 > pilot-srun.sbatch
    grep -q "srun --mpi=pmix --overlap .*-n \$((SLURM_JOB_NUM_NODES \* 1)) .*--threads 2" pilot-srun.sbatch || fail "pilot: not srun"
    sbatch --output=pilot-srun.log --wait pilot-srun.sbatch > /dev/null || fail "pilot under srun"
    no_mood
    same_hull pilot-srun
    unpacked=$(mktemp -d unpacked-XXXX)
    for archive in pilot-srun/tasks/*/attempts.zip; do unzip -qo "$archive" -d "$unpacked/$(basename "$(dirname "$archive")")" 2> /dev/null || true; done
    nodes=$(cat $(find pilot-srun/tasks "$unpacked" -name .node) | sort | uniq -c | xargs)
    most=$(for kind in begun ended; do find pilot-srun/tasks "$unpacked" -name .$kind -exec sed "s/\$/ $kind/" {} +; done | sort -n |
        awk '$2 == "begun" { if (++n > most) most = n } $2 == "ended" { --n } END { print most }')
    echo "   calculations by node: $nodes; at most $most at a time"
    [ "$most" -eq 2 ] || fail "pilot: $most calculations at a time on two nodes"
    [[ $nodes == *one*two* ]] || fail "pilot: calculations on $nodes"
}
scenario_bad_node() { # calculations die at once on one node of a pilot: it is avoided, and the others do the work
    echo 'case ${SLURMD_NODENAME:-} in one) exit 1 ;; esac' > "$PW_MOOD"
    campaign bad "$folder/cached-pw" "$(slurm_run pilot)"
    "$hullscan" sbatch bad.toml --dir bad --nodes 2 --cores 2 --hours 1 > bad.sbatch
    sbatch --output=bad.log --wait bad.sbatch > /dev/null || fail "bad node"
    no_mood
    same_hull bad
    grep -q "one: 3 calculations in a row failed there; it is avoided" bad.log || fail "bad node: not avoided"
}
scenario_refused() { # what Slurm will never run is said in its words, and nothing is lost
    campaign refused "$folder/cached-pw" "$(slurm_run jobs 'partition = "nowhere"')"
    run refused && fail "refused: a partition that is not there"
    grep -q "Invalid partition" refused.log || fail "refused: without Slurm's words"
    limit=3600 campaign refused "$folder/cached-pw" "$(limit=3600 slurm_run jobs 'partition = "short"')"
    run refused && fail "refused: more time than the partition gives"
    grep -q "PartitionTimeLimit" refused.log || fail "refused: without Slurm's reason"
    [ -z "$(squeue -h -t PD,R)" ] || fail "refused: jobs are left"
    campaign refused "$folder/cached-pw" "$(slurm_run jobs 'partition = "x; rm -rf ~"')"
    run refused && fail "refused: a command as partition"
    grep -q 'refused.toml:[0-9]*:[0-9]*: run.slurm.partition: expected' refused.log || fail "refused: without a place"
    campaign refused "$folder/cached-pw" "$(slurm_run jobs)"
    run refused || fail "refused: mended, it does not end"
    same_hull refused
}
scenario_double() { # killed between sbatch and the database: looked up by its name, not submitted again
    mkdir -p bin
    printf '#!/bin/bash\necho "$*" >> %q/submissions\nexec %q "$@"\n' "$folder" "$(command -v sbatch)" > bin/sbatch
    chmod +x bin/sbatch
    for mode in jobs arrays; do
        : > submissions
        campaign double-$mode "$folder/cached-pw" "$(slurm_run $mode)"
        for n in 1 2; do
            HULLSCAN_CRASH_AT=slurm.submitted PATH=$folder/bin:$PATH run double-$mode && fail "double: no crash"
        done
        PATH=$folder/bin:$PATH run double-$mode || fail "double"
        same_hull double-$mode
        [ "$(attempts double-$mode)" -eq "$tasks" ] || fail "double-$mode: attempts were repeated"
        [ "$(sed 's/.*--job-name=\([^ ]*\).*/\1/' submissions | sort | uniq -d | wc -l)" -eq 0 ] || fail "double: a name twice"
    done
    campaign double-before "$folder/cached-pw" "$(slurm_run jobs)"
    HULLSCAN_CRASH_AT=slurm.before-submit:2 run double-before && fail "double: no crash"
    run double-before || fail "double-before"
    same_hull double-before
}
scenario_purged() { # hullscan is away until Slurm has forgotten every job
    slow 3
    campaign purged "$folder/cached-pw" "$(slurm_run jobs)"
    killed_while purged slow_ones purged 1
    wait_for 90 forgotten
    no_mood
    run purged || fail "purged"
    same_hull purged
    [ "$(attempts purged)" -eq "$tasks" ] || fail "purged: results on disk were computed again"
}
scenario_scancel() {
    slow 5
    campaign scancel "$folder/cached-pw" "$(slurm_run jobs)"
    run scancel &
    pid=$!
    wait_for 30 slow_ones scancel 2
    scancel -u "$(id -un)" # running and waiting ones
    no_mood
    wait $pid || fail "scancel"
    same_hull scancel
    [ "$(attempts scancel)" -gt "$tasks" ] || fail "scancel: nothing was repeated"
    grep -q "was cancelled (scancel)" scancel.log || fail "scancel: not reported"
}
scenario_controller() { # dies in the middle and comes back
    slow 3
    campaign controller "$folder/cached-pw" "$(slurm_run jobs)"
    run controller &
    pid=$!
    wait_for 30 slow_ones controller 1
    kill -9 "$(cat slurm/run/slurmctld.pid)"
    wait_for 60 'grep -q "Slurm does not" controller.log'
    no_mood
    slurm again
    wait $pid || fail "controller"
    same_hull controller
}
scenario_requeue() { # an operator puts a running job back in the queue
    slow 5
    campaign requeue "$folder/cached-pw" "$(slurm_run jobs)"
    run requeue &
    pid=$!
    wait_for 30 slow_ones requeue 1
    job=$(cut -d' ' -f2 "$(find requeue/tasks -name .slow -printf '%h/started\n' | head -1)")
    scontrol requeue "$job" && fail "requeue: the job did not say --no-requeue"
    scontrol update jobid="$job" requeue=1
    scontrol requeue "$job"
    no_mood
    wait $pid || fail "requeue"
    same_hull requeue
    grep -q "lost: job" requeue.log || fail "requeue: not reported"
}
scenario_dead_node() { # its processes live on, and write late
    echo 'case $PWD in */1) : > .slow; sleep 40 ;; esac' > "$PW_MOOD"
    campaign dead "$folder/cached-pw" "$(slurm_run jobs)"
    run dead &
    pid=$!
    wait_for 30 slow_ones dead 1
    local node calculation stepd
    node=$(cut -d' ' -f1 "$(find dead/tasks -name .slow -printf '%h/started\n' | head -1)")
    calculation=$(on_node "$node")
    stepd=$(parent "$(parent "$calculation")")
    kill -9 "$(cat slurm/run/slurmd."$node".pid)" "$stepd"
    kill -0 "$calculation" || fail "dead node: the calculation did not outlive it"
    no_mood
    wait_for 90 'grep -q "node failure" dead.log'
    slurm again
    wait $pid || fail "dead node"
    same_hull dead
}
scenario_time_limit() { # the task fails for good, the campaign does not, and says which
    echo 'case $(grep -c . pw.in):$PWD in *) grep -q "nat = 1" pw.in || [ -e '"$folder"'/hung ] || { touch '"$folder"'/hung; sleep 1000; } ;; esac' > "$PW_MOOD"
    limit=60 campaign limit "$folder/cached-pw" "$(limit=60 slurm_run jobs)"
    code=0
    run limit || code=$?
    no_mood
    [ $code -eq 4 ] || fail "time limit: exit code $code, not 4"
    "$hullscan" tasks limit --failed | grep -q "time limit" || fail "time limit: not reported"
    id=$("$hullscan" tasks limit --failed --json | sed -n 's/.*"id": "\(.*\)".*/\1/p' | head -1)
    "$hullscan" tasks limit --retry "$id" > /dev/null
    run limit || fail "time limit: tried again"
}
scenario_hang() { # a calculation that writes nothing any more is ended and reported, and done once more
    echo 'grep -q "nat = 1" pw.in || [ -e '"$folder"'/hung ] || { touch '"$folder"'/hung; sleep 1000; }' > "$PW_MOOD"
    for mode in jobs pilot; do
        rm -f "$folder/hung"
        campaign hang-$mode "$folder/cached-pw" "$(slurm_run $mode)"
        sed -i 's/^time_limit_s/stall_s = 5\n&/' hang-$mode.toml
        if [ $mode = jobs ]; then
            run hang-jobs || fail "hang: jobs"
        else
            "$hullscan" sbatch hang-pilot.toml --dir hang-pilot --nodes 2 --cores 2 --hours 1 > hang.sbatch
            sbatch --output=hang-pilot.log --wait hang.sbatch > /dev/null || fail "hang: pilot"
        fi
        same_hull hang-$mode
        "$hullscan" tasks hang-$mode --json | grep -q "hung: none of its files changed" || fail "hang: $mode: not reported"
    done
    no_mood
}
needs() { # MB: what one of the calculations holds for a while
    echo 'if grep -q "nat = 2" pw.in && mkdir '"$folder"'/large 2> /dev/null; then touch .large; fi
        if [ -e .large ] || [ -e ../1/.large ]; then head -c '"$1"'M /dev/zero | tail -c '"$1"'M | (sleep 3; cat > /dev/null); fi' > "$PW_MOOD"
    rm -rf large
}
scenario_memory() { # killed for it, and tried again with twice as much, twice
    for mode in jobs arrays; do
        needs 150
        campaign memory-$mode "$folder/cached-pw" "$(slurm_run $mode 'memory = "60M"')"
        run memory-$mode || fail "memory-$mode"
        same_hull memory-$mode
        [ "$(attempts memory-$mode)" -eq $((tasks + 2)) ] || fail "memory-$mode: not two attempts more"
        id=$("$hullscan" tasks memory-$mode | awk '$5 == 3 { print $1 }')
        "$hullscan" tasks memory-$mode --log "$id" > memory.history
        [ "$(grep -c "refused: .*out of memory.*; next: twice the memory" memory.history)" -eq 2 ] || fail "memory-$mode: not reported twice"
        grep -q "(more-memory-2: twice the memory)" memory.history || fail "memory-$mode: not recorded"
        [ -n "${SLURM_TEST_ACCOUNTING:-}" ] || continue
        prefix=$("$hullscan" tasks memory-$mode --json | sed -n 's/.*"slurm:\(hs-[^-]*\)-.*/\1/p' | head -1)
        [ "$(sacct -n -P -X -o ReqMem,JobName | grep "|$prefix-" | cut -d'|' -f1 | sort -un | xargs)" = "60M 120M 240M" ] ||
            fail "memory-$mode: Slurm was asked for something else"
    done
    needs 400
    campaign memory-bound "$folder/cached-pw" "$(slurm_run jobs 'memory = "60M"')"
    code=0
    run memory-bound || code=$?
    [ $code -eq 4 ] || fail "memory: exit code $code, not 4"
    "$hullscan" tasks memory-bound --failed | grep -q " 3 .*out of memory" || fail "memory: not given up after two doublings"
    needs 400 # a step of a pilot, which has no more to be had
    campaign memory-pilot "$folder/cached-pw" "$(slurm_run pilot)"
    "$hullscan" sbatch memory-pilot.toml --dir memory-pilot --nodes 1 --cores 2 --hours 1 > memory.sbatch
    code=0
    sbatch --mem=300M --output=memory-pilot.log --wait memory.sbatch > /dev/null || code=$?
    no_mood
    [ $code -eq 4 ] || fail "memory-pilot: exit code $code, not 4"
    "$hullscan" tasks memory-pilot --failed | grep -q " 1 .*out of memory" || fail "memory-pilot: not reported"
}
scenario_accounting() { # Slurm forgets, accounting does not; and it counts less than what lies on disk
    # Three attempts: one whose job lives on after its end, one that is cancelled, one that is killed with its script.
    cat > "$PW_MOOD" <<MOOD
for role in lingering cancelled killed; do
    mkdir "$folder/\$role" 2> /dev/null || continue
    echo "\$SLURM_JOB_ID \$PWD \$PPID" > "$folder/\$role/job"
    case \$role in
        lingering) touch .linger; until [ -e "$folder/away" ]; do sleep 0.1; done ;;
        *) sleep 1000 ;;
    esac
    break
done
MOOD
    campaign accounting "$folder/cached-pw" "$(slurm_run jobs 'setup = ["trap '"'[ ! -e .linger ] || sleep 1000'"' EXIT"]')"
    killed_while accounting '[ -s lingering/job ] && [ -s cancelled/job ]'
    touch away
    wait_for 30 '[ -e "$(cut -d" " -f2 lingering/job)/exit_code" ]'
    scancel "$(cut -d' ' -f1 lingering/job)" "$(cut -d' ' -f1 cancelled/job)"
    wait_for 90 forgotten
    killed_while accounting '[ -s killed/job ]'
    kill -KILL "$(cut -d' ' -f3 killed/job)"
    wait_for 90 forgotten
    no_mood
    run accounting || fail "accounting"
    same_hull accounting
    [ "$(attempts accounting)" -eq $((tasks + 2)) ] || fail "accounting: not two attempts more"
    [ "$(sacct -n -X -P -o State -j "$(cut -d' ' -f1 lingering/job)" | cut -d' ' -f1)" = CANCELLED ] || fail "accounting: does not contradict the disk"
    [ "$(grep -c "job $(cut -d' ' -f1 cancelled/job) was cancelled (scancel)" accounting.log)" -eq 1 ] || fail "accounting: not what sacct says"
    [ "$(grep -c "job $(cut -d' ' -f1 killed/job) ended as FAILED" accounting.log)" -eq 1 ] || fail "accounting: not what sacct says"
    # A published result counts more than all of it.
    for file in accounting/tasks/*/*/exit_code; do echo 1 > "$file"; done
    run accounting || fail "accounting: done"
    same_hull accounting
}
scenario_accounting_time_limit() { # over while hullscan was away, and forgotten: the exit file speaks of a signal only
    echo 'grep -q "nat = 1" pw.in || ! mkdir '"$folder"'/overdue 2> /dev/null || sleep 1000' > "$PW_MOOD"
    limit=60 campaign late "$folder/cached-pw" "$(limit=60 slurm_run jobs)"
    killed_while late '[ -d overdue ]'
    wait_for 240 forgotten
    no_mood
    code=0
    run late || code=$?
    [ $code -eq 4 ] || fail "time limit and accounting: exit code $code, not 4"
    "$hullscan" tasks late --failed | grep -q "time limit" || fail "time limit and accounting: not reported"
}
scenario_accounting_down() { # its daemon is dead: the queue is believed
    slow 5
    campaign down "$folder/cached-pw" "$(slurm_run jobs)"
    run down &
    pid=$!
    wait_for 30 slow_ones down 2
    kill -9 "$(cat slurm/run/slurmdbd.pid)"
    scancel -u "$(id -un)"
    no_mood
    wait $pid || fail "accounting is down"
    same_hull down
    grep -q "was cancelled (scancel)" down.log || fail "accounting is down: not reported"
    slurm again
}
scenario_al_ni() { # the campaign of deploy/campaigns, real pw.x: as it stands, and through Slurm
    mkdir al-ni
    cp "$source"/deploy/campaigns/al-ni/*.cif al-ni
    local mode began
    for mode in local pilot jobs arrays; do
        sed '/^\[run\]/,$d' "$source/deploy/campaigns/al-ni/campaign.toml" > al-ni/$mode.toml
        if [ $mode = local ]; then
            printf '[run]\nslots = 2\ntime_limit_s = 900\n' >> al-ni/$mode.toml
        else
            printf '[run]\n%s\nmax_queued = 2\n' "$(limit=1800 slurm_run $mode)" >> al-ni/$mode.toml
        fi
        began=$SECONDS
        if [ $mode = pilot ]; then # two calculations at a time, like the others
            "$hullscan" sbatch al-ni/pilot.toml --dir al-ni/pilot --nodes 1 --cores 2 --hours 2 > al-ni/pilot.sbatch
            sbatch --output=al-ni/pilot.log --wait al-ni/pilot.sbatch > /dev/null || fail "al-ni: pilot"
        else
            run al-ni/$mode || fail "al-ni: $mode"
        fi
        same_hull al-ni/$mode al-ni/local
        echo "   $mode: $(count_tasks al-ni/$mode) calculations, $(attempts al-ni/$mode) attempts, $((SECONDS - began)) s, load $(cut -d' ' -f1 /proc/loadavg)"
    done
    cat al-ni/local/report/hull.csv
}
scenario_dependency() { # on a job that failed: Slurm cancels ours, and the campaign stops with the reason
    broken=$(sbatch --parsable --output=/dev/null --wrap "sleep 1; exit 1")
    campaign dependency "$folder/cached-pw" "$(slurm_run jobs "options = [\"--dependency=afterok:$broken\"]")"
    run dependency && fail "dependency: ran"
    grep -Eq "DependencyNeverSatisfied|dependency" dependency.log || fail "dependency: without Slurm's reason"
    campaign dependency "$folder/cached-pw" "$(slurm_run jobs)"
    run dependency || fail "dependency: mended, it does not end"
    same_hull dependency
}
# A calculation that is killed twice has failed for good, and the next rounds choose without it: one that is killed the
# first time only.
first_attempt() {
    local pid
    for pid in $(pgrep -f "$folder/cached-pw"); do
        [[ $(readlink "/proc/$pid/cwd" 2> /dev/null) == "$folder"/sweep*/1 ]] && echo "$pid" && return 0
    done
    return 0
}
scenario_kill_sweep() { # KILLS=100: hullscan, slurmctld, slurmd, calculations, at random times
    echo 'sleep 0.$((RANDOM % 10))$((RANDOM % 10))' > "$PW_MOOD"
    RANDOM=${SEED:-7}
    local kills=0 round=0 starts=0 stops=0 mode said
    local -A of=([hullscan]=0 [slurmctld]=0 [slurmd]=0 [pw.x]=0)
    mkdir sweep # what every start said
    while [ $kills -lt "${KILLS:-100}" ]; do
        round=$((round + 1))
        mode=jobs
        [ $((round % 2)) -eq 0 ] && mode=arrays
        campaign sweep$round "$folder/cached-pw" "$(slurm_run $mode)"
        while :; do
            starts=$((starts + 1))
            said=sweep/$starts.log
            "$hullscan" run sweep$round.toml --dir sweep$round --threads 1 > sweep.out 2> $said &
            pid=$!
            while kill -0 $pid 2> /dev/null && [ $kills -lt "${KILLS:-100}" ]; do
                sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
                case $((RANDOM % 10)) in
                    0) victim=slurmctld ;;
                    1) victim=slurmd ;;
                    2 | 3 | 4 | 5) victim=pw.x ;;
                    *) victim=hullscan ;;
                esac
                case $victim in
                    hullscan) kill -9 $pid 2> /dev/null || continue ;;
                    slurmctld) kill -9 "$(cat slurm/run/slurmctld.pid)" 2> /dev/null || continue; sleep 0.$((RANDOM % 9)) ;;
                    slurmd) kill -9 "$(cat slurm/run/slurmd.$([ $((RANDOM % 2)) -eq 0 ] && echo one || echo two).pid)" 2> /dev/null || continue ;;
                    pw.x) prey=$(first_attempt); [ -n "$prey" ] && kill -9 "$prey" 2> /dev/null || continue ;;
                esac
                kills=$((kills + 1))
                of[$victim]=$((of[$victim] + 1))
                case $victim in slurmctld | slurmd) slurm again || fail "sweep: kill $kills ($victim): Slurm does not come back" ;; esac
                [ $victim = hullscan ] && break
            done
            code=0
            wait $pid || code=$?
            case $code in
                0) break ;;
                137) ;;
                75 | 1) # the machine is broken, for a while; that must be reported
                    stops=$((stops + 1))
                    if [ $code -eq 1 ]; then grep -q "^hullscan: ." $said || fail "sweep: start $starts: exit code 1 without a word"; fi
                    sed "s/^/   start $starts: exit code $code: /" <<< "$(tail -n 1 $said)" ;;
                *) cat $said >&2; fail "sweep: start $starts: exit code $code" ;;
            esac
        done
        same_hull sweep$round
    done
    no_mood
    echo "   $kills kills in $round campaigns, $starts starts, $stops of them stopped with a message: hullscan ${of[hullscan]}, slurmctld ${of[slurmctld]}, slurmd ${of[slurmd]}, pw.x ${of[pw.x]}"
}

for scenario in "$@"; do
    echo "== ${scenario//_/ }"
    begun=$SECONDS
    scenario_"$scenario"
    echo "   $((SECONDS - begun)) s"
done
echo "all well"
