#!/bin/sh
# The arrows of the house, checked: tui -> net, audio, render, and those three never one another; curses only on the
# screen's side of tui; libwebsockets only in net/loop.c and net/link.c; headers free of third parties; pure
# modules without clock, socket or I/O.
set -u
bad=0
fail() { echo "lint: $*"; bad=1; }
check() { # WHAT PATTERN FILES... : no line may match
	what=$1 pattern=$2; shift 2
	[ $# -gt 0 ] || return 0
	hits=$(grep -nE "$pattern" "$@" /dev/null) && fail "$what
$hits"
}
third='#include <(libwebsockets|openssl|sodium|jansson|opus|portaudio|vpx|libyuv|caca|libav|ncurses|curses|utf8proc|vterm|qrencode)'

check "net must not know audio, render, tui" '#include "(audio|render|tui)/' net/*.c net/*.h net/seal/*.[ch]
check "net/seal knows nothing but itself" '#include "(net/[^s]|net/s[^e]|audio|render|tui)' net/seal/*.[ch]
check "audio must not know net, render, tui" '#include "(net|render|tui)/' audio/*.c audio/*.h
check "render must not know net, audio, tui" '#include "(net|audio|tui)/' render/*.c render/*.h
check "no header shows a third party's type" "$third" net/*.h net/seal/*.h audio/*.h render/*.h tui/*.h
check "libwebsockets is met in net/loop.c and net/link*.c only" '#include <libwebsockets' \
	$(ls net/*.c tui/*.c audio/*.c render/*.c | grep -vE '^net/(loop|link[a-z_]*)\.c$')
check "curses lives on the screen's side of tui only" '#include <n?curses' \
	$(ls net/*.c audio/*.c render/*.c tui/*.c | grep -vE '^tui/(screen|keys|theme|main)[a-z_]*\.c$')
pure="$(ls net/meeting*.c net/wire*.c net/queue.c net/speakers.c net/limiter.c net/roster*.c net/text*.c net/invite.c net/invitation.c \
	net/lookalike.c net/escape.c \
	net/names.c net/policy*.c net/secure*.c $(ls net/seal/*.c | grep -v crypto.c) audio/jitter.c audio/mixer.c audio/level.c audio/stretch.c render/paint.c tui/canvas.c tui/chatlog.c tui/prompt.c 2>/dev/null)"
check "a pure module reads no clock and does no I/O" \
	'\b(time|clock_gettime|gettimeofday|fopen|open|read|write|socket|send|recv|printf|fprintf|getrandom|randombytes_buf|usleep|nanosleep|loop_now_us|loop_unix_ms)\(' $pure
check "a hostile peer likes these" '\b(sprintf|vsprintf|strcpy|strcat|atoi|alloca|gets|strtok)\(' \
	$(ls net/*.c net/seal/*.c audio/*.c render/*.c tui/*.c)
check "no unfinished words" '\b(TODO|FIXME|XXX)\b' $(ls net/*.[ch] net/seal/*.[ch] audio/*.[ch] render/*.[ch] tui/*.[ch])
[ $bad = 0 ] && echo "lint: the arrows hold"
exit $bad
