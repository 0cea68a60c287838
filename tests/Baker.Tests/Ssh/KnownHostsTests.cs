using System.Security.Cryptography;
using System.Text;
using Images.Baker.Ssh;

namespace Images.Baker.Tests.Ssh;

public sealed class KnownHostsTests
{
    private const string Key = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgM=";
    private const string Other = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgQ=";

    [Theory]
    [InlineData("10.0.0.11 ssh-ed25519 " + Key, "10.0.0.11", 22, true)]
    [InlineData("etcd1,10.0.0.11 ssh-ed25519 " + Key + " comment", "10.0.0.11", 22, true)]
    [InlineData("10.0.0.11 ssh-ed25519 " + Other, "10.0.0.11", 22, false)]
    [InlineData("10.0.0.12 ssh-ed25519 " + Key, "10.0.0.11", 22, false)]
    [InlineData("10.0.0.11 ssh-ed25519 " + Key, "10.0.0.11", 2222, false)]
    [InlineData("[10.0.0.11]:2222 ssh-ed25519 " + Key, "10.0.0.11", 2222, true)]
    [InlineData("@revoked 10.0.0.11 ssh-ed25519 " + Key, "10.0.0.11", 22, false)]
    [InlineData("@revoked * ssh-ed25519 " + Other + "\n10.0.0.11 ssh-ed25519 " + Key, "10.0.0.11", 22, true)]
    [InlineData("10.0.0.11 ssh-ed25519 " + Key + "\n@revoked * ssh-ed25519 " + Key, "10.0.0.11", 22, false)]
    [InlineData("10.0.0.11 ssh-ed25519 " + Key + "\n  @revoked\t* ssh-ed25519 " + Key, "10.0.0.11", 22, false)]
    [InlineData("  # 10.0.0.11 ssh-ed25519 " + Key, "#", 22, false)]
    [InlineData("@cert-authority 10.0.0.11 ssh-ed25519 " + Key, "10.0.0.11", 22, false)]
    [InlineData("# 10.0.0.11 ssh-ed25519 " + Key, "10.0.0.11", 22, false)]
    [InlineData("10.0.0.11 ssh-ed25519 !", "10.0.0.11", 22, false)]
    [InlineData("", "10.0.0.11", 22, false)]
    public void A_host_is_known_by_its_name_its_port_and_its_key(string line, string host, int port, bool isKnown) =>
        new KnownHosts(line.Split('\n')).Has(host, port, Convert.FromBase64String(Key)).ShouldBe(isKnown);

    [Fact]
    public void A_hashed_name_is_known_too()
    {
        byte[] salt = [1, 2, 3, 4];
#pragma warning disable CA5350 // OpenSSH's own form
        string hash = Convert.ToBase64String(HMACSHA1.HashData(salt, Encoding.ASCII.GetBytes("etcd1")));
#pragma warning restore CA5350
        KnownHosts known = new([$"|1|{Convert.ToBase64String(salt)}|{hash} ssh-ed25519 {Key}"]);

        known.Has("etcd1", 22, Convert.FromBase64String(Key)).ShouldBeTrue();
        known.Has("etcd2", 22, Convert.FromBase64String(Key)).ShouldBeFalse();
    }
}
