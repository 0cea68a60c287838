using System.Formats.Tar;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Upgrade;

public sealed class UpgradeTrustTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly UpgradeManifest _manifest = new SampleImage(1, dataBlocks: 2).Manifest;

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_machine_with_keys_takes_what_one_of_them_signed_and_nothing_else()
    {
        UpgradeKeys keys = WithList(Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()));
        byte[] json = _manifest.ToJson();
        Require(keys, json, Sign(json));
        Refused(keys, json, signature: null).ShouldContain("it is not signed");
        Refused(keys, (_manifest with { Version = "9.9.9" }).ToJson(), Sign(json)).ShouldContain("none of this machine's keys");
        Refused(keys, json, new byte[64]).ShouldContain("none of this machine's keys");
    }

    [Fact]
    public void A_machine_without_a_list_takes_what_nobody_signed()
    {
        UpgradeKeys keys = UpgradeTrust.ReadKeys(new NodeRoot(_folder[""]));
        keys.Any.ShouldBeFalse();
        Require(keys, _manifest.ToJson(), signature: null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    public void A_list_that_names_no_key_takes_nothing(string text) =>
        Should.Throw<BootFailure>(() => WithList(text)).Code.ShouldBe("NODE0819");

    [Theory]
    [InlineData("0.2.0", "0.2.0+k8s1.20.2-debian", true)]
    [InlineData("0.2.0", "0.10.0", true)]
    [InlineData("0.2.0", "0.1.9", false)]
    [InlineData("0.2.0", "rolling", false)]
    public void An_upgrade_below_the_minimum_is_refused_whoever_signed_it(string minimum, string version, bool isTaken)
    {
        Put(NodePaths.UpgradeMinimum, minimum + "\n");
        Version? least = UpgradeTrust.ReadMinimum(new NodeRoot(_folder["root"]));
        if (isTaken)
        {
            UpgradeTrust.RequireNotBelow(least, _manifest with { Version = version });
        }
        else
        {
            Should.Throw<BootFailure>(() => UpgradeTrust.RequireNotBelow(least, _manifest with { Version = version })).Message
                .ShouldStartWith($"NODE0818  the upgrade: it is {version}, and this machine's image takes nothing older than {minimum}; ");
        }
    }

    [Fact]
    public void A_minimum_that_is_no_version_takes_nothing_and_none_takes_all()
    {
        UpgradeTrust.ReadMinimum(new NodeRoot(_folder["root"])).ShouldBeNull();
        UpgradeTrust.RequireNotBelow(null, _manifest with { Version = "rolling" });
        Put(NodePaths.UpgradeMinimum, "newest\n");
        Should.Throw<BootFailure>(() => UpgradeTrust.ReadMinimum(new NodeRoot(_folder["root"]))).Code.ShouldBe("NODE0819");
    }

    [Fact]
    public void A_server_that_stalls_is_given_up()
    {
        using PatientStream stream = new(new Pipe().Reader.AsStream(), TimeSpan.FromMilliseconds(100));
        Should.Throw<IOException>(() => stream.ReadByte()).Message.ShouldContain("has sent nothing");
    }

    private UpgradeKeys WithList(string text)
    {
        Put(NodePaths.UpgradeKeys, text);
        return UpgradeTrust.ReadKeys(new NodeRoot(_folder["root"]));
    }

    private void Put(string name, string text)
    {
        string path = _folder["root" + name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private byte[] Sign(byte[] manifest) => _key.SignData(manifest, HashAlgorithmName.SHA256);

    private static string Refused(UpgradeKeys keys, byte[] manifest, byte[]? signature)
    {
        BootFailure failure = Should.Throw<BootFailure>(() => Require(keys, manifest, signature));
        failure.Code.ShouldBe("NODE0817");
        return failure.Message;
    }

    private static void Require(UpgradeKeys keys, byte[] manifest, byte[]? signature)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            Add(writer, UpgradeArtefact.ManifestName, manifest);
            if (signature is not null)
            {
                Add(writer, UpgradeArtefact.SignatureName, signature);
            }
        }

        archive.Position = 0;
        using UpgradeArtefact artefact = UpgradeArtefact.Open(archive, "test");
        UpgradeTrust.Require(keys, artefact);
    }

    private static void Add(TarWriter writer, string name, byte[] bytes) =>
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
}
