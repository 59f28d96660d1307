namespace Soar.Connectors.Intel;

/// <summary>One spelling for each observable: canonical addresses, lower-case names and hashes. Feeds write "evil[.]example" and "hxxp": undone here.</summary>
internal static class ObservableForm
{
    /// <summary>Null for a value that is none of its type.</summary>
    public static (string Type, string Value)? Of(string type, string value)
    {
        value = value.Trim().Replace("[.]", ".", StringComparison.Ordinal).Replace("[:]", ":", StringComparison.Ordinal);
        if (value.Length is 0 or > 8_000)
            return null;
        switch (type.Trim().ToLowerInvariant())
        {
            case "ip" or "ipv4" or "ipv6" or "address" or "network" or "cidr" or "ip-src" or "ip-dst":
                return IpAddress.TryParse(value, null, out var address) ? ("ip", address.ToString()) : null;
            case "domain" or "hostname" or "host" or "fqdn":
                var name = value.Trim('.').ToLowerInvariant();
                return name.Length <= 253 && name.Contains('.') && !name.Any(character => char.IsWhiteSpace(character) || character is '/' or ':' or '@') ? ("domain", name) : null;
            case "url" or "uri":
                if (value.StartsWith("hxxp", StringComparison.OrdinalIgnoreCase))
                    value = "http" + value[4..];
                return Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Host.Length > 0 ? ("url", url.AbsoluteUri) : null;
            case "email" or "mail" or "email-src" or "email-dst":
                return EmailAddress.TryParse(value, null, out var mail) ? ("email", mail.Value.ToLowerInvariant()) : null;
            case "sha256" or "sha-256" or "sha1" or "sha-1" or "md5" or "hash":
                var hash = value.ToLowerInvariant();
                var kind = hash.Length switch { 64 => "sha256", 40 => "sha1", 32 => "md5", _ => "" };
                return kind.Length > 0 && hash.All(char.IsAsciiHexDigitLower) && (type.Equals("hash", StringComparison.OrdinalIgnoreCase) || kind == type.Trim().Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()) ? (kind, hash) : null;
            case "file" or "filename":
                return ("file", value.ToLowerInvariant());
            default:
                return null;
        }
    }
}
