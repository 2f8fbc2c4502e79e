#!/bin/sh
# Fuzz decoders of strangers' bytes with libFuzzer under ASan and UBSan: run.sh [TARGET...] (fuzz_wire_frame …, default all)
#   FUZZ_SECONDS=60   how long each;  ONLY=wire_frame   one of them;  FUZZ_BUILD=build/fuzz
# What reached new code is kept in tests/fuzz/corpus/TARGET; a finding stops the run and is left in the build folder.
set -eu
cd "$(dirname "$0")/../.."
out=${FUZZ_BUILD:-build/fuzz}
cc="clang-14 -g -O1 -std=gnu11 -D_GNU_SOURCE -DMOOT_VERSION=\"0.1.0\" -I. -I/usr/include/opus -fPIC -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"
mkdir -p "$out"

# The libraries, once, with the fuzzer's eyes in them.
for folder in net net/seal audio render; do
	for file in "$folder"/*.c; do
		[ -e "$file" ] || continue
		object=$out/$(echo "${file%.c}" | tr / -).o
		case $file in */relay_main.c) continue ;; esac
		[ "$object" -nt "$file" ] || $cc -c -o "$object" "$file"
	done
done
net="-lwebsockets -ljansson -lsodium -lssl -lcrypto -lutf8proc -linih -lsqlite3"
media="-lportaudio -lopusenc -lopus -lvpx -lyuv -lcaca -lavdevice -lavformat -lavcodec -lavutil -lswscale -lswresample"

for target in ${*:-$(cd tests/fuzz && ls fuzz_*.c | sed 's/\.c$//')}; do
	case ${ONLY:-} in '' | "${target#fuzz_}") ;; *) continue ;; esac
	case $(sed -n 's,.*link: \([a-z]*\).*,\1,p' "tests/fuzz/$target.c") in
	audio) objects=$(ls "$out"/audio-*.o) libs=$media ;;
	render) objects=$(ls "$out"/render-*.o) libs=$media ;;
	*) objects=$(ls "$out"/net-*.o) libs=$net ;;
	esac
	clang-14 -g -O1 -std=gnu11 -D_GNU_SOURCE -I. -fsanitize=fuzzer,address,undefined \
		-o "$out/$target" "tests/fuzz/$target.c" $objects $libs -lm -lpthread
	corpus=tests/fuzz/corpus/$target
	mkdir -p "$corpus" "$out/$target.d"
	echo "== $target"
	"$out/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$out/$target.d/" -max_len="${FUZZ_MAX:-8192}" "$out/$target.d" "$corpus" \
		>"$out/$target.log" 2>&1 || { tail -40 "$out/$target.log"; exit 1; }
	grep -E 'NEW' "$out/$target.log" | tail -1 || :
	grep -E 'number_of_executed|Done' "$out/$target.log"
	# Keep the smallest set that covers the same.
	mkdir -p "$out/$target.min" && rm -f "$out/$target.min"/*
	"$out/$target" -merge=1 "$out/$target.min" "$corpus" "$out/$target.d" >/dev/null 2>&1
	rm -f "$corpus"/* && cp "$out/$target.min"/* "$corpus"/
done
