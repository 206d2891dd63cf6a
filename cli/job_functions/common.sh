# Runs a command and hands signals on to it; `code` is how it ended. TERM without a warning before it is scancel or
# qdel, or a batch system that puts this job back in the queue: there is nothing to submit then.
run_to_its_end() { # COMMAND...
    begun=$SECONDS
    "$@" &
    run=$!
    warned='' cancelled=''
    trap 'signalled=1; warned=1; kill -USR1 $run 2>/dev/null' USR1
    trap 'signalled=1; [ -n "$warned" ] || cancelled=1; kill -TERM $run 2>/dev/null' TERM
    signalled=1
    while [ $signalled -eq 1 ]; do # a signal ends the waiting, not the command
        signalled=0
        wait $run
        code=$?
    done
}

# Stopped by time the campaign goes on in a job of its own, also after a rank or a host was lost, but not when that
# happens to six jobs in succession (HULLSCAN_MOST_LOSSES=5).
end_or_go_on() { # SCRIPT [ARGUMENTS]
    local how=$code
    if [ -n "$cancelled" ]; then
        echo "hullscan: job $this_job was cancelled; not submitted again" >&2
        exit $code
    fi
    # A rank was killed (Open MPI says 137, MPICH and Intel MPI 9), a host or its cable was lost; or the lock of an earlier
    # process that ended so refused this one.
    [ $code -eq 137 ] || [ $code -eq 9 ] || [ $code -eq 205 ] && how=lost
    [ $code -eq 5 ] && [ $((${SLURM_RESTART_COUNT:-0} + ${HULLSCAN_LOSSES:-0})) -gt 0 ] && how=lost
    case $how in
        0) echo "hullscan: the campaign is done" ;;
        4) echo "hullscan: the campaign is done, some calculations failed for good" ;;
        75)
            if [ $((SECONDS - begun)) -lt "${HULLSCAN_SHORTEST:-20}" ]; then
                echo "hullscan: stopped at once; not submitted again" >&2
                exit $code
            fi
            export HULLSCAN_LOSSES=0
            go_on 0 "$@" || exit 1
            echo "hullscan: stopped by time, goes on as job $next"
            exit 0
            ;;
        lost) # What the master had stored is there. But one more job does not help a campaign that loses all of them.
            export HULLSCAN_LOSSES=$((${HULLSCAN_LOSSES:-0} + 1))
            if [ "$HULLSCAN_LOSSES" -gt "${HULLSCAN_MOST_LOSSES:-5}" ]; then
                echo "hullscan: ranks were lost in $HULLSCAN_LOSSES jobs in succession (exit code $code); not submitted again" >&2
                exit $code
            fi
            # On another host the lock of a dead master counts until it was silent for two minutes.
            go_on "${HULLSCAN_WAIT:-150}" "$@" || exit $code
            echo "hullscan: ranks were lost (exit code $code), goes on as job $next"
            ;;
        *) echo "hullscan: ended with exit code $code" >&2 ;;
    esac
    exit $code
}
