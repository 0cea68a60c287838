# without-uplinks.sh FOLDER COMMAND…: runs a command, in a mount namespace of its own, on a machine without the two programs.
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/usr/bin,upperdir=$1/upper,workdir=$1/work" /usr/bin
rm -f /usr/bin/slirp4netns /usr/bin/pasta
shift
exec "$@"
