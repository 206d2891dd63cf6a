#!/usr/bin/env bash
# The job scripts of deploy/slurm on a real Slurm: a chain of jobs cut by their time limits, a requeue, an array with
# merge. Every campaign must end as one undisturbed run does, byte for byte.
#   slurm_test.sh HULLSCAN SOURCE-FOLDER
set -euo pipefail
hullscan=$1
source=$2
here=$source/tests/slurm
PATH=$PATH:/usr/sbin:/sbin
for program in slurmctld slurmd munged mpirun; do
    command -v $program > /dev/null || { echo "SKIPPED: $program is not installed (deploy/install-packages slurm)"; exit 77; }
done

folder=$(mktemp -d /tmp/hs-slurm-XXXXXX)
chmod 755 "$folder" # munged wants its socket to be reachable
trap '"$here/single-node" stop "$folder/slurm"; rm -rf "$folder"' EXIT
export SLURM_TEST_NODES=2
"$here/single-node" start "$folder/slurm"
eval "$("$here/single-node" env "$folder/slurm")"
export HULLSCAN=$hullscan HULLSCAN_SLURM=$source/deploy/slurm
export HULLSCAN_SITE= # none of this machine
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none OMP_NUM_THREADS=1
# Two nodes on one machine would share names of shared memory.
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo
cp "$here"/box.cif "$here"/campaign.toml "$folder"
cd "$folder"

fail() {
    echo "FAILED: $*" >&2
    tail -n 30 ./*.out >&2 || true
    exit 1
}
# Until no job of ours is left.
wait_for_jobs() {
    for _ in $(seq "${1:-900}"); do
        [ -z "$(squeue -h)" ] && return 0
        sleep 1
    done
    squeue >&2
    fail "jobs are still there"
}
undated() { sed 's/"changed":"[^"]*"//' "$1"; }
same_as_undisturbed() {
    [ "$(ls undisturbed/report)" = "$(ls "$1/report")" ] || fail "$1: other files of the report"
    local file
    for file in undisturbed/report/*; do # the page says when the campaign last changed
        cmp -s <(undated "$file") <(undated "$1/report/${file##*/}") || fail "$1: another ${file##*/}"
    done
    "$hullscan" export "$1" --orbits --format csv | cmp - undisturbed.csv || fail "$1: other orbits"
    "$hullscan" verify "$1" > /dev/null || fail "$1: damaged"
}

"$hullscan" run campaign.toml --dir undisturbed 2> /dev/null > /dev/null
"$hullscan" export undisturbed --orbits --format csv > undisturbed.csv

echo "== a chain of jobs, each stopped by its own clock before the limit"
# The limit is five minutes; with a margin of 297 s each job has two or three seconds, and Slurm's own warning comes later.
HULLSCAN_MARGIN=297 HULLSCAN_SHORTEST=1 sbatch --ntasks=3 --time=5 --output=chain-%j.out \
    "$source/deploy/slurm/campaign.sbatch" campaign.toml --dir chain --quota 0.005 > /dev/null
wait_for_jobs
[ "$(ls ./*.out)" = ./chain-1.out ] || fail "the chain has not one log"
stops=$(grep -c "goes on as job" chain-1.out) || fail "the chain had one job only"
grep -q "the campaign is done" chain-1.out || fail "the chain did not end"
same_as_undisturbed chain
echo "   $((stops + 1)) jobs"

echo "== Slurm's signal under srun --mpi=pmix"
job=$(HULLSCAN_LAUNCHER="srun --mpi=pmix" HULLSCAN_SHORTEST=0 sbatch --parsable --ntasks=3 --time=10 --output=signal-%j.out \
    "$source/deploy/slurm/campaign.sbatch" campaign.toml --dir signal --quota 0.005)
until [ -d signal/units ]; do sleep 0.1; done
scancel --batch --signal=USR1 "$job"
wait_for_jobs
grep -q "goes on as job" signal-"$job".out || fail "the signal did not stop the job"
same_as_undisturbed signal

