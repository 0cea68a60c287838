using System.Net;
using System.Security.Cryptography;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

public sealed class CsrClaimTests
{
    [Fact]
    public async Task A_machine_says_which_key_it_asks_with_only_as_long_as_the_kubelet_keeps_it()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
        string address = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}.1";
        string keyPath = folder["kubelet-client.key.tmp"];
        Task server = new CsrClaimServer(new IPEndPoint(IPAddress.Parse(address), CsrClaim.Port), "w1", keyPath, TimeProvider.System).RunAsync(stop.Token);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string digest = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        CsrClaimClient client = new();
        string[] addresses = [address, address[..^1] + "2"];
        ((await client.AskAsync(addresses, stop.Token)).At("w1", digest)).ShouldBeEmpty();

        Judge.Try("openssl", ["ec", "-out", keyPath], System.Text.Encoding.ASCII.GetBytes(key.ExportECPrivateKeyPem())).ExitCode.ShouldBe(0); // "EC PRIVATE KEY", as kubelets write it
        ((await client.AskAsync(addresses, stop.Token)).At("w1", digest)).ShouldBe([address]);
        ((await client.AskAsync(addresses, stop.Token)).At("w2", digest)).ShouldBeEmpty();
        ((await client.AskAsync(addresses, stop.Token)).At("w1", new string('0', 64))).ShouldBeEmpty();

        File.Delete(keyPath);
        ((await client.AskAsync(addresses, stop.Token)).At("w1", digest)).ShouldBeEmpty();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(server);
    }
}
