#!/bin/sh
# Build a Debian package from what `make install` installs: deb.sh BUILD VERSION
set -eu
build=$1 version=$2
arch=$(dpkg --print-architecture)
root=$build/deb
rm -rf "$root"
make --no-print-directory install DESTDIR="$root" PREFIX=/usr BUILD="$build" >/dev/null
mkdir -p "$root/DEBIAN"
gzip -9nf "$root"/usr/share/man/man*/*
strip "$root"/usr/bin/*
# The packages that own the libraries the programs are linked with.
depends=$(ldd "$root"/usr/bin/moot "$root"/usr/bin/moot-relay | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u |
	while read -r lib; do objdump -p "$root"/usr/bin/moot "$root"/usr/bin/moot-relay 2>/dev/null |
		grep -q "NEEDED *$(basename "$lib")" && readlink -f "$lib"; done |
	while read -r lib; do dpkg -S "*/$(basename "$lib")" 2>/dev/null | head -1 | cut -d: -f1; done |
	sort -u | paste -sd, | sed 's/,/, /g')
cat > "$root/DEBIAN/control" <<C
Package: moot
Version: $version
Architecture: $arch
Maintainer: The Moot authors <moot@localhost>
Section: net
Priority: optional
Depends: $depends
Description: meetings in a terminal
 Join a meeting over ssh, in tmux or from a script: chat, sound, pictures as
 characters, a waiting room and a host who keeps the door. Holds the client,
 moot, and the server, moot-relay.
C
dpkg-deb --root-owner-group --build "$root" "$build/moot_${version}_$arch.deb"
