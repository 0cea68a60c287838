using System.Text;
using System.Text.RegularExpressions;

namespace Images.Lab.Machines;

/// <summary>The console of a machine, written to a file and read here while it grows.</summary>
/// <param name="path">The file.</param>
/// <param name="start">Where in it this console begins, in bytes.</param>
internal sealed class ConsoleLog(string path, long start = 0)
{
    public string Path => path;

    /// <summary>Everything so far, without terminal control sequences.</summary>
    public string Text
    {
        get
        {
            if (!File.Exists(path))
            {
                return "";
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Position = start;
            using StreamReader reader = new(stream, Encoding.UTF8);
            return Regex.Replace(reader.ReadToEnd(), "\u001b\\[[0-9;?=]*[A-Za-z]|\r", "", RegexOptions.None, TimeSpan.FromSeconds(10));
        }
    }

    public string Tail(int lines = 60) => string.Join('\n', Text.Split('\n').TakeLast(lines));

    /// <summary>Waits until the console has this pattern at or after <paramref name="from"/> (a character position); returns the match.</summary>
    /// <param name="pattern">A regular expression.</param>
    /// <param name="timeout">How long.</param>
    /// <param name="end">How the machine ended; null while it runs.</param>
    /// <param name="from">As above.</param>
    /// <exception cref="MachineException">The time ran out or the machine ended; the message carries the console's tail.</exception>
    public Match WaitFor(string pattern, TimeSpan timeout, Func<string?> end, int from = 0)
    {
        DateTime last = DateTime.UtcNow + timeout;
        while (true)
        {
            string? ended = end();
            string text = Text;
            Match match = Regex.Match(from < text.Length ? text[from..] : "", pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(10));
            if (match.Success)
            {
                return match;
            }

            if (ended is not null || DateTime.UtcNow > last)
            {
                string why = ended is null ? $"not within {timeout.TotalSeconds:F0} s" : $"the machine ended before{ended}";
                throw new MachineException($"The console never said /{pattern}/ ({why}). Whole console: {path}. Its tail:\n{Tail()}");
            }

            Thread.Sleep(200);
        }
    }
}
