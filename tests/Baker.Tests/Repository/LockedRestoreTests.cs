using System.Text.RegularExpressions;
using System.Xml.Linq;
using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>Restore keeps to the committed lock files, whoever runs it; another SDK brings its own packages, and may bring no others.</summary>
public sealed class LockedRestoreTests : IDisposable
{
    private const string OtherSdk = "10.0.99";

    /// <summary>What would outlive the command and hold its output open.</summary>
    private static readonly Dictionary<string, string> _noServers = new() { ["MSBUILDDISABLENODEREUSE"] = "1" };

    private readonly TemporaryFolder _folder = new();

    public LockedRestoreTests()
    {
        Directory.CreateDirectory(_folder["src/Formats"]);
        foreach (string file in (string[])
            ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "src/Formats/Formats.csproj", "src/Formats/packages.lock.json"])
        {
            File.Copy(Path.Combine(Checkout.Folder, file), _folder[file]);
        }
    }

    private string LockFile => _folder["src/Formats/packages.lock.json"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_lock_files_are_of_the_sdk_that_the_properties_name()
    {
        string named = XDocument.Load(Path.Combine(Checkout.Folder, "Directory.Build.props")).Descendants("LockedSdkPackages").Single().Value;
        string[] files = [.. Directory.EnumerateDirectories(Checkout.Folder).Where(folder => Path.GetFileName(folder) is "src" or "tests")
            .SelectMany(Directory.EnumerateDirectories).SelectMany(folder => Directory.EnumerateFiles(folder, "packages*.lock.json"))];
        files.Length.ShouldBeGreaterThan(15);
        files.SelectMany(file => Regex.Matches(File.ReadAllText(file), "\"(?:Microsoft\\.NET\\.ILLink\\.Tasks|Microsoft\\.DotNet\\.ILCompiler)\": \\{[^{}]*\"resolved\": \"([^\"]+)\""))
            .Select(match => match.Groups[1].Value).Distinct().ShouldBe([named]);
    }

    [Fact]
    public void A_package_of_another_version_than_the_lock_file_s_is_refused()
    {
        Restore().ExitCode.ShouldBe(0);
        string versions = File.ReadAllText(_folder["Directory.Packages.props"]);
        File.WriteAllText(_folder["Directory.Packages.props"], Regex.Replace(versions, "(\"Meziantou.Analyzer\" Version=\")[^\"]+", "${1}3.0.0"));
        JudgeResult refused = Restore();
        refused.ExitCode.ShouldNotBe(0);
        refused.Output.ShouldContain("NU1004");
    }

    /// <summary>The lock file of an SDK that is not there, which is how a later SDK sees the committed one.</summary>
    [Fact]
    public void Another_sdk_restores_its_own_packages_and_any_other_difference_is_refused()
    {
        string ofOther = Regex.Replace(
            File.ReadAllText(LockFile),
            "(\"Microsoft\\.NET\\.ILLink\\.Tasks\": \\{\\s*\"type\": \"Direct\",\\s*\"requested\": \")\\[[^\"]+\",(\\s*\"resolved\": \")[^\"]+\",(\\s*\"contentHash\": \")[^\"]+",
            $"${{1}}[{OtherSdk}, )\",${{2}}{OtherSdk}\",${{3}}another");
        ofOther.ShouldContain("\"another\"");
        File.WriteAllText(LockFile, ofOther);
        Restore($"-p:LockedSdkPackages={OtherSdk}").ExitCode.ShouldBe(0);
        JudgeResult accepted = Check();
        accepted.ExitCode.ShouldBe(0, accepted.Output);
        File.ReadAllText(LockFile).ShouldBe(ofOther, "the committed file is nobody's to write");
        File.ReadAllText(_folder["src/Formats/obj/packages.lock.json"]).ShouldNotContain(OtherSdk);

        // as if the committed file had pinned other bytes of a package
        File.WriteAllText(LockFile, Regex.Replace(ofOther, "(\"Meziantou\\.Analyzer\": \\{[^{}]*\"contentHash\": \")[^\"]{4}", "${1}AAAA"));
        JudgeResult refused = Check();
        refused.ExitCode.ShouldNotBe(0);
        refused.Output.ShouldContain("and not only those of the SDK");
        refused.Output.ShouldContain("-p:RestoreLockedMode=false");
    }

    private JudgeResult Restore(params string[] options) =>
        Judge.Try("dotnet", ["restore", _folder["src/Formats/Formats.csproj"], "-nologo", .. options], input: null, environment: _noServers);

    private JudgeResult Check() => Judge.Try(
        "dotnet",
        ["msbuild", _folder["src/Formats/Formats.csproj"], "-nologo", "-v:minimal", "-t:RequireCommittedPackages", $"-p:LockedSdkPackages={OtherSdk}"],
        input: null,
        environment: _noServers);
}
