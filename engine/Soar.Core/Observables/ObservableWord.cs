using System.Net.Sockets;

namespace Soar;

/// <summary>One word of a text with what stands around it, and what it names.</summary>
internal sealed class ObservableWord(string written, string before, char previous, char next, bool defanged)
{
    private static readonly HashSet<string> Versions = new(StringComparer.OrdinalIgnoreCase)
    {
        "v", "ver", "vers", "version", "versions", "verzija", "верзија", "rev", "revision", "release", "build", "firmware", "fw", "kernel", "patch", "update", "section", "sec", "chapter", "clause", "figure", "table",
        "§", "oid", "step", "item", "rule", "art", "article", "член", "driver", "library", "sdk", "api",
    };

    private static readonly HashSet<string> Labels = new(StringComparer.OrdinalIgnoreCase)
    {
        "src", "dst", "source", "destination", "src_ip", "dst_ip", "dest_ip", "ip", "ipv4", "ipv6", "addr", "address", "host", "hostname", "client", "peer", "remote", "attacker", "from", "to", "cc", "bcc", "sender",
        "recipient", "reply-to", "return-path", "email", "e-mail", "mail", "domain", "fqdn", "dns", "c2", "ioc", "md5", "sha1", "sha-1", "sha256", "sha-256", "sha512", "sha-512", "hash",
    };

    private static readonly HashSet<string> FileKinds = new(StringComparer.Ordinal)
    {
        "exe", "dll", "sys", "scr", "pif", "cpl", "msi", "msp", "jar", "js", "jse", "vbs", "vbe", "wsf", "hta", "ps1", "psm1", "bat", "cmd", "lnk", "iso", "img", "vhd", "vhdx", "one", "chm", "doc", "docx", "docm",
        "dot", "dotm", "xls", "xlsx", "xlsm", "xlsb", "xll", "ppt", "pptx", "pptm", "rtf", "pdf", "odt", "ods", "zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "cab", "ace", "arj", "apk", "ipa", "dmg", "pkg",
        "deb", "rpm", "elf", "bin", "dat", "tmp", "log", "txt", "csv", "json", "xml", "yaml", "yml", "html", "htm", "mht", "svg", "eml", "msg", "pst", "php", "asp", "aspx", "jsp", "py", "sh", "md", "mov", "jpg",
        "jpeg", "png", "gif", "bmp", "mp3", "mp4", "avi", "wav", "swf", "class", "so", "ini", "cfg", "conf", "reg", "inf", "bak", "sql", "db", "sqlite", "pcap", "evtx", "dmp", "csx", "cs", "cpp", "h",
    };

    // Endings of files that are top-level domains too: a name of two labels is taken for the file.
    private static readonly HashSet<string> BothKinds = new(StringComparer.Ordinal) { "zip", "mov", "py", "sh", "md", "so" };

    private static readonly HashSet<string> SourceStems = new(StringComparer.OrdinalIgnoreCase)
    {
        "main", "lib", "mod", "index", "test", "tests", "makefile", "rules", "common", "config", "android", "util", "utils", "setup", "build", "app", "server", "client", "script", "install", "run", "readme", "init",
    };

    // Fields of data models and objects: user.name, event.id, file.name …
    private static readonly HashSet<string> FieldOwners = new(StringComparer.OrdinalIgnoreCase)
    {
        "user", "file", "host", "event", "process", "item", "this", "self", "request", "response", "object", "obj", "window", "document", "console", "data", "config", "source", "destination", "rule", "threat", "agent",
        "alert", "client", "server", "network", "container", "cloud", "service", "registry", "dll", "dns", "tls", "url", "log", "observer", "organization", "orchestrator", "package", "related", "session", "sys", "os",
        "app", "node", "foo", "bar", "case", "run", "step", "row", "record", "math", "string", "array", "list", "map", "set", "date", "json", "ctx", "context", "args", "env", "settings", "options", "module",
    };

