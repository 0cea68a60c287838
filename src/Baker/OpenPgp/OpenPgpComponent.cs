using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>A key or user id of a certificate with the signatures that follow it.</summary>
internal sealed record OpenPgpComponent(OpenPgpPacket Packet, List<OpenPgpSignature> Signatures)
{
    public OpenPgpPacketTag Kind => Packet.Tag;

    /// <exception cref="MalformedDataException">A packet does not belong into a certificate.</exception>
    public static List<OpenPgpComponent> Group(List<OpenPgpPacket> packets, string name)
    {
        List<OpenPgpComponent> components = [];
        foreach (OpenPgpPacket packet in packets)
        {
            switch (packet.Tag)
            {
                case OpenPgpPacketTag.PublicKey or OpenPgpPacketTag.PublicSubkey or OpenPgpPacketTag.UserId
                    or OpenPgpPacketTag.UserAttribute:
                    components.Add(new OpenPgpComponent(packet, []));
                    break;
                case OpenPgpPacketTag.Signature:
                    components[^1].Signatures.Add(OpenPgpSignature.Read(packet, name));
                    break;
                case OpenPgpPacketTag.Trust or OpenPgpPacketTag.Marker:
                    break;
                default:
                    throw new MalformedDataException(
                        name, packet.Offset, $"a packet of type {(int)packet.Tag} does not belong into a certificate");
            }
        }

        return components;
    }
}
