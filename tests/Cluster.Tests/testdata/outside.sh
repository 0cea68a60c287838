# A machine with a network beyond it, as far as one needs no real one: an address that is none of loopback's, a name server
# there, and a route to everywhere. Says "there" once it is, and holds until its input ends.
set -e
mount --make-rprivate /
echo nameserver 192.0.2.1 >"$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
ip link set lo up
ip link add outside type veth peer name beyond
ip address add 192.0.2.1/24 dev outside
ip link set outside up
ip link set beyond up
ip route add default via 192.0.2.254
dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --no-resolv --no-hosts --bind-interfaces \
    --listen-address=192.0.2.1 --listen-address=127.0.0.1 --address=/page.outside.test/192.0.2.77 &
echo there
cat >/dev/null
kill $!
