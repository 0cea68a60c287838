using System.Globalization;
using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>docs/exposure.csv beside what systemd-analyze says of the image's units, without starting one.</summary>
[Collection(UnpackedImage.Shared)]
public sealed partial class ExposureTests(UnpackedImage image)
{
    private static readonly Dictionary<string, decimal> _recorded = File.ReadAllLines(Path.Combine(Checkout.Folder, "docs", "exposure.csv")).Skip(1)
        .Select(line => line.Split(',')).ToDictionary(fields => fields[0], fields => decimal.Parse(fields[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    [Fact]
    public void No_unit_is_more_exposed_than_was_recorded()
    {
        _recorded.Select(unit => (unit.Key, Recorded: unit.Value, Found: Exposure(unit.Key))).Where(unit => unit.Found > unit.Recorded)
            .ShouldBeEmpty("take the sandbox back, or record the number in docs/exposure.csv with a reason");
    }

    [Fact]
    public void Each_service_of_ours_has_a_recorded_number()
    {
        string[] ours =
        [
            .. Directory.EnumerateFiles(Path.Combine(Checkout.Folder, "roles"), "*.service", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)),
            .. Directory.EnumerateDirectories(Path.Combine(Checkout.Folder, "roles"), "*.service.d", SearchOption.AllDirectories)
                .Select(folder => Path.GetFileNameWithoutExtension(folder)).Where(unit => !unit.Contains('@', StringComparison.Ordinal) && !unit.EndsWith("wait-online.service", StringComparison.Ordinal)),
        ];
        ours.Except(_recorded.Keys, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void A_unit_that_loses_its_sandbox_is_noticed()
    {
        using TemporaryFolder root = new();
        string units = root["usr/lib/systemd/system"];
        Directory.CreateDirectory(units);
        string[] kept = [.. File.ReadAllLines(Path.Combine(image.Root, "usr/lib/systemd/system/etcd.service")).Where(line => !line.StartsWith("Protect", StringComparison.Ordinal))];
        File.WriteAllLines(Path.Combine(units, "etcd.service"), kept);

        Exposure(root.FullPath, "etcd.service").ShouldBeGreaterThan(_recorded["etcd.service"]);
    }

    private decimal Exposure(string unit) => Exposure(image.Root, unit);

    private static decimal Exposure(string root, string unit)
    {
        string report = Judge.Run("systemd-analyze", "security", "--no-pager", "--offline=true", $"--root={root}", unit);
        return decimal.Parse(Overall().Match(report).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+) ")]
    private static partial Regex Overall();
}
