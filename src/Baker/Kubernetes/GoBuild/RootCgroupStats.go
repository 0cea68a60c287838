package libcontainer

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/opencontainers/runc/libcontainer/cgroups"
)

// The root of a cgroup v2 hierarchy has no memory.current, because the root stands for the machine.
// What the machine uses is in /proc/meminfo; cpu.stat is there at the root, too.
func readRootStats(procFolder, cgroupRoot string) (*cgroups.Stats, error) {
	memory, err := readNumbers(filepath.Join(procFolder, "meminfo"), "MemTotal", "MemFree", "Inactive(file)")
	if err != nil {
		return nil, err
	}
	cpu, err := readNumbers(filepath.Join(cgroupRoot, "cpu.stat"), "usage_usec", "user_usec", "system_usec")
	if err != nil {
		return nil, err
	}

	const kibibyte, microsecond = 1024, 1000
	stats := cgroups.NewStats()
	stats.CpuStats.CpuUsage.TotalUsage = cpu["usage_usec"] * microsecond
	stats.CpuStats.CpuUsage.UsageInUsermode = cpu["user_usec"] * microsecond
	stats.CpuStats.CpuUsage.UsageInKernelmode = cpu["system_usec"] * microsecond
	stats.MemoryStats.UseHierarchy = true
	stats.MemoryStats.Usage.Usage = (memory["MemTotal"] - memory["MemFree"]) * kibibyte
	stats.MemoryStats.Stats["inactive_file"] = memory["Inactive(file)"] * kibibyte
	stats.MemoryStats.Stats["total_cache"] = (memory["Cached"] + memory["Buffers"]) * kibibyte
	stats.MemoryStats.Stats["total_rss"] = memory["AnonPages"] * kibibyte
	stats.MemoryStats.Stats["total_swap"] = (memory["SwapTotal"] - memory["SwapFree"]) * kibibyte
	stats.MemoryStats.Stats["total_mapped_file"] = memory["Mapped"] * kibibyte
	return stats, nil
}

// readNumbers reads lines of a name and a number, as both files have them; names may end in a colon, numbers may have a unit.
func readNumbers(path string, required ...string) (map[string]uint64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()

	numbers := make(map[string]uint64)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 2 {
			continue
		}
		if number, err := strconv.ParseUint(words[1], 10, 64); err == nil {
			numbers[strings.TrimSuffix(words[0], ":")] = number
		}
	}
	for _, name := range required {
		if _, ok := numbers[name]; !ok {
			return nil, fmt.Errorf("%s does not say %s", path, name)
		}
	}
	return numbers, nil
}
