namespace Images.Bootstrapper.Discovery;

/// <summary>The DNS servers behind systemd-resolved, only to be named in messages.</summary>
internal static class NameServers
{
    public const string ResolvedList = "/run/systemd/resolve/resolv.conf";

    /// <summary>"10.0.0.1" or "10.0.0.1, 10.0.0.2"; "no DNS server" when the file is missing or names none.</summary>
    public static string Describe(string path = ResolvedList)
    {
        try
        {
            string[] servers = [.. File.ReadLines(path)
                .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words.Length >= 2 && words[0] == "nameserver")
                .Select(words => words[1])];
            return servers.Length == 0 ? "no DNS server" : string.Join(", ", servers);
        }
        catch (IOException)
        {
            return "no DNS server";
        }
    }
}
