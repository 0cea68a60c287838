namespace Images.Baker.Tests.Sources;

/// <summary>What a server does wrong in one answer.</summary>
public enum ServerFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Sends half of the bytes that it announces, then closes.</summary>
    Truncate,

    /// <summary>Sends half of the bytes, then nothing, without closing.</summary>
    Stall,

    /// <summary>Answers a Range with the whole file and 200.</summary>
    IgnoreRange,

    /// <summary>Answers 206 with other bytes than were asked for.</summary>
    WrongContentRange,

    /// <summary>Sends bytes of the right number that are not the file's.</summary>
    WrongBytes,

    /// <summary>Sends one byte more than the file has.</summary>
    TooLong,

    /// <summary>Answers 503.</summary>
    Unavailable,

    /// <summary>Answers 404.</summary>
    NotFound,

    /// <summary>Answers 403.</summary>
    Forbidden,

    /// <summary>Answers 416.</summary>
    RangeNotSatisfiable,
}
