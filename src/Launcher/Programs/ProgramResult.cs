namespace Images.Launcher.Programs;

/// <summary>How a program ended; killed by a signal it is 128 and the signal's number.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both outputs, trimmed, for a message.</summary>
    public string Said => string.Join('\n', new[] { Output.Trim(), Error.Trim() }.Where(text => text.Length > 0));
}
