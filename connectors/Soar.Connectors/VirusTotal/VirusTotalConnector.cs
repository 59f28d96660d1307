using System.Buffers.Text;
using System.Text;
using System.Text.Json.Serialization;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Intel;

namespace Soar.Connectors.VirusTotal;

/// <summary>
/// What the engines of VirusTotal say of an address, domain, URL or file hash. It only asks: nothing is ever submitted there, so a URL or file that VirusTotal does not know stays unknown to
/// everybody who searches it.
/// </summary>
[Connector("virustotal", "Looks up addresses, domains, URLs and file hashes in VirusTotal.", Proven = "the API examples that VirusTotal publishes", Outside = true, Rate = "4/m")]
public sealed class VirusTotalConnector : IConnector, IIntel
{
    private readonly VirusTotalSettings settings;
    private readonly ConnectorServices services;
    private readonly HttpAccess http;

    public VirusTotalConnector(VirusTotalSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        http = new HttpAccess(settings.Rules() with { MaxBytes = 16 * 1024 * 1024, Authorise = request => request.Headers.TryAddWithoutValidation("x-apikey", settings.Key!.Reveal()) }, services);
        Simulator = new SimulatedIntel(services.Instance, (_, _) => throw OnlyAsked(), (_, _) => throw OnlyAsked());
    }

    public object Simulator { get; }

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => LookAsync(IntelRules.Of(address), cancellation);

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => LookAsync(IntelRules.Form(observable), cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        await ReadAsync(new Observable("ip", "8.8.8.8"), cancellation);
        return new ConnectorTest(true, $"{settings.Address!.Authority} knows the key.");
    });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ConnectorFailure OnlyAsked() => IntelRules.Unsupported("VirusTotal is only asked here.");

    private static string? NotAsked(Observable form) => form.Type is "email" or "file" ? $"VirusTotal knows no {(form.Type == "file" ? "file names" : "mail addresses")}"
        : form.Type == "ip" && IpAddress.Parse(form.Value).IsNetwork ? "it is asked about single addresses only"
        : IntelRules.StaysInside(form) ? "what is private or special is not told to others" : null;

    private async Task<IntelReport> LookAsync(Observable form, CancellationToken cancellation)
    {
        if (NotAsked(form) is { } why)
            return new IntelReport(services.Instance, Verdict.Unknown, why);
        if (await ReadAsync(form, cancellation) is not { } found)
            return new IntelReport(services.Instance, Verdict.Unknown, "VirusTotal does not know it");
        if (found.Stats is not { } stats)
            return new IntelReport(services.Instance, Verdict.Unknown, "no engine has looked at it");
        var verdict = stats.Malicious >= settings.Malicious ? Verdict.Malicious : stats.Malicious + stats.Suspicious >= settings.Suspicious ? Verdict.Suspicious : Verdict.Unknown;
        return new IntelReport(services.Instance, verdict, IntelRules.Short(Words(found, stats), 500));
    }

    private static string Words(Known found, Statistics stats)
    {
        var words = new StringBuilder($"of {stats.Malicious + stats.Suspicious + stats.Harmless + stats.Undetected} engines {stats.Malicious} call it malicious, {stats.Suspicious} suspicious");
        if (found.AnalysedAt is { } seconds)
            words.Append($", on {DateTimeOffset.FromUnixTimeSeconds(seconds):yyyy-MM-dd}");
        foreach (var (name, value) in new[] { ("threat", found.Threat?.Label), ("owner", found.Owner), ("registrar", found.Registrar), ("type", found.Type), ("name", found.Name) })
            if (IntelRules.Short(value, 80) is { Length: > 0 } text)
                words.Append($", {name} {text}");
        return found.Reputation is { } reputation ? words.Append($", reputation {reputation}").ToString() : words.ToString();
    }

    /// <summary>Null where VirusTotal does not know it.</summary>
    private async Task<Known?> ReadAsync(Observable form, CancellationToken cancellation)
    {
        var address = form.Type switch
        {
            "ip" => settings.At($"ip_addresses/{form.Value}"),
            "domain" => settings.At($"domains/{form.Value}"),
            // Its own identifier of a URL: Base64 for URLs, without padding.
            "url" => settings.At($"urls/{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(form.Value))}"),
            _ => settings.At($"files/{form.Value}"),
        };
        var reply = await http.SendAsync(HttpCall.Reads(address).Accept("application/json").Takes(400, 404, 424, 429), cancellation);
        if (reply.IsSuccess)
            return reply.Json<Answer>().Data.Attributes;
        var error = ErrorOf(reply);
        return reply.Status == 404 && error?.Code == "NotFoundError" ? null : throw Failure(reply, error);
    }

    private ConnectorFailure Failure(HttpReply reply, Error? error)
    {
        var failure = http.Refused(reply, error is null ? "" : $"{error.Code}, {IntelRules.Short(error.Message)}");
        return error?.Code switch
        {
            // Which of its quotas is used up (of the minute, day or month) it does not say; the shortest is over in a minute.
            "QuotaExceededError" => ConnectorFailure.Transient(failure.Message, failure.RetryAfter ?? TimeSpan.FromMinutes(1), reason: failure.Reason),
            "NotAvailableYet" or "FailedDependencyError" => ConnectorFailure.Transient(failure.Message, failure.RetryAfter, reason: failure.Reason),
            _ => failure,
        };
    }

    // Null where something else than VirusTotal answers.
    private static Error? ErrorOf(HttpReply reply)
    {
        try
        {
            return reply.Json<Refusal>().Error;
        }
        catch (ConnectorFailure)
        {
            return null;
        }
    }

    private sealed record Answer
    {
        public required Thing Data { get; init; }
    }

    private sealed record Thing
    {
        public required Known Attributes { get; init; }
    }

    /// <summary>What is of interest of the attributes of all four kinds.</summary>
    private sealed record Known
    {
        [JsonPropertyName("last_analysis_stats")]
        public Statistics? Stats { get; init; }

        [JsonPropertyName("last_analysis_date")]
        public long? AnalysedAt { get; init; }

        public int? Reputation { get; init; }

        [JsonPropertyName("as_owner")]
        public string? Owner { get; init; }

        public string? Registrar { get; init; }

        [JsonPropertyName("type_description")]
        public string? Type { get; init; }

        [JsonPropertyName("meaningful_name")]
        public string? Name { get; init; }

        [JsonPropertyName("popular_threat_classification")]
        public Classification? Threat { get; init; }
    }

    private sealed record Statistics
    {
        public required int Malicious { get; init; }
        public required int Suspicious { get; init; }
        public int Harmless { get; init; }
        public int Undetected { get; init; }
    }

    private sealed record Classification
    {
        [JsonPropertyName("suggested_threat_label")]
        public string? Label { get; init; }
    }

    private sealed record Refusal
    {
        public required Error Error { get; init; }
    }

    private sealed record Error(string Code, string? Message);
}
