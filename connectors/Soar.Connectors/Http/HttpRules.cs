namespace Soar.Connectors.Http;

/// <summary>What a connector declares about its HTTP calls. Nothing that is not declared can be reached.</summary>
public sealed record HttpRules
{
    /// <summary>Hosts that may be called, by name or address, lower case. An address that stands here, or a name with <see cref="AllowPrivate"/>, may be internal.</summary>
    public required IReadOnlySet<string> Hosts { get; init; }

    /// <summary>Any other host may be called too, if it is public and by https: RDAP registries refer to each other.</summary>
    public bool AnyPublicHost { get; init; }

    /// <summary>Declared names may resolve to internal addresses.</summary>
    public bool AllowPrivate { get; init; }

    public string? CaFile { get; init; }
    public string? ClientCertificate { get; init; }
    public string? ClientKey { get; init; }
    public Uri? Proxy { get; init; }

    /// <summary>Time for one request with its whole answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Largest answer that is read, in bytes. Default: 1 MiB.</summary>
    public int MaxBytes { get; init; } = 1024 * 1024;
    public int Redirects { get; init; } = 5;

    /// <summary>Adds the instance's credential to a request. It stays with the host and port that the request is for, also when that redirects.</summary>
    public Action<HttpRequestMessage> Authorise { get; init; } = static _ => { };
}
