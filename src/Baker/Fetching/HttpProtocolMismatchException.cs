namespace Images.Baker.Fetching;

/// <summary>The server's answer does not fit the request; asking again, from the start if need be, may help.</summary>
internal sealed class HttpProtocolMismatchException(string message) : Exception(message);
