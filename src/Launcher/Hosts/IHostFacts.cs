namespace Images.Launcher.Hosts;

/// <summary>What <see cref="HostCheck"/> asks of a machine: this one, or one that a test makes up.</summary>
internal interface IHostFacts
{
    bool IsRoot { get; }

    string UserName { get; }

    bool HasIds { get; }

    ControlGroupKind ControlGroups { get; }

    bool HasProgram(string name);

    bool Exists(string path);

    /// <summary>Empty where there is no such file.</summary>
    string ReadText(string path);

    /// <summary>Null where there is no such file.</summary>
    long? ReadNumber(string path);
}
