namespace Images.Bench;

/// <summary>What it costs to build Kubernetes from Debian's sources, which a user's machine does once for each version.</summary>
internal sealed class KubernetesBench(PublishedBaker baker)
{
    public Measured Run()
    {
        double found = baker.Bake(baker.ColdCache());
        double building = baker.Bake(baker.ColdCache(withKubernetes: false));
        return Measured.Seconds("cold bake that builds Kubernetes from Debian's sources", building,
            FormattableString.Invariant($"one bake, downloads cached, Go's own caches empty; {found:0.0} s for the same where Kubernetes' programs are kept from an earlier bake"));
    }
}
