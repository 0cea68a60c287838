using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Pki;

public sealed class CertificateRenewalTests
{
    private static readonly DateTimeOffset _now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Certificates_are_looked_at_when_the_clock_jumps_and_made_anew_where_the_jump_makes_them_wrong()
    {
        using TemporaryFolder folder = new();
        SetClock clock = new(_now);
        CertificateLife life = new() { Look = TimeSpan.FromHours(1), ClockLook = TimeSpan.FromMilliseconds(20) };
        ClusterSecrets secrets = TestAuthority.Secrets("etcd-client", TestAuthority.Create("etcd-client", _now.AddYears(-1)));
        NodeCertificates certificates = new(new NodeRoot(folder.FullPath), secrets, life, clock, DateTimeOffset.UnixEpoch);
        NodeState state = State();
        CertificatePlan plan = CertificateCatalogue.Find("etcd-server", state);
        certificates.Ensure(plan);
        List<string> said = [];
        List<double> jumps = [];
        using CancellationTokenSource stop = new();
        Task run = new CertificateRenewal(state, certificates, life, new Narrator(line =>
        {
            lock (said)
            {
                said.Add(line);
            }
        }), (jump, _) =>
        {
            jumps.Add(Math.Round(jump.TotalDays));
            return Task.CompletedTask;
        }).RunAsync(clock, stop.Token);

        await JumpAsync(_now.AddYears(3), 2); // its battery was flat: the certificate has ended
        await JumpAsync(_now.AddDays(1), 4); // and back: it has not begun
        await JumpAsync(_now.AddDays(2), 5); // a day changes nothing
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
        said.Select(Rounded).ShouldBe([
            "the clock was set forward by 1096d 00:00:00; looking at the certificates",
            "certificate etcd-server renewed: less than a third of its life was left",
            "the clock was set back by 1095d 00:00:00; looking at the certificates",
            "certificate etcd-server renewed: the clock went back before its beginning",
            "the clock was set forward by 1d 00:00:00; looking at the certificates",
        ]);
        certificates.Ensure(plan).ShouldBeNull();
        jumps.ShouldBe([1096, -1095, 1]);

        // the milliseconds between two looks make 23:59:59 of a day
        static string Rounded(string line) => line
            .Replace("1095d 23:59:59", "1096d 00:00:00", StringComparison.Ordinal)
            .Replace("1094d 23:59:59", "1095d 00:00:00", StringComparison.Ordinal)
            .Replace("forward by 0d 23:59:59", "forward by 1d 00:00:00", StringComparison.Ordinal);

        async Task JumpAsync(DateTimeOffset to, int lines)
        {
            clock.Now = to;
            for (int i = 0; i < 500 && Lines() < lines; i++)
            {
                await Task.Delay(20);
            }

            await Task.Delay(100); // nothing more comes
            Lines().ShouldBe(lines);
        }

        int Lines()
        {
            lock (said)
            {
                return said.Count;
            }
        }
    }

    [Fact]
    public void A_certificate_that_no_unit_has_had_yet_is_not_the_renewals_to_make()
    {
        using TemporaryFolder folder = new();
        ClusterSecrets secrets = TestAuthority.Secrets("etcd-client", TestAuthority.Create("etcd-client", _now.AddYears(-1)));
        NodeCertificates certificates = new(new NodeRoot(folder.FullPath), secrets, CertificateLife.Usual, new SetClock(_now), DateTimeOffset.UnixEpoch);
        List<string> said = [];
        new CertificateRenewal(State(), certificates, CertificateLife.Usual, new Narrator(said.Add), (_, _) => Task.CompletedTask).RenewAll();
        said.ShouldBeEmpty();
        certificates.Has(CertificateCatalogue.Find("etcd-server", State())).ShouldBeFalse();
    }

    private static NodeState State() => new()
    {
        Identity = new NodeIdentity
        {
            InstanceId = "i",
            Roles = ["etcd"],
            Cluster = "demo",
            Domain = "k8s",
            Hostname = "etcd1",
            Address = "10.0.0.11",
            FirstBoot = _now,
        },
        Metadata = CloudConfig.Parse(FakeMachine.EtcdUserData(), "user-data", RolesOfProduct.Named("etcd")),
        ImageRoles = CompiledRoles.Of([RoleFile.Parse("role: etcd\ndns: etcd\nservices: [{unit: etcd.service, certificates: [etcd-server]}]\n", "etcd.yaml")]),
    };
}
