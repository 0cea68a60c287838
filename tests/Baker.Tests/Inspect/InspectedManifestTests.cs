using System.Text;
using Images.Baker.Inspect;
using Images.Formats;

namespace Images.Baker.Tests.Inspect;

public sealed class InspectedManifestTests
{
    private const string Digest = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    [Fact]
    public void A_manifest_is_read()
    {
        InspectedManifest manifest = Parse(Text());
        manifest.Files.Count.ShouldBe(1);
        manifest.Kubernetes!.Inputs.ShouldHaveSingleItem().Key.ShouldBe("a.deb");
    }

    [Theory]
    [InlineData("\"inputs\":{\"a.deb\":", "\"inputs\":{\"a.deb\":\"" + Digest + "\",\"a.deb\":")]
    [InlineData("\"licences\":[\"MIT\"]", "\"licences\":[null]")]
    [InlineData("\"licences\":[\"MIT\"]", "\"licences\":[7]")]
    [InlineData("\"licences\":[\"MIT\"]", "\"licences\":[\"\\ud800\"]")]
    [InlineData("\"etc/x\":\"" + Digest + "\"", "\"etc/x\":null")]
    [InlineData("\"etc/x\"", "\"../x\"")]
    [InlineData("\"etc/x\":\"" + Digest + "\"", "\"etc/x\":\"sha256:00\"")]
    [InlineData("\"name\":\"node\"", "\"name\":\"node\",\"name\":\"other\"")]
    public void What_no_bake_writes_is_refused(string part, string other)
    {
        Text().ShouldContain(part);
        Should.Throw<MalformedDataException>(() => Parse(Text().Replace(part, other, StringComparison.Ordinal)));
    }

    private static InspectedManifest Parse(string text) => InspectedManifest.Parse(Encoding.UTF8.GetBytes(text), "manifest.json");

    private static string Text() => $$$"""
        {"name":"node","version":"1","created":"2026-01-01T00:00:00Z","kernel":"6","packages":[],"files":{"etc/x":"{{{Digest}}}"},
        "kubernetes":{"version":"1.20.2","source":"debian","endOfLife":"2022-02-28","inputs":{"a.deb":"{{{Digest}}}"},"licences":["MIT"]}}
        """;
}
