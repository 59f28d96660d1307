using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Soar.Capabilities;
using Soar.Connectors.Tls;

namespace Soar.Connectors.Sockets;

/// <summary>Where a server listens: a host and port, by TLS where <see cref="Tls"/> says so, or a Unix socket.</summary>
internal sealed record LinkTarget
{
    public string Host { get; init; } = "";
    public int Port { get; init; }
    public string? UnixSocket { get; init; }
    public bool Tls { get; init; }

    /// <summary>PEM file of a private CA; with <see cref="Tls"/> only.</summary>
    public string? CaFile { get; init; }

    public override string ToString() => UnixSocket ?? $"{Host}:{Port}";
}

/// <summary>
/// One connection to a server, for protocols other than HTTP. What goes wrong is told as what it means: while connecting nothing can have
/// been done; in a question the other side can only have been slow; in an effect it may have done it.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly LinkTarget target;
    private readonly TimeProvider clock;
    private readonly Socket socket;
    private Stream stream = Stream.Null;

    private Link(LinkTarget target, TimeProvider clock)
    {
        this.target = target;
        this.clock = clock;
        socket = target.UnixSocket is null ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    }

    /// <summary>Connects and secures. Every failure is surely not done.</summary>
    public static async Task<Link> ConnectAsync(LinkTarget target, TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
    {
        var link = new Link(target, clock);
        try
        {
            await link.ReachAsync(link.OpenAsync, limit, cancellation);
            return link;
        }
        catch // whatever went wrong, the connection is closed, and the caller hears why
        {
            await link.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes over to TLS on a connection that began in plain text (STARTTLS). Every failure is surely not done.</summary>
    public Task SecureAsync(TimeSpan limit, CancellationToken cancellation) => ReachAsync(SecureAsync, limit, cancellation);

    /// <summary>A question: whatever breaks has changed nothing.</summary>
    public Task<T> AskAsync<T>(Func<Stream, CancellationToken, Task<T>> exchange, TimeSpan limit, CancellationToken cancellation) => ExchangeAsync(exchange, limit, effect: false, cancellation);

    /// <summary>An effect: whatever breaks from here on, cancelling too, may have come after the other side did it.</summary>
    public Task<T> ChangeAsync<T>(Func<Stream, CancellationToken, Task<T>> exchange, TimeSpan limit, CancellationToken cancellation) => ExchangeAsync(exchange, limit, effect: true, cancellation);

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        socket.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        if (target.UnixSocket is { } path)
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
        else
            await socket.ConnectAsync(target.Host, target.Port, cancellation);
        stream = new NetworkStream(socket);
        if (target.Tls)
            await SecureAsync(cancellation);
    }

    private async Task ReachAsync(Func<CancellationToken, Task> work, TimeSpan limit, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await work(both.Token);
        }
        catch (AuthenticationException e)
        {
            throw ConnectorFailure.Permanent($"The certificate of {target} is not accepted: {e.Message} Set caFile to the PEM file of the CA that signed it, or host to the name it is made for.", e, "certificate");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw ConnectorFailure.Transient($"{target} cannot be reached: {e.Message.TrimEnd('.')}. Nothing was done.", inner: e, reason: "unreachable");
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw ConnectorFailure.Transient($"Connecting to {target} took longer than {Durations.Say(limit)}. Nothing was done.", inner: e, reason: "timeout");
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"The attempt was ended while connecting to {target}. Nothing was done.", inner: e, reason: "cancelled");
        }
    }

    private async Task SecureAsync(CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        stream = tls;
        await tls.AuthenticateAsClientAsync(ServerTrust.Options(target.Host, target.CaFile), cancellation);
    }

    private async Task<T> ExchangeAsync<T>(Func<Stream, CancellationToken, Task<T>> exchange, TimeSpan limit, bool effect, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await exchange(stream, both.Token);
        }
        catch (InvalidDataException e)
        {
            throw Broken($"{target} answered something that is no answer: {e.Message.TrimEnd('.')}.", e, "garbage");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw Broken($"The connection to {target} broke: {e.Message.TrimEnd('.')}.", e, "connection");
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw Broken($"{target} did not answer within {Durations.Say(limit)}.", e, "timeout");
        }
        catch (OperationCanceledException e) when (effect)
        {
            throw Broken($"The attempt was ended before {target} answered.", e, "cancelled");
        }

        ConnectorFailure Broken(string what, Exception inner, string reason) => effect
            ? ConnectorFailure.Unknown($"{what} It may have done what was asked.", inner, reason)
            : ConnectorFailure.Transient(what, inner: inner, reason: reason);
    }
}
