using Images.Baker.Ssh;
using Images.TestSupport;

namespace Images.Baker.Tests.Ssh;

public sealed class KnownMachineFileTests : IDisposable
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    private const string Good = $$"""{"machines":[{"host":"etcd1","role":"Etcd","hostName":"etcd1","machine":"01","keys":["{{Key}}"]}]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly KnownMachineFile _file;

    public KnownMachineFileTests() => _file = new KnownMachineFile(_folder.FullPath);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_again()
    {
        _file.Read().ShouldBeEmpty();
        File.WriteAllText(_file.Place, Good);
        KnownMachine machine = _file.Read().ShouldHaveSingleItem();
        machine.Lines.ShouldBe([$"etcd1 {Key}"]);
        _file.Write([machine with { Host = "etcd2:2222" }, machine]);
        _file.Read().Select(one => one.Host).ShouldBe(["etcd1", "etcd2:2222"]);
        File.ReadAllText(_file.KnownHosts).ShouldBe($"etcd1 {Key}\n[etcd2]:2222 {Key}\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"machines":null}""")]
    [InlineData("""{"machines":[null]}""")]
    [InlineData("""{"machines":[{}]}""")]
    [InlineData("""{"machines":[{"host":"a","role":"Guest","hostName":"a","machine":"01","keys":[]}]}""")]
    [InlineData("""{"machines":[{"host":"a","role":"Etcd","hostName":"a","machine":"01","keys":[null]}]}""")]
    [InlineData("""{"machines":[{"host":"a","role":"Etcd","hostName":"a","machine":"01","keys":["ssh-ed25519 AAAA"]}]}""")]
    [InlineData("""{"machines":[{"host":"a","role":"Etcd","hostName":"a","machine":"01","keys":""")]
    public void A_damaged_file_counts_for_nothing_and_is_no_empty_one(string text)
    {
        File.WriteAllText(_file.Place, text);
        Should.Throw<BakeException>(() => _file.Read()).Code.ShouldBe("BAKE0851");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void Without_the_clusters_authorities_nobody_is_asked(string? certificate)
    {
        if (certificate is not null)
        {
            File.WriteAllText(_folder["etcd-client.crt"], certificate);
        }

        BakeException refusal = Should.Throw<BakeException>(() => ClusterTrust.Read(_folder.FullPath));
        refusal.Code.ShouldBe("BAKE0850");
        refusal.Place.ShouldBe(_folder["etcd-client.crt"]);
    }
}
