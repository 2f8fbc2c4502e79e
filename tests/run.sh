#!/bin/sh
# Run the test programs given, one after another, and sum up. A test's output is shown when it fails, its
# closing lines always.
set -u
: "${MOOT_BUILD:=build}"
export MOOT_BUILD ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}" \
	UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}" TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=0:exitcode=66}"
log=$(mktemp) && trap 'rm -f "$log"' EXIT
passed=0 failed=0
for t in "$@"; do
	start=$(date +%s)
	name=${t#"$MOOT_BUILD"/tests/}
	if timeout "${TEST_TIMEOUT:-300}" "$t" >"$log" 2>&1; then status=0; else status=$?; fi
	n=$(sed -n 's/.*\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
	passed=$((passed + ${n:-0}))
	if [ $status = 0 ]; then
		printf '  ok    %-28s %4s tests %4s s\n' "$name" "${n:-0}" $(($(date +%s) - start))
	else
		f=$(sed -n 's/.*\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$log" | tail -1)
		failed=$((failed + ${f:-1}))
		printf '  FAIL  %-28s exit %s after %s s\n' "$name" $status $(($(date +%s) - start))
		grep -v '^\[ RUN\|^\[       OK' "$log" | tail -"${TEST_TAIL:-80}"
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
