#!/bin/sh
# Run the benchmarks and print their tables, one after another: run.sh [NAME...] (relay, rules, audio, render, client, seal, group,
# line).
# Figures of one run, on one machine: compare rows of a table with one another, not with another machine's.
set -u
: "${MOOT_BUILD:=build}"
export MOOT_BUILD
want=${*:-relay rules audio render client seal group line}
echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(date -u +%F)"
for name in $want; do
	printf '\n## %s\n\n' "$name"
	if [ "$name" = line ]; then # 64 kbit/s, 150 ms each way
		for loss in 0 1; do
			printf '### %s %% of frames lost\n\n' $loss
			"$MOOT_BUILD/tests/tools/badline" 64 150 $loss "$MOOT_BUILD/tests/bench/bench_client" line 20 || exit 1
		done
		continue
	fi
	if [ "$name" = rules ]; then
		"$MOOT_BUILD/tests/bench/bench_relay" rules || exit 1
		continue
	fi
	"$MOOT_BUILD/tests/bench/bench_$name" || exit 1
	if [ "$name" = relay ] && command -v murmurd >/dev/null; then
		for people in 50 200 1000; do
			"$MOOT_BUILD/tests/bench/bench_mumble" $people 10 || exit 1
		done
	fi
done
