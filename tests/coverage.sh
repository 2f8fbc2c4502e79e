#!/bin/sh
# Sum up gcov's line coverage of the product's files after `make coverage`: coverage.sh BUILD
set -eu
build=$1
for folder in net audio render tui; do
	for file in "$folder"/*.c; do
		gcov -n -o "$build/${file%.c}.o" "$file" 2>/dev/null |
			awk -v f="$file" '$1 == "File" { mine = index($0, "'"'"'" f "'"'"'") }
				mine && /^Lines executed/ { split($0, a, /[:% ]+/); print f, a[3], $NF; exit }'
	done
done | awk '{ printf "%-32s %6.1f %% of %5d lines\n", $1, $2, $3; hit += $2 * $3 / 100; all += $3 }
	END { if (all) printf "%-32s %6.1f %% of %5d lines\n", "all", 100 * hit / all, all }'
