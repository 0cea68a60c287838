using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Baker.Containers.Oci;
using Images.Formats;

namespace Images.Baker.Tests.Containers.Oci;

public sealed class OciDocumentReaderTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Config = $$"""{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest}}","size":2}""";
    private const string Layer = $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{Digest}}","size":2}""";

    [Fact]
    public void A_document_without_a_media_type_is_known_by_its_content()
    {
        Read($$"""{"schemaVersion":2,"config":{{Config}},"layers":[{{Layer}}],"something":"new"}""").ShouldBeOfType<OciManifest>().MediaType.ShouldBe(OciMediaTypes.Manifest);
        Read("""{"schemaVersion":2,"manifests":[]}""").ShouldBeOfType<OciIndex>().MediaType.ShouldBe(OciMediaTypes.Index);
    }

    [Fact]
    public void The_manifest_for_this_processor_is_taken_and_one_without_a_variant_first()
    {
        string[] entries =
        [
            Entry('1', ""),
            Entry('2', ""","platform":{"os":"unknown","architecture":"unknown"}"""),
            Entry('3', ""","platform":{"os":"linux","architecture":"amd64","variant":"v3"}"""),
            Entry('4', ""","platform":{"os":"linux","architecture":"amd64"}"""),
            Entry('5', ""","platform":{"os":"linux","architecture":"arm","variant":"v7"}"""),
        ];
        OciIndex index = (OciIndex)Read($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', entries)}}]}""");

        index.For("amd64", "x").Digest.Hex.ShouldBe(new string('4', 64));
        Should.Throw<BakeException>(() => index.For("riscv64", "x")).Message.ShouldContain("linux/arm/v7");
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "schema 2")]
    [InlineData("""{"schemaVersion":1,"fsLayers":[]}""", "schema 2")]
    [InlineData("""{"schemaVersion":2,"schemaVersion":2,"manifests":[]}""", "JSON")]
    [InlineData("""{"schemaVersion":2}""", "does not go")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", "does not go")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}""", "does not go")]
    [InlineData("""{"schemaVersion":2,"layers":[]}""", "no configuration")]
    [InlineData("""{"schemaVersion":2,"mediaType":"\ud800","manifests":[]}""", "JSON")]
    [InlineData("""{"schemaVersion":2,"manifests":{}}""", "no list")]
    [InlineData("""{"schemaVersion":2,"manifests":[1]}""", "no object")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"sha512:00","size":1}]}""", "no sha256")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"SIZE","size":-1}]}""", "no size")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"SIZE","size":99999999999999}]}""", "no size")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"DIGEST","size":1},"layers":[]}""", "helm")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","digest":"DIGEST","size":1}]}""", "foreign")]
    public void What_is_no_image_for_a_node_is_refused(string text, string named)
    {
        string document = text.Replace("DIGEST", Digest, StringComparison.Ordinal).Replace("CONFIG", Config, StringComparison.Ordinal);
        Should.Throw<MalformedDataException>(() => Read(document)).Message.ShouldContain(named);
    }

    [Fact]
    public void Whatever_is_spoilt_in_a_document_is_malformed_data_and_no_bug()
    {
        byte[] sound = Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"mediaType":"{{{OciMediaTypes.Manifest}}}","config":{{{Config}}},"layers":[{{{Layer}}}],"annotations":{"a":"b"}}""");
        Prop.ForAll(Gen.Choose(0, sound.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (position, value) =>
        {
            byte[] spoilt = [.. sound];
            spoilt[position] = (byte)value;
            try
            {
                _ = OciDocumentReader.Read(spoilt, "test");
            }
            catch (MalformedDataException)
            {
                // the only answer to bytes that break a rule
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static string Entry(char digit, string platform) =>
        "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:" + new string(digit, 64) + "\",\"size\":1" + platform + "}";

    private static OciDocument Read(string text) => OciDocumentReader.Read(Encoding.UTF8.GetBytes(text), "test");
}
