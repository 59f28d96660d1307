using System.Text.Json;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Soar.Server.Settings;

namespace Soar.Server.Accounts.OpenId;

/// <summary>
/// An identity provider as its own documents describe it (OpenID Connect Discovery 1.0): where it is asked, and with which keys it signs. They are kept for a day, and read again when a token
/// is signed with a key that is not among them, so that a rotated key costs nobody a log-in.
/// </summary>
internal sealed class Provider(string name, ProviderSettings settings, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Keep = TimeSpan.FromHours(24), Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim reading = new(1);
    private OpenIdConnectConfiguration? known;
    private DateTimeOffset readAt;

    public string Name => name;
    public ProviderSettings Settings => settings;

    /// <summary>For everything that is asked of the provider. It follows nobody elsewhere.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) }) { Timeout = Patience, MaxResponseContentBufferSize = 1 << 20 };

    /// <summary>Throws SOAR6020 where the provider does not answer, or with something else.</summary>
    public async Task<OpenIdConnectConfiguration> DescribedAsync(CancellationToken cancellation)
    {
        if (known is { } kept && clock.GetUtcNow() < readAt + Keep) return kept;
        return await ReadAsync(known, cancellation);
    }

    /// <summary>Read again, because a signature fits none of its keys. Tokens come from the provider itself, so nobody else can keep us asking.</summary>
    public Task<OpenIdConnectConfiguration> RenewedAsync(OpenIdConnectConfiguration before, CancellationToken cancellation) => ReadAsync(before, cancellation);

    public void Dispose()
    {
        Client.Dispose();
        reading.Dispose();
    }

    /// <summary>That a provider did not do what it is there for.</summary>
    public SoarException Failed(string what, Exception? error = null) => new("SOAR6020", $"The identity provider '{name}' ({settings.Authority}) {what}. Try again; if it stays so, look at the provider, and at login.providers.{name} of the settings.", error);

    private async Task<OpenIdConnectConfiguration> ReadAsync(OpenIdConnectConfiguration? before, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            // Somebody else may have read it while this one stood in line.
            if (known is { } fresh && fresh != before) return fresh;
            var retriever = new HttpDocumentRetriever(Client) { RequireHttps = settings.Authority.Scheme == "https", SendAdditionalHeaderData = false };
            var read = await OpenIdConnectConfigurationRetriever.GetAsync($"{settings.Issuer}/.well-known/openid-configuration", retriever, cancellation);
            Check(read);
            (known, readAt) = (read, clock.GetUtcNow());
            return read;
        }
        catch (Exception error) when (error is IOException or HttpRequestException or JsonException or ArgumentException or InvalidOperationException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Failed("cannot be reached, or its discovery document or keys cannot be read", error);
        }
        finally
        {
            reading.Release();
        }
    }

    private void Check(OpenIdConnectConfiguration read)
    {
        // Discovery 1.0, 4.3: else a document put in its place could speak for another issuer.
        if (read.Issuer?.TrimEnd('/') != settings.Issuer) throw Failed($"says that it is '{read.Issuer}': the issuer must be what authority names");
        foreach (var (what, address) in new[] { ("authorization_endpoint", read.AuthorizationEndpoint), ("token_endpoint", read.TokenEndpoint) })
            if (!IsSafe(address)) throw Failed($"has no usable {what} ('{address}')");
        if (read.SigningKeys.Count == 0) throw Failed("publishes no key that its tokens could be signed with");
    }

    /// <summary>Whether it may be asked there: over TLS, or on this machine where the provider is.</summary>
    public bool IsSafe(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url is { Scheme: "http", IsLoopback: true } && settings.Authority.Scheme == "http"));
}
