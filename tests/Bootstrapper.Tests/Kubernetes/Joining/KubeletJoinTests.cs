using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.Joining;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Api;
using Images.Bootstrapper.Tests.Kubernetes.Approval;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Joining;

public sealed class KubeletJoinTests : IDisposable
{
    private static readonly AuthorityPem _authority = AuthorityPem.Create("demo kubernetes");

    private readonly FakeMachine _node = new();
    private readonly FakeWatchApi _api = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly List<string> _said = [];
    private DateTimeOffset _now = DateTimeOffset.UtcNow;
    private string _foreign = "";
    private int _restarts;

    public void Dispose()
    {
        _stop.Cancel();
        _api.Dispose();
        _node.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task The_certificate_that_the_API_gives_lies_where_a_kubelet_keeps_it_and_an_expired_one_is_asked_for_again()
    {
        bool isSigned = false;
        _api.Answer = (method, path) => method == "POST" ? (201, _api.LastBody) : isSigned && IsLast(path) ? (200, Signed(_api.LastBody)) : (404, "{}");
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => _api.Requests.Count(line => line.StartsWith("POST", StringComparison.Ordinal)) > 2);
        CsrRequest request = CsrRequest.Read(KubernetesObject.Parse(Encoding.UTF8.GetBytes(_api.LastBody)));
        (request.CommonName, string.Join(',', request.Organizations), request.Signer, request.Oddities.Count).ShouldBe(("system:node:w1", "system:nodes", CsrRequest.ClientSigner, 0));
        using (ECDsa key = ECDsa.Create())
        {
            key.ImportFromPem(_node.Get(KubernetesNode.KubeletRequestKey));
            Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())).ShouldBe(request.KeyDigest, "the machine can say with which key it asks");
        }

        isSigned = true;
        string link = _node.Root[KubernetesNode.KubeletCertificate];
        await UntilAsync(() => File.Exists(link) && !_node.Has(KubernetesNode.KubeletRequestKey));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(link);
        certificate.HasPrivateKey.ShouldBeTrue();
        new FileInfo(link).LinkTarget!.ShouldMatch(@"^kubelet-client-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.pem$");
        File.GetUnixFileMode(link).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        _restarts.ShouldBe(0, "a kubelet that waits for its first certificate goes on by itself");
        _now = new DateTimeOffset(certificate.NotAfter).AddMinutes(1);
        await UntilAsync(() => new FileInfo(link).LinkTarget is { } target && target.Contains(_now.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await UntilAsync(() => _restarts > 0);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said[0].ShouldStartWith("kubelet.service: asks the masters for the certificate of the Node w1, request images-");
        _said[1].ShouldStartWith("kubelet.service: has the certificate of the Node w1, valid until ");
    }

    [Fact]
    public async Task A_master_signs_its_own_kubelets_certificate_and_asks_nobody()
    {
        string link = _node.Root[KubernetesNode.KubeletCertificate];
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(_authority.Certificate, _authority.Key);
        X509Certificate2 Sign(ECDsa key) => CertificateMint.Sign(
            KubernetesCertificates.Kubelet("m1"), key, signer, new CertificateLife { Validity = TimeSpan.FromDays(30) }, _now);
        Task running = new KubeletJoin(_node.Root, "m1", "", _api.Connect, IsOfCluster, () => _now, RestartAsync, Sign, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => File.Exists(link));
        using (X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(link))
        {
            certificate.HasPrivateKey.ShouldBeTrue();
            certificate.SubjectName.EnumerateRelativeDistinguishedNames().Select(name => name.GetSingleElementValue()).ShouldBe(["system:node:m1", "system:nodes"], ignoreOrder: true);
            certificate.NotAfter.ToUniversalTime().ShouldBe(_now.AddDays(30).UtcDateTime, TimeSpan.FromSeconds(1));
        }

        _restarts.ShouldBe(0);
        _now = _now.AddDays(31);
        await UntilAsync(() => _restarts > 0);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _api.Requests.ShouldBeEmpty();
        _node.Has(KubernetesNode.KubeletRequestKey).ShouldBeFalse("no other machine is given a word for its key");
        _said[0].ShouldStartWith("kubelet.service: has the certificate of the Node m1, valid until ");
    }

    [Fact]
    public async Task A_certificate_of_the_name_that_the_machine_had_is_put_away_and_another_asked_for()
    {
        _api.Answer = (method, _) => method == "POST" ? (201, _api.LastBody) : _api.LastBody.Length == 0 ? (404, "{}") : (200, Signed(_api.LastBody));
        string link = _node.Root[KubernetesNode.KubeletCertificate];
        using (CancellationTokenSource first = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            Task joining = new KubeletJoin(_node.Root, "old", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(first.Token);
            await UntilAsync(() => File.Exists(link));
            await first.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(joining);
        }

        _api.Answer = (_, _) => (503, "");
        Task running = new KubeletJoin(_node.Root, "new", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => _said.Any(line => line.Contains("cannot ask for the certificate of the Node new", StringComparison.Ordinal)));
        File.Exists(link).ShouldBeFalse();
        _said.ShouldContain("kubelet.service: the certificate is system:node:old's, and this is the Node new now; it asks for another");
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    [Fact]
    public async Task A_certificate_of_an_authority_that_the_metadata_no_longer_names_is_replaced_and_the_kubelet_started_anew()
    {
        _api.Answer = (method, _) => method == "POST" ? (201, _api.LastBody) : _api.LastBody.Length == 0 ? (404, "{}") : (200, Signed(_api.LastBody));
        string link = _node.Root[KubernetesNode.KubeletCertificate];
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => File.Exists(link));
        using X509Certificate2 first = X509Certificate2.CreateFromPemFile(link);
        _restarts.ShouldBe(0);

        // masters that still sign with the older authority: its certificates are not taken
        string certificate = Convert.ToBase64String(Encoding.ASCII.GetBytes(first.ExportCertificatePem()));
        bool isAsked = false;
        _api.Answer = (method, _) => method == "POST" ? (isAsked = true, (201, _api.LastBody)).Item2 : isAsked ? (200, With(_api.LastBody, "certificate", certificate)) : (404, "{}");
        _foreign = first.Thumbprint;
        await UntilAsync(() => _said.Exists(line => line.Contains("the masters sign with CN=demo kubernetes, an authority that this machine's metadata does not name", StringComparison.Ordinal)));
        _restarts.ShouldBe(0);
        X509Certificate2.CreateFromPemFile(link).Thumbprint.ShouldBe(first.Thumbprint);

        isAsked = false;
        _api.Answer = (method, _) => method == "POST" ? (isAsked = true, (201, _api.LastBody)).Item2 : isAsked ? (200, Signed(_api.LastBody)) : (404, "{}");
        await UntilAsync(() => _restarts > 0);
        X509Certificate2.CreateFromPemFile(link).Thumbprint.ShouldNotBe(first.Thumbprint);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said.Count(line => line.Contains("comes from CN=demo kubernetes, an authority that the metadata no longer names; it asks for another", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', _said));
    }

    [Fact]
    public async Task A_request_that_was_refused_is_said_with_the_reason_and_an_API_that_is_away_once()
    {
        int asked = 0;
        JsonArray refused = [new JsonObject { ["type"] = "Denied", ["message"] = "not you" }];
        _api.Answer = (method, _) => ++asked < 4 ? (503, "") : method == "POST" ? (201, _api.LastBody) : _api.LastBody.Length == 0 ? (404, "{}") : (200, With(_api.LastBody, "conditions", refused.DeepClone()));
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => asked > 8);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said.Count.ShouldBe(3, string.Join('\n', _said));
        _said[0].ShouldStartWith("kubelet.service: cannot ask for the certificate of the Node w1, trying again: HTTP status 503");
        _said[2].ShouldEndWith("for the certificate of the Node w1 was refused: not you");
    }

    [Fact]
    public async Task A_request_of_its_name_that_another_made_before_does_not_keep_the_machine_out()
    {
        using ECDsa strangers = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject squatted = CsrSample.Client("w1", strangers);
        string? first = null;
        _api.Answer = (method, path) => (method, first) switch
        {
            ("POST", _) => (201, _api.LastBody),
            (_, null) => (200, (first = path, squatted.ToJsonString()).Item2),
            _ when path == first => (200, squatted.ToJsonString()),
            _ => IsLast(path) ? (200, Signed(_api.LastBody)) : (404, "{}"),
        };
        _node.Put(KubernetesNode.KubeletRequestKey, Key()); // of before: everybody who asked this machine knows it
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => File.Exists(_node.Root[KubernetesNode.KubeletCertificate]));
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said[0].ShouldMatch("^kubelet.service: request images-[0-9a-f]{32} is another's, with another key; it asks with a new key$");
    }

    [Fact]
    public async Task It_gives_its_word_for_a_key_only_once_the_API_has_the_request()
    {
        bool hadKey = false;
        _api.Answer = (method, _) =>
        {
            hadKey |= _node.Has(KubernetesNode.KubeletRequestKey);
            return method == "POST" ? (500, "{}") : (404, "{}");
        };
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => _api.Requests.Count(line => line.StartsWith("POST", StringComparison.Ordinal)) > 2);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        hadKey.ShouldBeFalse();
        _api.Requests.Select(line => line.Split('?')[0]).Where(line => line.StartsWith("GET", StringComparison.Ordinal)).Distinct().Count().ShouldBe(1, "with the same key");
    }

    [Fact]
    public async Task A_token_that_has_ended_is_said_with_what_to_do_and_not_while_masters_may_be_starting()
    {
        _api.Answer = (_, _) => (401, """{"kind":"Status","message":"Unauthorized"}""");
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => _said.Count > 1);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said.ShouldBe(
        [
            "kubelet.service: the masters do not know the bootstrap token abcdef yet, trying again",
            "kubelet.service: the masters do not take the bootstrap token abcdef: it has ended, was removed, or is another cluster's; make one with 'baker token create', and boot this machine with it as node.kubernetes.token in its metadata",
        ]);
    }

    [Fact]
    public async Task Why_the_masters_leave_its_request_alone_stands_on_its_own_console()
    {
        int asked = 0;
        JsonArray left = [new JsonObject { ["type"] = "LeftAlone", ["status"] = "True", ["message"] = "a live Node has the name w1 (10.0.0.32)" }];
        _api.Answer = (method, path) =>
        {
            asked++;
            return method == "POST" ? (201, With(_api.LastBody, "conditions", left.DeepClone())) : IsLast(path) ? (200, With(_api.LastBody, "conditions", left.DeepClone())) : (404, "{}");
        };
        Task running = new KubeletJoin(_node.Root, "w1", "abcdef", _api.Connect, IsOfCluster, () => _now, RestartAsync, sign: null, new Narrator(_said.Add), new VirtualTime()).RunAsync(_stop.Token);
        await UntilAsync(() => asked > 3);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said.ShouldHaveSingleItem().ShouldEndWith("for the Node w1 alone: a live Node has the name w1 (10.0.0.32)");
    }

    /// <summary>What the controller manager would make of it.</summary>
    private string Signed(string request)
    {
        KubernetesObject asked = KubernetesObject.Parse(Encoding.UTF8.GetBytes(request));
        CertificateRequest read = CertificateRequest.LoadSigningRequestPem(
            Encoding.UTF8.GetString(Convert.FromBase64String(asked.Text("spec", "request"))), HashAlgorithmName.SHA256);
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(_authority.Certificate, _authority.Key);
        using X509Certificate2 made = read.Create(signer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer.GetECDsaPrivateKey()!), _now.AddMinutes(-5), _now.AddDays(3), [1, 2, 3]);
        asked.Json["status"] = new JsonObject { ["certificate"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(made.ExportCertificatePem())) };
        return asked.Json.ToJsonString();
    }

    /// <summary>Whether a path is that of the request that was made last.</summary>
    private bool IsLast(string path) =>
        _api.LastBody.Length > 0 && path.EndsWith('/' + KubernetesObject.Parse(Encoding.UTF8.GetBytes(_api.LastBody)).Name, StringComparison.Ordinal);

    private static string With(string request, string key, JsonNode? value)
    {
        JsonObject whole = JsonNode.Parse(request)!.AsObject();
        whole["status"] = new JsonObject { [key] = value };
        return whole.ToJsonString();
    }

    private static string Key()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportECPrivateKeyPem();
    }

    private bool IsOfCluster(X509Certificate2 certificate) => certificate.Thumbprint != _foreign;

    private Task RestartAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _restarts);
        return Task.CompletedTask;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _stop.IsCancellationRequested.ShouldBeFalse(string.Join('\n', _said.Concat(_api.Requests)));
            await Task.Delay(20);
        }
    }
}
