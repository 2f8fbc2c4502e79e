#!/bin/sh
# Fill the tables of a man page from the programs: fill.sh PAGE.in COMMANDS-PROGRAM PROGRAM [SUBCOMMAND...]
# @COMMANDS@ becomes what COMMANDS-PROGRAM prints, @OPTIONS@ the option lines of `PROGRAM SUBCOMMAND --help`, each once.
set -eu
page=$1 commands=$2 program=$3
shift 3
options() {
	for sub in "$@"; do "$program" $sub --help; done | awk '/^ +--/ && !seen[$0]++ { sub(/^ +/, "  "); print }' |
		sed 's/\\/\\e/g; s/-/\\-/g'
}
while IFS= read -r line; do
	case $line in
	@COMMANDS@) "$commands" ;;
	@OPTIONS@) options "$@" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$page"
