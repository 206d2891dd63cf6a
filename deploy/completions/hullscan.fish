# Completion of hullscan for fish: commands, and the options that the command's own --help names.
complete -c hullscan -n __fish_use_subcommand -f -a "(hullscan --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')"
complete -c hullscan -n 'not __fish_use_subcommand' -a "(hullscan (commandline -opc)[2] --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)"