    private static readonly HashSet<string> FieldNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "name", "id", "host", "domain", "network", "is", "in", "at", "do", "to", "info", "email", "group", "zone", "call", "page", "link", "data", "date", "search", "show", "click", "select", "service", "services",
        "is", "ip", "it", "as", "my", "no", "so", "or", "now", "one", "run", "new", "map", "bar", "open", "build", "write", "read", "play", "save", "cat", "int", "trade", "style", "support", "systems", "properties",
    };

    private static readonly HashSet<string> Products = new(StringComparer.OrdinalIgnoreCase) { "asp.net", "vb.net", "ado.net", "ml.net", "c#.net", "f#.net", "java.io", "java.net", "javax.net", "sun.net", "node.js", "vue.js", "next.js", "react.js", "express.js", "three.js", "d3.js" };

    private readonly string word = Trim(written);

    /// <summary>A label stood before it and was taken off; there is no second one.</summary>
    private bool Labelled { get; init; }

    /// <summary>What it names; mostly one thing or none.</summary>
    public IEnumerable<Observable> Judge()
    {
        if (word.Length < 3) return [];
        if (word.Contains("://", StringComparison.Ordinal)) return Url(word);
        var one = Address() ?? Hash() ?? Cve() ?? Mail() ?? WwwUrl();
        if (one is not null) return [one];
        // src:203.0.113.7, sha256:…, From:someone@evil.example: known labels only, since nginx:1.25.3.1 is an image's version.
        if (!Labelled && word.IndexOf(':') is var colon and > 0 && Labels.Contains(word[..colon]) && colon + 1 < word.Length && word[colon + 1] is not (':' or '/' or '\\'))
            return new ObservableWord(word[(colon + 1)..], word[..colon], ' ', next, defanged) { Labelled = true }.Judge();
        // evil.example/path/login.php is written without its scheme: the host is what is named.
        if (word.IndexOf('/') is var slash and > 0 && !word.Contains('\\') && word.AsSpan(0, slash).Contains('.') && File(word[..slash]) is null && Domain(word[..slash]) is { } host) return [host];
        // A path or a pair: its parts are looked at one by one, but for addresses, where a slash means a network or a product's version (Chrome/120.0.0.0).
        if (word.Contains('/') || word.Contains('\\')) return word.Split('/', '\\').Select(File).OfType<Observable>();
        return (File(word) ?? Domain(word)) is { } named ? [named] : [];
    }

    private static string Trim(string text) => text.Trim('.', ':', '-', '_', '/', '~', '+', '…', '–', '—', '•');

    private static IEnumerable<Observable> Url(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var start = scheme;
        while (start > 0 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '+')) start--;
        if (text[start..scheme].ToLowerInvariant() is not ("http" or "https" or "ftp" or "ftps" or "sftp" or "tcp" or "udp" or "ws" or "wss" or "ldap" or "smb")) yield break;
        var url = text[start..].TrimEnd('.', ',', ';', ':', '!', '?', '\'', '*', '’');
        // A bracket that was not opened in the address belongs to the sentence.
        while (url is [.., ')'] && url.Count(c => c == ')') > url.Count(c => c == '(') || url is [.., ']'] && url.Count(c => c == ']') > url.Count(c => c == '[')) url = url[..^1];
        if (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Host.Length > 0 && IsHost(parsed.IdnHost)) yield return new("url", parsed.AbsoluteUri);
    }

    private static bool IsHost(string host) => IpAddress.TryParse(host.Trim('[', ']'), null, out _) || DomainName.TryParse(host, null, out _);

    private Observable? WwwUrl()
    {
        if (!word.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || word.IndexOf('/') is var slash && slash < 0) return null;
        return Domain(word[..slash]) is not null && Uri.TryCreate($"http://{word}", UriKind.Absolute, out var url) ? new("url", url.AbsoluteUri) : null;
    }

    private Observable? Address()
    {
        if (IsVersion()) return null;
        var text = word.Trim('[', ']');
        if (IpAddress.TryParse(text, null, out var address)) return IsAddress(text, address) ? new("ip", address.ToString()) : null;
        // 203.0.113.7:443 and 203.0.113.7/path
        var end = text.IndexOfAny([':', '/']);
        return end > 0 && text.AsSpan(0, end).Count('.') == 3 && IpAddress.TryParse(text[..end], null, out address) && (text[end] == '/' || text[(end + 1)..].All(char.IsAsciiDigit)) ? new("ip", address.ToString()) : null;
    }

    private bool IsAddress(string text, IpAddress address)
    {
        if (address.ToIPAddress().AddressFamily == AddressFamily.InterNetwork) return text.Contains('.') && address.ToString() is not ("0.0.0.0" or "255.255.255.255") && next is not '%';
        // "abc::def" is code, "00:11:22:33:44:55:66:77" a hardware address, "::" nothing.
        var groups = text.Split('/')[0].Split(':', StringSplitOptions.RemoveEmptyEntries);
        return groups.Length >= 2 && text.Any(char.IsAsciiDigit) && !(groups.Length == 8 && groups.All(g => g.Length == 2));
    }

    /// <summary>Numbers with dots behind "version", "v", "Chrome/" … are no addresses, nor is one that goes on: 1.2.3.4-beta.</summary>
    private bool IsVersion()
    {
        if (Versions.Contains(before.TrimEnd(':', '.', '='))) return true;
        if (previous is '/' or '_' or '-' or '@' or '#' or '§') return true;
        return word[0] is 'v' or 'V' && word.Length > 1 && char.IsAsciiDigit(word[1]);
    }

    private Observable? Hash()
    {
        var kind = word.Length switch { 32 => "md5", 40 => "sha1", 64 => "sha256", 128 => "sha512", _ => null };
        if (kind is null || !word.All(char.IsAsciiHexDigit)) return null;
        // Thirty-two digits are a number, thirty-two times "a" a placeholder.
        if (!word.Any(char.IsAsciiDigit) || !word.Any(char.IsAsciiLetter) || word.Distinct().Count() < 6) return null;
        return new(kind, word.ToLowerInvariant());
    }

    private Observable? Cve()
    {
        var parts = word.Split('-');
        return parts is [var cve, { Length: 4 } year, { Length: >= 4 and <= 19 } number] && cve.Equals("CVE", StringComparison.OrdinalIgnoreCase) && year.All(char.IsAsciiDigit) && number.All(char.IsAsciiDigit)
            && string.CompareOrdinal(year, "1999") >= 0
            ? new("cve", word.ToUpperInvariant())
            : null;
    }

    private Observable? Mail()
    {
        var text = word.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? word[7..] : word;
        var at = text.IndexOf('@');
        if (at < 1 || text.LastIndexOf('@') != at || !text.AsSpan(0, at).ContainsAnyExcept(".-_") || text[..at].Contains("..", StringComparison.Ordinal)) return null;
        if (!DomainName.TryParse(text[(at + 1)..], null, out var domain) || PublicSuffixes.Registrable(domain) is null) return null;
        return EmailAddress.TryParse($"{text[..at]}@{domain}", null, out var mail) ? new("email", mail.Value.ToLowerInvariant()) : null;
    }

    private Observable? File(string text)
    {
        var dot = text.LastIndexOf('.');
        if (dot < 1 || dot == text.Length - 1 || text.Length > 255 || !text[0].Equals('.') && !char.IsLetterOrDigit(text[0]) && text[0] is not ('_' or '~')) return null;
        var (stem, ending) = (text[..dot], text[(dot + 1)..].ToLowerInvariant());
        if (!FileKinds.Contains(ending) || stem.Any(c => c is '@' or ':' or '%')) return null;
        if (stem.All(c => char.IsAsciiDigit(c) || c == '.')) return null; // "3.h" is a number's unit, not a file
        if ((next == '(' && text == word) || Products.Contains(text)) return null; // a call, or the name of a product
        if (PublicSuffixes.IsTopLevel(ending) && !(BothKinds.Contains(ending) && (!stem.Contains('.') || SourceStems.Contains(stem)) && !defanged)) return null;
        return new("file", text.ToLowerInvariant());
    }

    private Observable? Domain(string text)
    {
        if (next == '(' || text.Contains('@') || previous is '@' or '\\' || text.StartsWith('.') || Products.Contains(text)) return null;
        if (text.IndexOf(':') is var colon and > 0)
        {
            if (!text[(colon + 1)..].All(char.IsAsciiDigit)) return null;
            text = text[..colon];
        }

        var labels = text.Split('.');
        if (labels.Length < 2 || !DomainName.TryParse(text, null, out var name) || PublicSuffixes.Registrable(name) is null) return null;
        if (defanged) return new("domain", name.Value);
        return IsCode(labels) || JoinsSentences(labels) || IsMeasure(labels) ? null : new("domain", name.Value);
    }

    private static bool IsCode(string[] labels)
    {
        var top = labels[^1];
        if (labels.Any(l => l.Contains('_'))) return true;
        if (labels.Length == 2 && FieldOwners.Contains(labels[0]) && FieldNames.Contains(top)) return true;
        if (labels.Length == 2 && SourceStems.Contains(labels[0]) && top.ToLowerInvariant() is "rs" or "mk" or "pl" or "cc" or "ps" or "app") return labels.Length == 2;
        // com.example.app, org.apache.commons.io: a package, its owner's name turned round.
        if (labels.Length >= 3 && labels[0] is "com" or "org" or "net" or "io" or "java" or "javax" or "sun" or "edu" or "android" && top is not ("com" or "org" or "net")) return labels.Length >= 3;
        // System.Net, Microsoft.Identity.Client: every label as a type's name.
        return labels.All(l => char.IsUpper(l[0])) && labels.Any(l => l.Any(char.IsLower)) && top.ToLowerInvariant() is not ("com" or "org");
    }

    /// <summary>"finished.No more": a full stop without its space.</summary>
    private static bool JoinsSentences(string[] labels) =>
        labels is [var last, [var first, .. var rest]] && char.IsUpper(first) && rest.Length > 0 && rest.All(char.IsLower) && last.Any(char.IsLower) && ($"{first}{rest}".ToLowerInvariant() is not ("com" or "org" or "net"));

    /// <summary>"10.ml", "5.pm": a number and its unit. Names of digits alone are real under a few suffixes only.</summary>
    private static bool IsMeasure(string[] labels) => labels.Length == 2 && labels[0].All(char.IsAsciiDigit) && labels[1].ToLowerInvariant() is not ("com" or "cn" or "net" or "org");
}
