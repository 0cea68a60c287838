namespace Images.Launcher.Hosts;

/// <summary>What a cluster's control groups can do.</summary>
internal enum ControlGroupKind
{
    /// <summary>None may be made.</summary>
    None,

    /// <summary>Only to tell nodes apart.</summary>
    WithoutControllers,

    /// <summary>
    /// Only to tell nodes apart: the user's systemd was given all that a kubelet wants after it began,
    /// and does not know.
    /// </summary>
    NotHandedOn,

    /// <summary>All that a kubelet wants.</summary>
    Full,
}
