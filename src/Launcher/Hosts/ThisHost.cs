using System.Globalization;
using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>The machine that this program runs on.</summary>
internal sealed class ThisHost : IHostFacts
{
    public bool IsRoot => LinuxCalls.UserId == 0;

    public string UserName => Hosts.UserName.Own;

    public bool HasIds => IdRange.Find() is not null;

    public ControlGroupKind ControlGroups =>
        SystemdScope.Find() is { } scope ? scope.ControlGroups
        : Hosts.ControlGroups.Find("check") is not { } groups ? ControlGroupKind.None
        : groups.HasControllers ? ControlGroupKind.Full
        : ControlGroupKind.WithoutControllers;

    public bool HasProgram(string name) => HostProgram.Find(name) is not null;

    public bool Exists(string path) => Path.Exists(path);

    public string ReadText(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    public long? ReadNumber(string path) =>
        long.TryParse(ReadText(path), CultureInfo.InvariantCulture, out long number) ? number : null;
}
