using System.Globalization;

namespace Images.Launcher.Roots;

/// <summary>Which of the writer's ids a tree's user and group ids become.</summary>
/// <param name="UserShift">
/// Added to a user id: the range's first where the machine's root writes, 0 inside a user namespace.
/// </param>
/// <param name="GroupShift">Likewise.</param>
internal sealed record TreeOwners(int UserShift, int GroupShift)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{UserShift}:{GroupShift}");
}
