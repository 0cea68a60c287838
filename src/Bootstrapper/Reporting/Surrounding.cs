namespace Images.Bootstrapper.Reporting;

/// <summary>
/// Something that the machine's services need and that is not among them: peers, DNS, room on the disk.
/// </summary>
/// <param name="Name">For people, for example "masters".</param>
/// <param name="IsWell">Whether it is as it should be.</param>
/// <param name="Detail">What was seen, in words.</param>
internal sealed record Surrounding(string Name, bool IsWell, string Detail);
