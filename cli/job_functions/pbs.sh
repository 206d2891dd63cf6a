this_job=$PBS_JOBID
# Long values are broken over lines that begin with a tab.
attributes=$(qstat -f "$this_job" | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n\t//g')
[ -n "$attributes" ] || echo "hullscan: qstat does not know this job: nothing will stop the run before its limit" >&2
attribute() { sed -n "s/^ *$1 = //p" <<< "$attributes" | head -n 1; }
# PBS warns nobody: the run looks at the clock, and stops two minutes before the limit.
limit=()
if IFS=: read -r h m s <<< "$(attribute Resource_List.walltime)" && [ -n "$s" ]; then
    left=$((10#$h * 3600 + 10#$m * 60 + 10#$s - SECONDS - ${HULLSCAN_MARGIN:-120}))
    [ "$left" -gt 0 ] && limit=(--deadline "$left")
fi

# The next job has what this one was submitted with, by its script or by the line of qsub.
go_on() { # SECONDS SCRIPT
    local wait_s=$1 option value name names=HULLSCAN_LOSSES same=(-W depend=afterany:"$this_job")
    shift
    [ "$wait_s" -gt 0 ] && same+=(-a "$(date -d "+$wait_s seconds" +%Y%m%d%H%M.%S)")
    for option in Job_Name=-N Account_Name=-A project=-P Join_Path=-j Mail_Points=-m Mail_Users=-M Output_Path=-o \
        Priority=-p Resource_List.select=select Resource_List.place=place Resource_List.walltime=walltime; do
        value=$(attribute "${option%=*}") option=${option#*=}
        case $option:$value in
            *: | -j:n | -p:0 | -P:_pbs_project_default) ;;
            -o:*.o"${this_job%%.*}") ;; # the name that PBS gives itself
            -*) same+=("$option" "$value") ;;
            *) same+=(-l "$option=$value") ;;
        esac
    done
    [ -n "${PBS_O_QUEUE:-}" ] && same+=(-q "$PBS_O_QUEUE") # where it was submitted to, which may only hand it on
    value=$(attribute group_list)
    [ -n "$value" ] && same+=(-W group_list="$value")
    for name in $(attribute Variable_List | tr ',' '\n' | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do # of -v and -V
        case $name in PBS_* | HULLSCAN_LOSSES) ;; *) [ -n "${!name+set}" ] && names+=,$name ;; esac
    done
    same+=(-v "$names")
    next=$(qsub "${same[@]}" "$@")
}
