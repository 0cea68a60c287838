using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// Writes log lines to standard output with the priority prefix of sd-daemon(3). Much cheaper to start than
/// the console logger.
/// </summary>
internal sealed class JournalLoggerProvider(TextWriter journal) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new JournalLogger(categoryName, journal);

    public void Dispose()
    {
        // the journal's writer belongs to the process
    }
}
