this_job=$SLURM_JOB_ID
# Slurm's warning may be late or lost: the run also looks at the clock, and stops two minutes before the limit.
limit=()
end=$(scontrol show job "$this_job" | sed -n 's/.* EndTime=\([^ ]*\).*/\1/p')
if left=$(($(date -d "$end" +%s 2>/dev/null) - $(date +%s) - ${HULLSCAN_MARGIN:-120})) && [ "$left" -gt 0 ]; then
    limit=(--deadline "$left")
fi

# The next job has what this one was submitted with, by its script or by the line of sbatch, and writes to the same log.
go_on() { # SECONDS SCRIPT [ARGUMENTS]
    local wait_s=$1 job key option value same=(--job-name="$SLURM_JOB_NAME" --partition="$SLURM_JOB_PARTITION"
        --nodes="$SLURM_JOB_NUM_NODES" --time="$(squeue -h -j "$this_job" -o %l)" --dependency=afterany:"$this_job")
    shift
    [ "$wait_s" -gt 0 ] && same+=(--begin=now+"$wait_s")
    job=$(scontrol show job "$this_job")
    for option in Account=account QOS=qos Features=constraint Reservation=reservation MailUser=mail-user \
        MailType=mail-type NumTasks=ntasks CPUs/Task=cpus-per-task NtasksPerN:B:S:C=ntasks-per-node \
        MinMemoryNode=mem MinMemoryCPU=mem-per-cpu MinTmpDiskNode=tmp ReqNodeList=nodelist ExcNodeList=exclude \
        TresPerNode=gres TresPerJob=gpus Licenses=licenses Network=network Nice=nice OverSubscribe=exclusive; do
        key=${option%=*} option=${option#*=}
        value=$(sed -n "s|.*\b$key=\([^ ]*\).*|\1|p" <<< "$job" | head -n 1)
        [ "$option" = ntasks-per-node ] && value=${value%%:*}
        value=${value#gres[:/]}
        [ "$option" = gpus ] && value=${value#gpu:}
        case $option:$value in
            *: | *:'(null)' | *:0 | *:N/A | mail-user:root | mail-type:NONE) ;;
            exclusive:*) [ "$value" = NO ] && same+=(--exclusive) ;;
            *) same+=("--$option=$value") ;;
        esac
    done
    for option in StdOut=output StdErr=error Comment=comment; do # texts that may hold blanks
        value=$(sed -n "s/^ *${option%=*}=\(.*[^ ]\) *$/\1/p" <<< "$job" | head -n 1)
        [ -n "$value" ] && same+=("--${option#*=}=$value")
    done
    next=$(sbatch --parsable "${same[@]}" "$@")
}
