using System.Buffers.Binary;

namespace Images.Formats.Dns;

/// <summary>
/// Writes the answer to a question into a buffer that is as long as the answer may be. Owners are compressed against
/// the question's name, data are not.
/// </summary>
internal ref struct DnsReplyWriter
{
    private const int EdnsSize = 11;

    /// <summary>What we take: no datagram of this length is broken up on its way (dnsflagday.net/2020).</summary>
    private const ushort TakenDatagram = 1232;

    private const ushort PointerMark = 0xC000;

    private readonly Span<byte> _buffer;
    private readonly DnsQuestion _question;
    private readonly int _room;
    private int _length;
    private ushort _answers;
    private ushort _authorities;
    private ushort _additionals;

    /// <param name="message">The message that asked.</param>
    /// <param name="question">What was read of it.</param>
    /// <param name="buffer">At least 512 bytes.</param>
    public DnsReplyWriter(ReadOnlySpan<byte> message, DnsQuestion question, Span<byte> buffer)
    {
        _buffer = buffer;
        _question = question;
        _length = question.End;
        _room = buffer.Length - (question.HasEdns ? EdnsSize : 0);
        message[..question.End].CopyTo(buffer);
    }

    /// <summary>False where there is no room: what was written stays.</summary>
    public bool TryAnswer(string owner, DnsRecord record) => TryWrite(owner, record, ref _answers);

    /// <summary>After all answers.</summary>
    public bool TryAuthority(string owner, DnsRecord record) => TryWrite(owner, record, ref _authorities);

    /// <summary>After all of the authority.</summary>
    public bool TryAdditional(string owner, DnsRecord record) => TryWrite(owner, record, ref _additionals);

    /// <summary>For an answer that has no room: whoever asks does so again over TCP.</summary>
    public void Clear() => (_length, _answers, _authorities, _additionals) = (_question.End, 0, 0, 0);

    /// <summary>The header, and EDNS where it was spoken.</summary>
    /// <returns>The message's length.</returns>
    public int Finish(DnsFlags flags, DnsCode code)
    {
        ushort additionals = _additionals;
        if (_question.HasEdns)
        {
            Span<byte> option = _buffer.Slice(_length, EdnsSize);
            option.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(option[1..], (ushort)DnsType.Opt);
            BinaryPrimitives.WriteUInt16BigEndian(option[3..], TakenDatagram);
            option[5] = (byte)((ushort)code >> 4);
            _length += EdnsSize;
            additionals++;
        }

        new DnsHeader
        {
            Id = _question.Header.Id,
            Flags =
                flags | DnsFlags.Response | (_question.Header.Flags & (DnsFlags.Opcode | DnsFlags.RecursionDesired)),
            Code = code,
            Questions = 1,
            Answers = _answers,
            Authorities = _authorities,
            Additionals = additionals,
        }.WriteTo(_buffer);
        return _length;
    }

    private bool TryWrite(string owner, DnsRecord record, scoped ref ushort count)
    {
        int shared = SharedWithQuestion(owner);
        int ownerSize = shared == 0 ? DnsName.WireLength(owner) : owner.Length - shared + 2;
        int size = ownerSize + 10 + record.Data.Length;
        if (_length + size > _room)
        {
            return false;
        }

        Span<byte> target = _buffer[_length..];
        if (shared == 0)
        {
            DnsName.Write(owner, target);
        }
        else
        {
            // what stands before the shared part ends in a dot; its label's length takes the dot's place
            DnsName.Write(owner[..(owner.Length - shared)], target);
            int offset = DnsHeader.Size + _question.Name.Length - shared;
            BinaryPrimitives.WriteUInt16BigEndian(target[(ownerSize - 2)..], (ushort)(PointerMark | offset));
        }

        Span<byte> rest = target[ownerSize..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], DnsQuestion.Internet);
        BinaryPrimitives.WriteUInt32BigEndian(rest[4..], record.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(rest[8..], (ushort)record.Data.Length);
        record.Data.CopyTo(rest[10..]);
        _length += size;
        count++;
        return true;
    }

    /// <summary>
    /// How many letters at the owner's end, whole labels, stand at the end of the question's name, too. There a letter
    /// of a plain name is a byte, and its label's length the dot before it; names that are not plain are not compared.
    /// </summary>
    private readonly int SharedWithQuestion(string owner)
    {
        string asked = _question.Name;
        if (asked.Contains('\\', StringComparison.Ordinal))
        {
            return 0;
        }

        int shared = 0;
        for (int i = 1; i <= owner.Length && i <= asked.Length && owner[^i] == asked[^i]; i++)
        {
            bool ownerBegins = i == owner.Length || owner[^(i + 1)] == '.';
            bool askedBegins = i == asked.Length || asked[^(i + 1)] == '.';
            shared = ownerBegins && askedBegins ? i : shared;
        }

        return shared;
    }
}
