namespace Soar.Connectors;

/// <summary>The host of an address that somebody else wrote.</summary>
internal static class UriHost
{
    /// <summary>Lower case, in the form DNS takes. Null where there is none: <see cref="Uri.IdnHost"/> throws for hosts that <see cref="Uri"/> itself accepted.</summary>
    public static string? Of(Uri address)
    {
        try
        {
            return address.IsAbsoluteUri && address.IdnHost is { Length: > 0 } host ? host.ToLowerInvariant() : null;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }
}
