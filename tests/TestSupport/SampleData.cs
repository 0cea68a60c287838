namespace Images.TestSupport;

/// <summary>Bytes made from a seed.</summary>
public static class SampleData
{
    /// <summary>Text-like, repeating and noisy runs, so that every kind of LZMA symbol occurs.</summary>
    public static byte[] Mixed(int length, int seed = 1)
    {
        byte[] data = new byte[length];
        Random random = new(seed);
        int end = 0;
        while (end < length)
        {
            int run = Math.Min(length - end, random.Next(1, 3000));
            Span<byte> part = data.AsSpan(end, run);
            switch (random.Next(6))
            {
                case 0:
                    random.NextBytes(part);
                    break;
                case 1:
                    part.Fill((byte)random.Next(256));
                    break;
                case 2 when end > 0:
                    int from = random.Next(end);
                    for (int i = 0; i < run; i++)
                    {
                        part[i] = data[from + i];
                    }

                    break;
                default:
                    for (int i = 0; i < run; i++)
                    {
                        part[i] = (byte)"etaoin shrdlu\n"[random.Next(14)];
                    }

                    break;
            }

            end += run;
        }

        return data;
    }

    /// <summary>Repeatable letters that compress to about a half, other for each seed.</summary>
    public static byte[] Letters(int length, int seed)
    {
        byte[] bytes = new byte[length];
        uint state = unchecked((uint)seed * 2654435761) | 1;
        for (int i = 0; i < length; i++)
        {
            state ^= unchecked(state << 13);
            state ^= state >> 17;
            state ^= unchecked(state << 5);
            bytes[i] = (byte)('a' + (state % 16));
        }

        return bytes;
    }
}
