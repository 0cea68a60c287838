namespace Images.Bootstrapper.Kubernetes.AddOns;

internal enum AddOnDecision
{
    /// <summary>What should stand was applied not long ago.</summary>
    Stands,

    Apply,

    /// <summary>A newer image's set stands.</summary>
    LeaveToNewer,

    /// <summary>This set stood once, and another of an image just as old has replaced it.</summary>
    LeaveToSuccessor,
}