echo "== the script of hullscan sbatch: the next job has the name, the limit and the log that the line asked for"
"$hullscan" sbatch campaign.toml --dir printed --cores 2 --hours 1 --setup "export HULLSCAN_SETUP=done" > printed.sbatch
sed -i 's/ --threads 2/ --threads 2 --quota 0.005/' printed.sbatch
grep -q "^export HULLSCAN_SETUP=done$" printed.sbatch || fail "the setup is not in the script"
job=$(HULLSCAN_SHORTEST=0 sbatch --parsable --job-name=mine --time=7 --output=printed-%j.out printed.sbatch)
until [ -d printed/units ]; do sleep 0.1; done
scancel --batch --signal=USR1 "$job"
until next=$(squeue -h -n mine -o %i | grep -vx "$job"); do sleep 0.2; done
[ "$(squeue -h -j "$next" -o %l)" = 7:00 ] || fail "the next job has another time limit: $(squeue -h -j "$next" -o %l)"
wait_for_jobs
[ "$(ls printed-*.out)" = "printed-$job.out" ] || fail "the next job has another log: $(ls printed-*.out)"
same_as_undisturbed printed

echo "== hullscan sbatch --nodes 2: ranks with threads on both nodes, and the next job has all that the line asked for"
"$hullscan" sbatch campaign.toml --dir nodes --nodes 2 --cores 4 --threads 2 --setup "export HULLSCAN_SETUP=done" > nodes.sbatch
printf '#!/bin/bash\necho "$SLURMD_NODENAME" >> "%s/ranks"\nexec "%s" "$@" --quota 0.005\n' "$folder" "$hullscan" > noting
chmod +x noting
sed -i "s| $hullscan run | $folder/noting run |" nodes.sbatch
job=$(HULLSCAN_SHORTEST=0 sbatch --parsable --job-name=two --time=9 --nice=7 --comment="two words" --mem=200M --exclusive \
    --mail-type=FAIL --mail-user=a@b.example --output=nodes-%j.out --error=nodes-%j.err nodes.sbatch)
until [ -d nodes/units ]; do sleep 0.1; done
scontrol show job "$job" > first.job
scancel --batch --signal=USR1 "$job"
until next=$(squeue -h -n two -o %i | grep -vx "$job"); do sleep 0.2; done
scontrol show job "$next" > second.job
asked() { grep -oE "(JobName|Nice|Account|QOS|TimeLimit|Partition|NumTasks|CPUs/Task|MinMemory[A-Za-z]*|Features|OverSubscribe|MailUser|MailType)=[^ ]*|(Comment|StdOut|StdErr)=.*" "$1" | sed 's, *$,,' | sort; }
cmp <(asked first.job) <(asked second.job) || fail "the next job is another one: $(diff <(asked first.job) <(asked second.job))"
[ "$(asked first.job | grep -cE "^(Nice=7|Comment=two words|MinMemoryNode=200M|OverSubscribe=NO|MailUser=a@b.example|TimeLimit=00:09:00)$")" -eq 6 ] ||
    fail "Slurm has not heard the line: $(asked first.job)"
wait_for_jobs
same_as_undisturbed nodes
[ "$(sort ranks | uniq -c | xargs)" = "4 one 4 two" ] || fail "ranks of two jobs: $(sort ranks | uniq -c | xargs)"

echo "== copies that MPI does not join are refused with one message"
code=0
srun --mpi=none --ntasks=2 "$hullscan" run campaign.toml --dir copies > copies.log 2>&1 || code=$?
[ $code -eq 2 ] && [ ! -e copies ] || fail "copies: exit code $code"
[ "$(grep -c "has started 2 copies that do not know each other" copies.log)" -eq 1 ] || fail "copies: $(cat copies.log)"

echo "== ranks that are lost: the chain goes on, and ends when that happens again and again"
job=$(HULLSCAN_WAIT=1 sbatch --parsable --ntasks=3 --time=10 --output=lost-%j.out \
    "$source/deploy/slurm/campaign.sbatch" campaign.toml --dir lost --quota 0.005)
