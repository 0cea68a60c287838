namespace Images.Lab.Machines;

/// <summary>Paths of a client's certificate, its key and the authority that signed it.</summary>
internal sealed record ClientIdentity(string Certificate, string Key, string Authority);
