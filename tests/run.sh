#!/bin/sh
# Run the test programs given and sum up: one after another, but those that mostly wait (a relay gone bad) three at a time,
# last. A test's output is shown when it fails, its closing lines always.
set -u
: "${MOOT_BUILD:=build}"
export MOOT_BUILD ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}" \
	UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}" TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=0:exitcode=66}"
logs=$(mktemp -d) && trap 'rm -rf "$logs"' EXIT
passed=0 failed=0

name_of() {
	echo "${1#"$MOOT_BUILD"/tests/}"
}
log_of() {
	echo "$logs/$(name_of "$1" | tr / -)"
}
run() { # TEST: its output, status and seconds into files
	log=$(log_of "$1")
	start=$(date +%s)
	if timeout "${TEST_TIMEOUT:-300}" "$1" >"$log" 2>&1; then status=0; else status=$?; fi
	echo $status $(($(date +%s) - start)) >"$log.end"
}
report() {
	log=$(log_of "$1") name=$(name_of "$1")
	read -r status seconds <"$log.end"
	n=$(sed -n 's/.*\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
	passed=$((passed + ${n:-0}))
	if [ "$status" = 0 ]; then
		printf '  ok    %-28s %4s tests %4s s\n' "$name" "${n:-0}" "$seconds"
	else
		f=$(sed -n 's/.*\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$log" | tail -1)
		failed=$((failed + ${f:-1}))
		printf '  FAIL  %-28s exit %s after %s s\n' "$name" "$status" "$seconds"
		grep -v '^\[ RUN\|^\[       OK' "$log" | tail -"${TEST_TAIL:-80}"
	fi
}

waiting=
for t in "$@"; do
	case $t in
	*/test_hostile*) waiting="$waiting $t" ;;
	*) run "$t" && report "$t" ;;
	esac
done
set -- $waiting
while [ $# -gt 0 ]; do
	batch=
	for t in "$@"; do
		case $batch in *\ *\ *\ *) break ;; esac
		batch="$batch $t"
	done
	for t in $batch; do run "$t" & done
	wait
	for t in $batch; do
		report "$t"
		shift
	done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
