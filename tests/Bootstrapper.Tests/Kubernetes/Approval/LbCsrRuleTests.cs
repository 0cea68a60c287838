using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

public sealed class LbCsrRuleTests : IDisposable
{
    private const string Token = "system:bootstrap:lblblb";
    private const string Group = "system:bootstrappers:lb";
    private static readonly string[] _tokenGroups = ["system:bootstrappers", Group, "system:authenticated"];

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void An_lb_whose_machine_says_so_at_an_address_in_DNS_is_approved() =>
        Judge(Request().AskedBy(Token, _tokenGroups), ["10.0.0.41"])
            .ShouldBe(CsrVerdict.Approved("the machine at 10.0.0.41, which DNS names as an lb, asks for it"));

    [Fact]
    public void An_lb_that_has_a_certificate_gets_the_next_one_under_its_own_name_only()
    {
        Judge(Request().AskedBy("images:lb:lb1", LbIdentity.Group), ["10.0.0.41"]).Approve.ShouldBeTrue();
        Left(Judge(Request().AskedBy("images:lb:lb2", LbIdentity.Group), ["10.0.0.41"])).ShouldBe("'images:lb:lb2' asks for it, who is not that lb");
    }

    [Theory]
    [InlineData("O=system:masters, CN=images:lb:lb1", "its organization is 'system:masters' and not images:lb alone")]
    [InlineData("O=images:lb, O=system:masters, CN=images:lb:lb1", "and not images:lb alone")]
    [InlineData("O=images:lb, CN=kubernetes-admin", "its common name is 'kubernetes-admin', which is no lb's")]
    [InlineData("O=images:lb, CN=images:lb:", "which is no lb's")]
    [InlineData("O=images:lb, CN=images:masters-agent", "which is no lb's")]
    [InlineData("O=images:lb, OU=x, CN=images:lb:lb1", "the subject part")]
    public void Nobody_gets_another_s_name_by_the_lbs_token(string subject, string reason) =>
        Left(Judge(Request(subject).AskedBy(Token, _tokenGroups), ["10.0.0.41"])).ShouldContain(reason);

    [Fact]
    public void Who_has_a_worker_s_token_is_no_lb()
    {
        KubernetesObject request = Request().AskedBy("system:bootstrap:abcdef", "system:bootstrappers", CsrSample.WorkerGroup);

        LbCsrRule.IsMeant(request, Group).ShouldBeFalse();
        Left(Judge(request, ["10.0.0.41"])).ShouldContain("who is no lb");
    }

    [Fact]
    public void A_token_holder_for_whom_no_machine_or_more_than_one_stands_is_left_alone()
    {
        Left(Judge(Request().AskedBy(Token, _tokenGroups), [])).ShouldBe("no machine among the lbs in DNS (10.0.0.41, 10.0.0.42) says that it asks to be images:lb:lb1 with this key");
        Left(Judge(Request().AskedBy(Token, _tokenGroups), ["10.0.0.41", "10.0.0.42"])).ShouldStartWith("several machines say");
    }

    [Fact]
    public void A_request_for_a_server_s_certificate_is_left_alone()
    {
        KubernetesObject serving = CsrSample.Make("lb1", LbIdentity.Signer, CsrSample.Pem(_key, "O=images:lb, CN=images:lb:lb1", ["masters.demo.k8s"]), CsrSample.ServingUsages).AskedBy(Token, _tokenGroups);
        Left(Judge(serving, ["10.0.0.41"])).ShouldContain("its usages are");

        KubernetesObject named = CsrSample.Make("lb1", LbIdentity.Signer, CsrSample.Pem(_key, "O=images:lb, CN=images:lb:lb1", ["masters.demo.k8s"]), CsrSample.ClientUsages).AskedBy(Token, _tokenGroups);
        Left(Judge(named, ["10.0.0.41"])).ShouldBe("a client's request holds alternative names");
    }

    private JsonObject Request(string subject = "O=images:lb, CN=images:lb:lb1") =>
        CsrSample.Make("lb1", LbIdentity.Signer, CsrSample.Pem(_key, subject), CsrSample.ClientUsages);

    private static CsrVerdict Judge(KubernetesObject request, string[] claimedAt) =>
        LbCsrRule.Judge(CsrRequest.Read(request), PeerSet.Parse(["10.0.0.41", "10.0.0.42"]), claimedAt, Group, given: 0);

    private static string Left(CsrVerdict verdict)
    {
        verdict.Approve.ShouldBeFalse();
        return verdict.Reason;
    }
}
