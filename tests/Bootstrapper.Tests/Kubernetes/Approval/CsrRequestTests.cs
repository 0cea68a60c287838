using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

/// <summary>Whoever holds a token chooses each byte of a request.</summary>
public sealed class CsrRequestTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void What_these_tests_make_is_read()
    {
        CsrRequest request = Read(CsrDer.Subject("w1"), CsrDer.AlternativeNames("w1"));
        request.CommonName.ShouldBe("system:node:w1");
        request.Organizations.ShouldBe(["system:nodes"]);
        request.DnsNames.ShouldBe(["w1"]);
        request.Oddities.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(CsrDer.OddSubjects), MemberType = typeof(CsrDer))]
    public void A_subject_that_the_API_server_takes_and_NET_does_not_is_refused_in_words(string oddity, byte[] subject) =>
        Should.Throw<InvalidDataException>(() => Read(subject), oddity).Message.ShouldStartWith("its request cannot be read (");

    [Fact]
    public void Bytes_behind_the_alternative_names_are_refused()
    {
        byte[] names = CsrDer.AlternativeNames("w1");
        Should.Throw<InvalidDataException>(() => Read(CsrDer.Subject("w1"), [.. names, .. names]));
    }

    [Fact]
    public void A_request_longer_than_any_kubelets_is_refused_before_it_is_read()
    {
        string name = new('x', CsrRequest.MaxBase64Characters);
        Should.Throw<InvalidDataException>(() => Read(CsrDer.Subject(name))).Message.ShouldContain("is longer than 16384 characters");
    }

    [Theory]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("bm8gUEVN")]
    public void What_is_no_request_is_refused(string base64)
    {
        KubernetesObject item = Item(CsrDer.Subject("w1"));
        item.Json["spec"]!["request"] = base64;
        Should.Throw<InvalidDataException>(() => CsrRequest.Read(item));
    }

    [Fact]
    public void No_bytes_of_subject_or_names_lead_to_another_exception()
    {
        byte[] good = CsrDer.Subject("w1");
        byte[][] seeds = [good, good, good, good, .. CsrDer.OddSubjects().Select(row => row.Data.Item2)];
        Gen<byte[]> subject = from seed in Gen.Elements(seeds) from mutated in Mutated(seed) select mutated;
        Gen<(byte[] Subject, byte[] Names)> made = from s in subject from n in Mutated(CsrDer.AlternativeNames("w1")) select (s, n);
        int read = 0, refused = 0;
        Prop.ForAll(made.ToArbitrary(), parts =>
        {
            try
            {
                Read(parts.Subject, parts.Names);
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));
        read.ShouldBeGreaterThan(100, $"{refused} refused");
        refused.ShouldBeGreaterThan(100, $"{read} read");
    }

    [Fact]
    public void Of_a_request_with_much_in_it_little_is_kept_and_nothing_that_would_allow_more()
    {
        KubernetesObject item = Item(CsrDer.Subject("w1"));
        item.Json["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["a"] = new string('x', 200_000) };
        item.Json["spec"]!["usages"] = new System.Text.Json.Nodes.JsonArray([.. Enumerable.Repeat("digital signature", 100).Append("cert sign").Select(usage => (System.Text.Json.Nodes.JsonNode)usage)]);
        KubernetesObject kept = CsrRequest.Slim(item);
        kept.Json.ToJsonString().Length.ShouldBeLessThan(4000);
        kept.Texts("spec", "usages").ShouldContain("and more");
        CsrRequest.Read(kept).KeyDigest.ShouldBe(CsrRequest.Read(item).KeyDigest);
        CsrRule.Judge(CsrRequest.Read(kept), new CsrFacts { Workers = Bootstrapper.Discovery.PeerSet.Empty, Nodes = [], ClaimedAt = [], Reserved = CsrSample.Reserved, Now = default }, CsrSample.WorkerGroup)
            .Reason.ShouldStartWith("its usages are");
    }

    private CsrRequest Read(byte[] subject, byte[]? names = null) => CsrRequest.Read(Item(subject, names));

    private KubernetesObject Item(byte[] subject, byte[]? names = null) =>
        CsrSample.Make("w1", CsrRequest.ClientSigner, CsrDer.Pem(_key, subject, names), CsrSample.ClientUsages).AskedBy("system:bootstrap:abcdef", CsrSample.WorkerGroup);

    /// <summary>Up to three bytes are others, or gone, or there twice; in half the cases none.</summary>
    private static Gen<byte[]> Mutated(byte[] seed)
    {
        Gen<Func<byte[], byte[]>> change =
            from at in Gen.Choose(0, seed.Length - 1)
            from kind in Gen.Choose(0, 3)
            from value in Gen.Choose(0, 255)
            select (Func<byte[], byte[]>)(bytes => at >= bytes.Length ? bytes : kind switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], (byte)value, .. bytes[at..]],
                _ => [.. bytes[..at], (byte)value, .. bytes[(at + 1)..]],
            });
        return from count in Gen.Elements(0, 0, 0, 1, 2, 3) from changes in change.ListOf(count) select changes.Aggregate(seed, (bytes, next) => next(bytes));
    }
}
