namespace Images.Bootstrapper.Systemd;

internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>One line for a message: what the program said, else its exit code.</summary>
    public string Reason => (Error.Length > 0 ? Error : Output) is { Length: > 0 } text
        ? text.ReplaceLineEndings(" ")
        : $"exit code {ExitCode}";
}
