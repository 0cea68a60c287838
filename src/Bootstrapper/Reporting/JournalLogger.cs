using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Reporting;

/// <summary>One category's log lines.</summary>
internal sealed class JournalLogger(string category, TextWriter journal) : ILogger
{
    private readonly string _name = category[(category.LastIndexOf('.') + 1)..];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        int priority = logLevel switch { LogLevel.Critical => 2, LogLevel.Error => 3, LogLevel.Warning => 4, _ => 6 };
        string error = exception is null ? "" : $" ({exception.GetType().Name}: {FaultText.Of(exception)})";
        journal.WriteLine($"<{priority}>{_name}: {formatter(state, exception)}{error}".ReplaceLineEndings(" "));
    }
}
