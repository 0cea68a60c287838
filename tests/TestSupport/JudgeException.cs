namespace Images.TestSupport;

public sealed class JudgeException(string message) : Exception(message);
