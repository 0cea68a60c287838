namespace Images.Baker;

/// <summary>What kind of fault ended the command; decides the exit code in Program.cs and nowhere else.</summary>
public enum BakeFault
{
    /// <summary>Something the user wrote or named. Exit code 2.</summary>
    Input,

    /// <summary>A source or the network. Exit code 3.</summary>
    Source,

    /// <summary>The output could not be written. Exit code 4.</summary>
    Output,
}
