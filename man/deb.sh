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
# The packages that own the libraries which programs and plugins name.
files="$root/usr/bin/moot $root/usr/bin/moot-relay $root/usr/lib/moot/moot-sound.so $root/usr/lib/moot/moot-picture.so"
depends=$(for name in $(objdump -p $files | awk '/NEEDED/ { print $2 }' | sort -u); do
	path=$(ldd $files | awk -v n="$name" '$1 == n && $3 ~ /^\// { print $3; exit }')
	[ -z "$path" ] || dpkg -S "$path" 2>/dev/null || dpkg -S "/usr$path"
done | sed 's/:.*//' | sort -u | paste -sd, | sed 's/,/, /g')
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