until [ -d lost/units ]; do sleep 0.1; done
kill -KILL "$(sed 's/.*"pid": *\([0-9]*\).*/\1/' lost/campaign.lock)" # the master; mpirun ends with 137
wait_for_jobs
[ "$(grep -c "ranks were lost (exit code 137), goes on as job" lost-"$job".out)" -eq 1 ] || fail "a lost rank did not lead to one more job"
grep -q "the campaign is done" lost-"$job".out || fail "the chain did not end after a lost rank"
same_as_undisturbed lost
printf '#!/bin/bash\n[ "$1" = run ] || exec "%s" "$@"\nexit 205\n' "$hullscan" > never
chmod +x never
job=$(HULLSCAN=$folder/never HULLSCAN_WAIT=1 HULLSCAN_MOST_LOSSES=2 sbatch --parsable --ntasks=1 --time=10 --output=never-%j.out \
    "$source/deploy/slurm/campaign.sbatch" campaign.toml)
wait_for_jobs
[ "$(grep -c "goes on as job" never-"$job".out)" -eq 2 ] || fail "not two more jobs"
grep -q "lost in 3 jobs in succession (exit code 205); not submitted again" never-"$job".out || fail "the chain of losses does not end"

echo "== scancel is the end of a chain, and of a job that would put itself back"
job=$(HULLSCAN_SHORTEST=0 sbatch --parsable --ntasks=3 --time=10 --output=cancelled-%j.out \
    "$source/deploy/slurm/campaign.sbatch" campaign.toml --dir cancelled --quota 0.005)
until [ -d cancelled/units ]; do sleep 0.1; done
scancel "$job"
wait_for_jobs
grep -q "was cancelled; not submitted again" cancelled-"$job".out || fail "scancel is not reported"
! grep -q "goes on as job" cancelled-"$job".out || fail "a cancelled campaign went on"
job=$(sbatch --parsable --ntasks=1 --time=10 --requeue --output=cancelled.out --open-mode=append \
    --wrap "exec $source/deploy/slurm/requeue-on-75 $hullscan run campaign.toml --dir cancelled --quota 0.005 --threads 2")
until [ -s cancelled.out ] && grep -q "\"pid\"" cancelled/campaign.lock; do sleep 0.1; done
scancel "$job"
wait_for_jobs
! grep -q "goes back to the queue" cancelled.out || fail "a cancelled job went back to the queue"
HULLSCAN_SHORTEST=0 sbatch --ntasks=3 --time=10 --output=/dev/null \
    "$source/deploy/slurm/campaign.sbatch" campaign.toml --dir cancelled > /dev/null
wait_for_jobs
same_as_undisturbed cancelled

echo "== requeued while it runs: the same job goes on"
job=$(sbatch --parsable --ntasks=1 --time=10 --requeue --output=requeue.out --open-mode=append \
    --wrap "exec $source/deploy/slurm/requeue-on-75 $hullscan run campaign.toml --dir requeue --quota 0.005 --threads 2")
until [ -d requeue/units ]; do sleep 0.1; done
scontrol requeue "$job"
# Slurm lets a requeued job wait for two minutes; the test need not.
until scontrol update jobid="$job" starttime=now 2> /dev/null; do sleep 1; done
wait_for_jobs
same_as_undisturbed requeue

echo "== an array of parts, and their merge"
# As README.md prints it: no variable of ours, the program in PATH.
unset HULLSCAN HULLSCAN_SLURM
export PATH=$(dirname "$hullscan"):$PATH
parts=$(sbatch --parsable --array=1-4 --cpus-per-task=2 --output=part-%a.out "$source/deploy/slurm/array.sbatch" campaign.toml joined)
sbatch --dependency=afterok:"$parts" --output=merge.out "$source/deploy/slurm/merge.sbatch" campaign.toml joined 4 > /dev/null
wait_for_jobs
same_as_undisturbed joined
echo "all well"
