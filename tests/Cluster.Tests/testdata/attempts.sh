# attempts.sh DEVICE-NUMBERS PROCESS MARK MARK-GOES-ON CONTROL-GROUPS: what a root that wanted out would try first, a line
# for each with what came of it.
# Nothing is changed where it is not refused: values are written back as they were read.
# Runs under dash and under busybox sh; busybox alone has to do for programs.
numbers=$1 process=$2 groups=$5
work=$(mktemp -d)
echo "$3$4" >"$work/mark" # never whole in a command line of ours

try() {
    what=$1
    shift
    if said=$("$@" 2>&1); then echo "$what: DONE $said"; else echo "$what: refused ($(echo "$said" | tail -n 1))"; fi
}

module() {
    echo nonsense >"$work/module.ko"
    insmod "$work/module.ko"
}

# busybox's date succeeds whatever the kernel says
clock() {
    answer=$(date -s "@$(date +%s)" 2>&1)
    echo "$answer"
    case $answer in *"not permitted"*) return 1 ;; esac
}

disk() {
    mknod "$work/disk" b "${numbers%:*}" "${numbers#*:}" && dd if="$work/disk" bs=512 count=1
}

# in $work lies what could be written
settings() {
    : >"$work/written"
    find /proc/sys -path /proc/sys/net -prune -o -type f -print 2>/dev/null | while read -r file; do
        value=$(cat "$file" 2>/dev/null) || continue
        if (echo "$value" >"$file") 2>/dev/null; then echo "${file#/proc/sys/}" >>"$work/written"; fi
    done
}

# the files that say what the node may use, and those of whatever lies above
limits() {
    for hierarchy in "$groups" "$groups"/*; do
        for file in "$hierarchy"/memory.max "$hierarchy"/cpu.max "$hierarchy"/pids.max "$hierarchy"/memory.limit_in_bytes \
            "$hierarchy"/cpu.cfs_quota_us "$hierarchy"/cpu.shares "$hierarchy"/pids.max "$hierarchy"/release_agent "$hierarchy"/../../cgroup.procs; do
            [ -f "$file" ] || continue
            value=$(cat "$file" 2>/dev/null | head -n 1)
            if (echo "$value" >"$file") 2>/dev/null; then echo "$file"; fi
        done
    done | grep . && return 0
    return 1
}

signal() { kill -0 "$process"; }

sight() { grep -l -s -F -f "$work/mark" /proc/[0-9]*/cmdline; }

try "load a module" module
try "set the clock" clock
try "read the machine's disk" disk
try "write above its control group" limits
try "signal a process of the machine" signal
try "see a process of the machine" sight
settings
echo "settings written: $(sort "$work/written" | tr '\n' ' ')"
rm -rf "$work"
