using Soar.Connectors.Http;
using Soar.Connectors.Imap;
using Soar.Connectors.Smtp;

namespace Soar.Connectors.Rdap;

/// <summary>The regional registries, and the mail server by which providers are told.</summary>
public sealed record RdapSettings : HttpTransportSettings
{
    [Setting("One RDAP server for everything, instead of the registries by IANA's bootstrap. Default: none.")]
    public Uri? BaseAddress { get; init; }

    [Setting("Folder with ipv4.json and ipv6.json as IANA has them, used instead of what is fetched. Default: none.")]
    public string? Bootstrap { get; init; }

    [Setting("How often IANA's list of registries is fetched anew and kept in connectors/<instance> beside the store; 0s = never, then the one shipped is used. Default: 7d.")]
    public TimeSpan Refresh { get; init; } = TimeSpan.FromDays(7);

    [Setting("Where it is fetched from: IANA, or a copy of its ipv4.json and ipv6.json in this folder. Default: https://data.iana.org/rdap/.")]
    public Uri RefreshFrom { get; init; } = new("https://data.iana.org/rdap/");

    [Setting("How long an answer is kept. Default: 24h.")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromHours(24);

    [Setting("Mail server for reports, with the fields of an smtp connector. Default: none, reports fail and say so.")]
    public SmtpSettings? Smtp { get; init; }

    [Setting("Mailbox where providers answer, with the fields of an imap connector. Default: none, awaiting an answer fails and says so.")]
    public ImapSettings? Imap { get; init; }

    [Setting("Our organisation's name in reports. Default: fromName of the mail server, else its sender's domain.")]
    public string? Organisation { get; init; }

    [Setting("Language of the templates: en, mk. Default: en.")]
    public string Language { get; init; } = "en";

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (BaseAddress is not null && (BaseAddress.Scheme is not ("https" or "http") || BaseAddress.UserInfo.Length > 0 || BaseAddress.Query.Length > 0))
            yield return "baseAddress: must be http(s)://host/path without user and query";
        if (Bootstrap is not null && (!File.Exists(Path.Combine(Bootstrap, "ipv4.json")) || !File.Exists(Path.Combine(Bootstrap, "ipv6.json"))))
            yield return $"bootstrap: {Bootstrap} does not hold ipv4.json and ipv6.json";
        if (Refresh < TimeSpan.Zero)
            yield return "refresh: must not be less than nothing; 0s is never";
        if ((RefreshFrom.Scheme != "https" && !(RefreshFrom.Scheme == "http" && RefreshFrom.IsLoopback)) || RefreshFrom.UserInfo.Length > 0 || !RefreshFrom.AbsoluteUri.EndsWith('/'))
            yield return "refreshFrom: must be https://host/folder/ with the slash at its end";
        foreach (var problem in Smtp?.Problems() ?? [])
            yield return "smtp." + problem;
        foreach (var problem in Imap?.Problems() ?? [])
            yield return "imap." + problem;
    }
}
