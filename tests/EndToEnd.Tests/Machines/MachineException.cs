namespace Images.EndToEnd.Tests.Machines;

internal sealed class MachineException(string message) : Exception(message);
