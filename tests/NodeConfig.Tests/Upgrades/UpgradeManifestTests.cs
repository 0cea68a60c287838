using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats;
using Images.NodeConfig.Upgrades;

namespace Images.NodeConfig.Tests.Upgrades;

public sealed class UpgradeManifestTests
{
    private static readonly UpgradeManifest _manifest = new SampleUpgrade().Manifest;

    [Fact]
    public void Whatever_a_manifest_says_comes_back() =>
        Prop.ForAll<PositiveInt, PositiveInt, bool>((blocks, uki, isDelta) =>
        {
            UpgradeManifest manifest = Of(blocks.Get) with
            {
                Version = $"{uki.Get}.0+a~b",
                UkiBytes = uki.Get,
                Kubernetes = isDelta ? null : "1.36.2",
                From = isDelta ? "0.1.0" : null,
                Delta = isDelta ? new UpgradeBase { FromRootHash = new string('1', 64), Bytes = uki.Get, Sha256 = new string('2', 64), UkiBytes = 7, UkiSha256 = new string('3', 64) } : null,
            };
            return UpgradeManifest.FromJson(manifest.ToJson(), "manifest.json") == manifest;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_bytes_are_plain_lines()
    {
        string text = Encoding.UTF8.GetString(_manifest.ToJson());
        text.ShouldStartWith("{\n  \"format\": 1,\n  \"name\": \"node\",\n  \"version\": \"0.2.0+k8s1.20.2-debian\",\n");
        text.ShouldEndWith("}\n");
        text.ShouldNotContain("null");
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2", "format 2")]
    [InlineData("\"format\": 1", "\"format\": \"1\"", "names no format")]
    [InlineData("\"format\": 1,", "", "names no format")]
    [InlineData("\"format\": 1,", "\"format\": 1, \"more\": 1,", "more")]
    [InlineData("\"format\": 1,", "\"format\": 1, \"name\": \"twice\",", "name")]
    [InlineData("\"name\": \"node\",", "", "name")]
    [InlineData("\"name\": \"node\"", "\"name\": null", "name")]
    [InlineData("\"name\": \"node\"", "\"name\": \"../node\"", "'name'")]
    [InlineData("\"name\": \"node\"", "\"Name\": \"node\"", "Name")]
    [InlineData("\"version\": \"0.2.0", "\"version\": \"0.2.0\\u001b[31m", "'version'")]
    [InlineData("\"rootBytes\": 16384", "\"rootBytes\": 16385", "'verity'")]
    [InlineData("\"rootBytes\": 16384", "\"rootBytes\": -4096", "'rootBytes'")]
    [InlineData("\"rootBytes\": 16384", "\"rootBytes\": 9223372036854775807", "'rootBytes'")]
    [InlineData("\"rootBytes\": 16384", "\"rootBytes\": 9223372036854775808", "rootBytes")]
    [InlineData("\"dataBlocks\": 3", "\"dataBlocks\": 4611686018427387904", "'verity'")]
    [InlineData("\"dataBlocks\": 3", "\"dataBlocks\": 0", "'verity'")]
    [InlineData("\"hashStartBlock\": 3", "\"hashStartBlock\": 2", "'verity'")]
    [InlineData("\"slotBytes\": 1048576", "\"slotBytes\": 16383", "'slotBytes'")]
    [InlineData("\"ukiBytes\": 9000", "\"ukiBytes\": 0", "'ukiBytes'")]
    [InlineData("\"ukiBytes\": 9000", "\"ukiBytes\": 1099511627776", "'ukiBytes'")]
    [InlineData("\"rootHash\": \"aaa", "\"rootHash\": \"Aaa", "'rootHash'")]
    [InlineData("\"rootHash\": \"aaa", "\"rootHash\": \"aa", "'rootHash'")]
    public void A_manifest_that_a_bake_does_not_write_is_refused_by_name(string from, string to, string named)
    {
        string text = Encoding.UTF8.GetString(_manifest.ToJson());
        text.ShouldContain(from);
        MalformedDataException fault = Should.Throw<MalformedDataException>(() => Read(text.Replace(from, to, StringComparison.Ordinal)));
        fault.Message.ShouldStartWith("manifest.json: ");
        fault.Message.ShouldContain(named);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{} {}")]
    public void What_is_no_object_is_refused(string text) => Should.Throw<MalformedDataException>(() => Read(text));

    [Fact]
    public void A_manifest_of_more_than_64_kibibytes_is_refused() =>
        Should.Throw<MalformedDataException>(() => Read(new string(' ', UpgradeManifest.MaximumBytes) + "{}")).Message.ShouldContain("65538");

    private static UpgradeManifest Read(string text) => UpgradeManifest.FromJson(Encoding.UTF8.GetBytes(text), "manifest.json");

    private static UpgradeManifest Of(long dataBlocks)
    {
        long bytes = dataBlocks + (dataBlocks > 1 ? Levels(dataBlocks) : 0);
        return _manifest with
        {
            Verity = new UpgradeVerity { Salt = new string('b', 64), DataBlocks = dataBlocks, HashStartBlock = dataBlocks },
            RootBytes = bytes * 4096,
            SlotBytes = bytes * 4096,
        };
    }

    private static long Levels(long blocks)
    {
        long above = (blocks + 127) / 128;
        return above == 1 ? 1 : above + Levels(above);
    }
}
