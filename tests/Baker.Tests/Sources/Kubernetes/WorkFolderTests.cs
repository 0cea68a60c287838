using Images.Baker.Caching;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.Kubernetes;

public sealed class WorkFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_at_once_are_apart_and_both_are_gone_at_the_end()
    {
        using (WorkFolder first = WorkFolder.Create(_folder.FullPath))
        using (WorkFolder second = WorkFolder.Create(_folder.FullPath))
        {
            first.FullPath.ShouldNotBe(second.FullPath);
            File.WriteAllText(first["file"], "x");
        }

        Directory.EnumerateDirectories(_folder["work"]).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_killed_bake_left_is_removed_when_the_next_command_starts_and_what_is_in_use_stays()
    {
        using WorkFolder used = WorkFolder.Create(_folder.FullPath);
        string left = _folder["work/7"];
        Directory.CreateDirectory(left);
        File.WriteAllText(Path.Combine(left, "file"), "x");
        CacheLease.Take(_folder.FullPath).Dispose();
        Directory.Exists(left).ShouldBeFalse();
        Directory.Exists(used.FullPath).ShouldBeTrue();
    }
}
