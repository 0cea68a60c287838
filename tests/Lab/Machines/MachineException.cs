namespace Images.Lab.Machines;

internal sealed class MachineException(string message) : Exception(message);
