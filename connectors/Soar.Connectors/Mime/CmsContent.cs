using System.Formats.Asn1;

namespace Soar.Connectors.Mime;

internal enum CmsKind
{
    /// <summary>Certificates only, compressed, or something of a newer date: kept as it is.</summary>
    Other,
    Signed,
    Encrypted,
    Broken,
}

/// <summary>Opens a CMS message (RFC 5652) as far as a reader needs it: which kind it is, and the content that a signature encloses. Nothing is verified.</summary>
internal static class CmsContent
{
    private const string Data = "1.2.840.113549.1.7.1";
    private static readonly Asn1Tag Explicit = new(TagClass.ContextSpecific, 0);

    public static (CmsKind Kind, ReadOnlyMemory<byte> Content) Of(ReadOnlyMemory<byte> message)
    {
        try
        {
            // BER, because streaming signers write lengths only at the end
            var outer = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            switch (outer.ReadObjectIdentifier())
            {
                case "1.2.840.113549.1.7.2":
                    break;
                case "1.2.840.113549.1.7.3" or "1.2.840.113549.1.9.16.1.23":
                    return (CmsKind.Encrypted, default);
                default:
                    return (CmsKind.Other, default);
            }
            var signed = outer.ReadSequence(Explicit).ReadSequence();
            signed.ReadInteger(); // version
            signed.ReadSetOf(skipSortOrderValidation: true); // digest algorithms
            var enclosed = signed.ReadSequence();
            if (enclosed.ReadObjectIdentifier() != Data || !enclosed.HasData)
                return (CmsKind.Other, default); // certificates only, or a detached signature
            return (CmsKind.Signed, enclosed.ReadSequence(Explicit).ReadOctetString());
        }
        catch (AsnContentException)
        {
            return (CmsKind.Broken, default);
        }
    }
}
