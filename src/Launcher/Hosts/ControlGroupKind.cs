namespace Images.Launcher.Hosts;

/// <summary>What a cluster's control groups can do.</summary>
internal enum ControlGroupKind
{
    /// <summary>None may be made.</summary>
    None,

    /// <summary>Only to tell nodes apart.</summary>
    WithoutControllers,

    /// <summary>All that a kubelet wants.</summary>
    Full,
}
