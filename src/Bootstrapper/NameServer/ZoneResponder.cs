using Images.Formats;
using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>Makes answers of questions, without a network.</summary>
internal static class ZoneResponder
{
    /// <summary>What a message gets before zones are asked.</summary>
    /// <param name="message">Whatever came.</param>
    /// <param name="reply">Written where there is an answer already; at least 512 bytes.</param>
    /// <param name="length">Of the answer; 0 for none, which what is no question gets.</param>
    /// <returns>The question that the zones are to answer; null for none.</returns>
    public static DnsQuestion? Read(ReadOnlySpan<byte> message, Span<byte> reply, out int length)
    {
        length = 0;
        if (message.Length < DnsHeader.Size)
        {
            return null;
        }

        DnsHeader header = DnsHeader.Read(message);
        if (header.Flags.HasFlag(DnsFlags.Response))
        {
            return null; // an answer to an answer would go on for ever
        }

        try
        {
            DnsQuestion question = DnsQuestion.Read(message);
            DnsCode code = (header.Flags & DnsFlags.Opcode) != DnsFlags.None
                ? DnsCode.NotImplemented
                : question.EdnsVersion != 0 ? DnsCode.BadVersion
                : question.Class != DnsQuestion.Internet ? DnsCode.Refused
                : DnsCode.NoError;
            if (code == DnsCode.NoError)
            {
                return question;
            }

            length = new DnsReplyWriter(message, question, reply).Finish(DnsFlags.None, code);
        }
        catch (MalformedDataException)
        {
            new DnsHeader
            {
                Id = header.Id,
                Flags = DnsFlags.Response | (header.Flags & (DnsFlags.Opcode | DnsFlags.RecursionDesired)),
                Code = DnsCode.FormatError,
            }.WriteTo(reply);
            length = DnsHeader.Size;
        }

        return null;
    }

    /// <param name="message">The message that asked.</param>
    /// <param name="question">What was read of it.</param>
    /// <param name="answer">What the zones say.</param>
    /// <param name="reply">As long as the answer may be.</param>
    /// <returns>The answer's length.</returns>
    public static int Write(ReadOnlySpan<byte> message, DnsQuestion question, ZoneAnswer answer, Span<byte> reply)
    {
        DnsReplyWriter writer = new(message, question, reply);
        DnsFlags flags = answer.Code is DnsCode.Refused or DnsCode.ServerFailure
            ? DnsFlags.None
            : DnsFlags.Authoritative | DnsFlags.RecursionAvailable;
        foreach ((string owner, DnsRecord record) in answer.Answers)
        {
            if (!writer.TryAnswer(owner, record))
            {
                writer.Clear();
                return writer.Finish(flags | DnsFlags.Truncated, answer.Code);
            }
        }

        if (answer.Authority is { } authority)
        {
            writer.TryAuthority(authority.Owner, authority.Record);
        }

        foreach ((string owner, DnsRecord record) in answer.Additionals)
        {
            if (!writer.TryAdditional(owner, record))
            {
                break; // a help, which is asked for again where it is missing
            }
        }

        return writer.Finish(flags, answer.Code);
    }

    /// <summary>What the server outside said of the name that the answer ends at.</summary>
    public static ZoneAnswer With(ZoneAnswer answer, DnsReply? outside) =>
        outside is { Header.Code: DnsCode.NoError or DnsCode.NameError }
            ? answer with
            {
                Code = outside.Header.Code,
                Answers = [.. answer.Answers, .. outside.Answers],
                Outside = null,
            }
            : new ZoneAnswer { Code = DnsCode.ServerFailure };
}
