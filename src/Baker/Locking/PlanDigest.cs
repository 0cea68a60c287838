using System.Text;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>
/// What of image.yaml decides about the lock, so that a lock that answers an older image.yaml is noticed.
/// </summary>
internal static class PlanDigest
{
    public static Digest Of(ImagePlan plan)
    {
        StringBuilder text = new();
        Add(text, "architecture", [plan.Debian.Architecture]);
        AddSuites(text, plan.Debian.Suites);
        Add(text, "packages", plan.Packages);
        Add(text, "drop", plan.Drop);
        Add(text, "initramfs", plan.Initramfs.Packages);
        Add(text, "boot", [plan.Boot.Package]);
        foreach (ContainerImagePlan image in plan.ContainerImages.Where(image => image is not PackagedContainerPlan))
        {
            Add(text, "container", [image.Describe()]);
        }

        if (!plan.Toolchain.IsEmpty)
        {
            Add(text, "toolchain", plan.Toolchain);
        }

        if (plan.Kubernetes is { } kubernetes)
        {
            AddKubernetes(text, kubernetes);
        }

        return Digest.Sha256(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void AddSuites(StringBuilder text, IEnumerable<SuitePlan> suites)
    {
        foreach (SuitePlan suite in suites)
        {
            Add(text, "suite", [suite.Archive, suite.Suite]);
            Add(text, "components", suite.Components);
            Add(text, "keys", suite.Keys.Select(key => key.Fingerprint));
        }
    }

    /// <summary>Which source is used is no part of it: the lock pins all that are described.</summary>
    private static void AddKubernetes(StringBuilder text, KubernetesPlan plan)
    {
        if (plan.Upstream is { } upstream)
        {
            Add(text, "kubernetes upstream", [upstream.Version.ToString(), upstream.Sha512?.ToString() ?? ""]);
        }

        if (plan.Debian is { } debian)
        {
            Add(text, "kubernetes debian", [debian.Toolchain]);
            AddSuites(text, debian.Suites);
        }

        if (plan.Folder is { } folder)
        {
            Add(text, "kubernetes folder", [folder.Version.ToString()]);
        }
    }

    private static void Add(StringBuilder text, string name, IEnumerable<string> values) =>
        text.Append(name).Append('=').AppendJoin(' ', values).Append('\n');
}
