namespace Images.Bootstrapper.Agent;

/// <summary>Something that the agent does for as long as the machine is up.</summary>
/// <param name="Name">For people.</param>
/// <param name="IsForThisNode">Whether a machine of these roles and this metadata has it.</param>
/// <param name="RunAsync">Ends only by cancellation: whatever ends by itself has failed.</param>
internal sealed record Duty(string Name, bool IsForThisNode, Func<CancellationToken, Task> RunAsync);
