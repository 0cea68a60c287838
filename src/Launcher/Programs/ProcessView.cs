using System.Globalization;

namespace Images.Launcher.Programs;

/// <summary>What /proc tells of other processes.</summary>
internal static class ProcessView
{
    /// <summary>Children of a process's first thread; none where it is gone.</summary>
    public static int[] ChildrenOf(int process)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{process}/task/{process}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static bool Exists(int process) => Directory.Exists($"/proc/{process}");

    /// <summary>The arguments it was started with; empty where it is gone.</summary>
    public static string[] CommandOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>
    /// Which namespace it is in, as <c>user:[4026531837]</c>; null where it is gone or somebody else's.
    /// </summary>
    /// <param name="process">Its number.</param>
    /// <param name="kind">user, net, pid, …</param>
    public static string? NamespaceOf(int process, string kind)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/{kind}").LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
