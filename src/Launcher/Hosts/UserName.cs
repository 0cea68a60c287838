using System.Globalization;
using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>Whom this program runs as, by name.</summary>
internal static class UserName
{
    /// <summary>As /etc/passwd has it; the number where it has none.</summary>
    public static string Own { get; } = Find();

    private static string Find()
    {
        string id = LinuxCalls.UserId.ToString(CultureInfo.InvariantCulture);
        return File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
            .FirstOrDefault(fields => fields.Length > 2 && fields[2] == id)?[0]
            ?? id;
    }
}
