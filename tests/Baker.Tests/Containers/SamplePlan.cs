using Images.Baker.Plan;
using Images.Baker.Tests.Plan;

namespace Images.Baker.Tests.Containers;

/// <summary>The smallest plan that carries one container image.</summary>
internal static class SamplePlan
{
    public static ImagePlan Pulling(string name, string source) => With(new PulledContainerPlan { Name = ContainerReference.TryParse(name)!, Source = ContainerReference.TryParse(source)! });

    public static ImagePlan With(ContainerImagePlan container)
    {
        ImagePlan plan = ImagePlanReader.Parse(SmallestPlan.Text.Replace("[systemd]", "[bash]", StringComparison.Ordinal), "image.yaml", "/repo");
        return plan with { ContainerImages = [container] };
    }
}
