using System.Text.Json;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>The control plane itself judges what roles/ and the bootstrapper make for it. About half a minute on an idle machine.</summary>
[Trait("Category", "Full")]
public sealed class ControlPlaneTests
{
    [Fact]
    public void The_control_plane_runs_from_what_the_bootstrapper_makes_and_keeps_to_what_security_promises()
    {
        using NativeControlPlane plane = new();
        plane.StartEtcd();
        plane.StartProgram("kube-apiserver");
        string pki = $"{plane.Pki}/kubernetes";
        string[] controllerManager = [$"--client-certificate={pki}/kube-controller-manager.crt", $"--client-key={pki}/kube-controller-manager.key"];
        plane.WaitFor("a ready API server", () => plane.Kubectl([.. controllerManager, "get", "--raw", "/readyz"]).Output == "ok");
        plane.StartProgram("kube-controller-manager");
        plane.StartProgram("kube-scheduler");
        plane.WaitFor("both leases", () => plane.Admin("-n", "kube-system", "get", "lease", "kube-controller-manager", "kube-scheduler", "-o", "name").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 2);
        plane.WaitFor("the first ServiceAccount", () => plane.Admin("-n", "default", "get", "serviceaccount", "default").ExitCode == 0);

        SecretsAreCiphertextInEtcd(plane);
        TheTokenOfTheMetadataAuthenticates(plane);
        AServiceAccountsTokenIsSignedWithAnEllipticCurve(plane);
        NobodyComesWithoutACertificateOrWithTheWrongOne(plane);
        NothingListensThatShouldNot(plane);
    }

    private static void SecretsAreCiphertextInEtcd(NativeControlPlane plane)
    {
        plane.Admin("create", "secret", "generic", "precious", "--from-literal=word=butterfly").ExitCode.ShouldBe(0);
        JudgeResult raw = plane.Inside(
            "env", "ETCDCTL_API=3", Judge.Find("etcdctl"), "--endpoints=https://127.0.0.1:2379", $"--cacert={plane.Pki}/kubernetes/etcd-ca.crt",
            $"--cert={plane.Pki}/kubernetes/kube-apiserver-etcd-client.crt", $"--key={plane.Pki}/kubernetes/kube-apiserver-etcd-client.key", "get", "/registry/secrets/default/precious");
        raw.Output.ShouldContain("k8s:enc:secretbox:v1:key2:");
        raw.Output.ShouldNotContain("butterfly");
    }

    private static void TheTokenOfTheMetadataAuthenticates(NativeControlPlane plane)
    {
        plane.AdminApplies($$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: bootstrap-token-abcdef, namespace: kube-system }
            type: bootstrap.kubernetes.io/token
            stringData: { token-id: abcdef, token-secret: {{SampleMachine.TokenSecret}}, usage-bootstrap-authentication: "true", auth-extra-groups: "{{plane.Machine.State.Metadata.Node.Kubernetes.Tokens[0].AuthenticatedGroup}}" }
            """).ExitCode.ShouldBe(0);
        plane.WaitFor("the token", () => plane.Kubectl($"--token=abcdef.{SampleMachine.TokenSecret}", "get", "--raw", "/readyz").Output == "ok", 30);
        plane.Kubectl($"--token=abcdef.{SampleMachine.TokenSecret}", "get", "nodes").Error.ShouldContain("Forbidden");
        plane.Kubectl("--token=abcdef.aaaaaaaaaaaaaaaa", "get", "--raw", "/readyz").Error.ShouldContain("Unauthorized");
    }

    private static void AServiceAccountsTokenIsSignedWithAnEllipticCurve(NativeControlPlane plane)
    {
        string request = plane.Moved("/etc/kubernetes/token-request.json");
        File.WriteAllText(request, """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""");
        JudgeResult answer = plane.Admin("create", "--raw", "/api/v1/namespaces/default/serviceaccounts/default/token", "-f", request);
        answer.ExitCode.ShouldBe(0, answer.Error);
        using JsonDocument document = JsonDocument.Parse(answer.Output);
        string token = document.RootElement.GetProperty("status").GetProperty("token").GetString()!;
        string header = token.Split('.')[0].Replace('-', '+').Replace('_', '/');
        System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(header.PadRight((header.Length + 3) / 4 * 4, '='))).ShouldContain("ES256");
        plane.Kubectl($"--token={token}", "get", "--raw", "/readyz").Output.ShouldBe("ok");
    }

    private static void NobodyComesWithoutACertificateOrWithTheWrongOne(NativeControlPlane plane)
    {
        plane.Inside(Judge.Find("curl"), "--silent", "--cacert", $"{plane.Pki}/kubernetes/ca.crt", "--write-out", "%{http_code}", "--output", "/dev/null", $"https://{NativeControlPlane.Address}:6443/readyz").Output.ShouldBe("401");
        string pki = plane.Pki;
        plane.Kubectl($"--client-certificate={pki}/kubernetes/front-proxy-client.crt", $"--client-key={pki}/kubernetes/front-proxy-client.key", "get", "--raw", "/readyz").ExitCode.ShouldNotBe(0);
        plane.Kubectl($"--client-certificate={pki}/kubernetes/kube-scheduler-serving.crt", $"--client-key={pki}/kubernetes/kube-scheduler-serving.key", "get", "--raw", "/readyz").ExitCode.ShouldNotBe(0);
        plane.Kubectl($"--client-certificate={pki}/kubernetes/kube-scheduler.crt", $"--client-key={pki}/kubernetes/kube-scheduler.key", "get", "secrets").Error.ShouldContain("Forbidden");
    }

    private static void NothingListensThatShouldNot(NativeControlPlane plane)
    {
        string[] listening = [.. plane.Inside("ss", "-ltnH").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]).Order(StringComparer.Ordinal)];
        listening.ShouldBe(
            [
                "*:6443", $"{NativeControlPlane.Address}:2379", $"{NativeControlPlane.Address}:2380",
                "127.0.0.1:10257", "127.0.0.1:10259", "127.0.0.1:2379", "127.0.0.1:2381",
            ],
            ignoreOrder: true);
    }
}
