using Images.Formats.SquashFs;
using Images.TestSupport;

namespace Images.Baker.Tests.Reproducibility;

/// <summary>zlib-ng takes other code paths on other processors; the compressed bytes must not show which.</summary>
public sealed class EmulatedProcessorTests
{
    private const int Attempts = 6;

    [Fact]
    public void An_old_processor_compresses_to_the_same_bytes() => CompareOn("Nehalem");

    [Theory]
    [Trait("Category", "Full")]
    [InlineData("qemu64")]
    [InlineData("Westmere")]
    [InlineData("Haswell")]
    [InlineData("Skylake-Client")]
    [InlineData("EPYC")]
    [InlineData("max")]
    public void Every_processor_compresses_to_the_same_bytes(string model) => CompareOn(model);

    private static void CompareOn(string model)
    {
        using TemporaryFolder folder = new();
        string baker = typeof(BakeException).Assembly.Location;
        File.Copy(baker, folder["program"]);
        File.WriteAllBytes(folder["letters"], SampleData.Letters(600_000, 1));
        string[] command = [baker, "compressor", folder["program"], folder["letters"]];
        string native = Judge.Run("dotnet", command);
        native.ShouldStartWith(CompressorIdentity.Current);

        // the emulator now and then loses a thread's memory (SIGSEGV); its crash says nothing about the bytes
        JudgeResult emulated = Judge.Try("qemu-x86_64", ["-cpu", model, Judge.Find("dotnet"), .. command]);
        for (int attempt = 1; attempt < Attempts && emulated.ExitCode != 0; attempt++)
        {
            emulated = Judge.Try("qemu-x86_64", ["-cpu", model, Judge.Find("dotnet"), .. command]);
        }

        emulated.ExitCode.ShouldBe(0, emulated.Error);
        emulated.Output.ShouldBe(native);
    }
}
