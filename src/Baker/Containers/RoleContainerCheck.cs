using System.Collections.Immutable;
using Images.Baker.Composing.Fixups;
using Images.Baker.Plan;

namespace Images.Baker.Containers;

/// <summary>
/// Sees that the image carries what services of its roles start by themselves: nothing on a node
/// could tell them another name.
/// </summary>
internal static class RoleContainerCheck
{
    /// <param name="roles">Those that the image can play.</param>
    /// <param name="containers">What it carries.</param>
    /// <exception cref="BakeException">A container image is missing.</exception>
    public static void Require(IEnumerable<RoleFolder> roles, ImmutableArray<ContainerImagePlan> containers)
    {
        foreach (RoleFolder role in roles)
        {
            if (role.Definition.ContainerImages.FirstOrDefault(
                name => containers.All(container => container.Name.ToString() != name)) is string missing)
            {
                throw new BakeException(
                    "BAKE0487",
                    role.SourceName,
                    $"The role {role.Definition.Role} starts the container image '{missing}', "
                        + "which the image does not carry.",
                    "List it under 'containerImages' in image.yaml, as the project's own image.yaml does, "
                        + "or bake with '--kubernetes none'.");
            }
        }
    }
}
