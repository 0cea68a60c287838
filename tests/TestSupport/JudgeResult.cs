namespace Images.TestSupport;

public sealed record JudgeResult(int ExitCode, string Output, string Error);
