using Images.Bootstrapper.Files;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Files;

public sealed class AtomicFileTests
{
    [Fact]
    public void A_file_is_replaced_whole_with_its_mode_and_nothing_beside_it()
    {
        using TemporaryFolder folder = new();
        string path = folder["a/b.json"];
        AtomicFile.Write(path, "one", AtomicFile.OwnerOnly);
        AtomicFile.Write(path, "two", AtomicFile.Public);
        File.ReadAllText(path).ShouldBe("two");
        File.GetUnixFileMode(path).ShouldBe(AtomicFile.Public);
        Directory.GetFiles(folder["a"]).ShouldBe([path]);
    }

    [Fact]
    public void What_a_power_cut_left_beside_the_file_is_overwritten()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["x"] + AtomicFile.PartialSuffix, "half of a much longer text");
        AtomicFile.Write(folder["x"], "whole", AtomicFile.OwnerOnly);
        File.ReadAllText(folder["x"]).ShouldBe("whole");
        Directory.GetFiles(folder.FullPath).Length.ShouldBe(1);
    }

    [Fact]
    public void A_private_file_is_never_readable_by_others_not_even_while_written()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Write(folder["key"], "k", AtomicFile.OwnerOnly);
        File.GetUnixFileMode(folder["key"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
