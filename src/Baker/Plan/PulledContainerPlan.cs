namespace Images.Baker.Plan;

/// <summary>Pulled from a registry by the digest that the lock pins.</summary>
internal sealed record PulledContainerPlan : ContainerImagePlan
{
    /// <summary>Where it is had. <c>baker lock</c> turns its tag into a digest; its own digest, if it has one, decides.</summary>
    public required ContainerReference Source { get; init; }

    public override string Describe() => $"{Name} pull {Source}";
}
