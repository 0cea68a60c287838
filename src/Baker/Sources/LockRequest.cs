using System.Text;
using Images.Baker.Containers;
using Images.Baker.Plan;

namespace Images.Baker.Sources;

/// <summary>What of image.yaml decides about the lock, so that a lock that answers an older image.yaml is noticed.</summary>
internal static class LockRequest
{
    public static Digest DigestOf(ImagePlan plan)
    {
        StringBuilder text = new();
        Add(text, "architecture", [plan.Debian.Architecture]);
        foreach (SuitePlan suite in plan.Debian.Suites)
        {
            Add(text, "suite", [suite.Archive, suite.Suite]);
            Add(text, "components", suite.Components);
            Add(text, "keys", suite.Keys.Select(key => key.Fingerprint));
        }

        Add(text, "packages", plan.Packages);
        Add(text, "drop", plan.Drop);
        Add(text, "initramfs", plan.Initramfs.Packages);
        Add(text, "boot", [plan.Boot.Package]);
        foreach (ContainerImagePlan image in plan.ContainerImages.Where(image => image is not PackagedContainerPlan))
        {
            Add(text, "container", [ContainerLayers.Describe(image)]);
        }

        return Digest.Sha256(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Add(StringBuilder text, string name, IEnumerable<string> values) =>
        text.Append(name).Append('=').AppendJoin(' ', values).Append('\n');
}
