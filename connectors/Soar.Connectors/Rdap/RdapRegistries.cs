using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.Rdap;

/// <summary>
/// The list of registries in force: the one that the settings name, else IANA's newest, fetched anew when it is due (RFC 9224 §8) and kept beside the store, else the one that is shipped.
/// That a newer one cannot be had is told and harms nothing.
/// </summary>
internal sealed class RdapRegistries : IDisposable
{
    /// <summary>An owner that is asked for waits no longer than this for a newer list.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Again = TimeSpan.FromHours(1);

    private readonly RdapSettings settings;
    private readonly ConnectorServices services;
    private readonly HttpAccess? source;
    private readonly string folder;
    private volatile RdapBootstrap list;
    private long due; // UTC ticks, read by many at once
    private int fetching;

    public RdapRegistries(RdapSettings settings, ConnectorServices services)
    {
        (this.settings, this.services) = (settings, services);
        folder = Path.Combine(services.OwnFolder, "registries");
        list = settings.BaseAddress is { } only ? RdapBootstrap.Only(only) : settings.Bootstrap is { } given ? RdapBootstrap.From(given) : Kept() ?? RdapBootstrap.Shipped();
        if (settings is not { BaseAddress: null, Bootstrap: null } || settings.Refresh == TimeSpan.Zero)
        {
            due = long.MaxValue;
            return;
        }
        var rules = settings.RulesFor(UriHost.Of(settings.RefreshFrom)!);
        source = new HttpAccess(rules with { Timeout = rules.Timeout < Patience ? rules.Timeout : Patience }, services);
        due = (Checked() + settings.Refresh).UtcTicks;
    }

    /// <summary>Why there is no newer list; null = there is none to be had, or none is due.</summary>
    public string? Problem { get; private set; }

    /// <summary>The list as it is known now, without asking.</summary>
    public RdapBootstrap Known => list;

    public bool Refreshes => source is not null;

    /// <summary>The list, after a newer one was fetched where that is due. Who comes meanwhile gets the old one.</summary>
    public async ValueTask<RdapBootstrap> CurrentAsync(CancellationToken cancellation)
    {
        if (services.Clock.GetUtcNow().UtcTicks < Interlocked.Read(ref due) || Interlocked.Exchange(ref fetching, 1) == 1)
            return list;
        try
        {
            foreach (var name in RdapBootstrap.Names)
                await FetchAsync(name, cancellation);
            (list, Problem) = (RdapBootstrap.From(folder), null);
            Interlocked.Exchange(ref due, (services.Clock.GetUtcNow() + settings.Refresh).UtcTicks);
        }
        catch (Exception e) when (e is ConnectorFailure or IOException or UnauthorizedAccessException)
        {
            Problem = $"IANA's list of registries could not be fetched, the one of {list.Publication:yyyy-MM-dd} is used: {e.Message}";
            Interlocked.Exchange(ref due, (services.Clock.GetUtcNow() + Again).UtcTicks);
            Log.OldRegistries(services.Log, services.Instance, Problem);
        }
        finally
        {
            Volatile.Write(ref fetching, 0);
        }
        return list;
    }

    public void Dispose() => source?.Dispose();

    private async Task FetchAsync(string name, CancellationToken cancellation)
    {
        var (path, tag) = (Path.Combine(folder, name), Path.Combine(folder, name + ".etag"));
        var call = HttpCall.Reads(new Uri(settings.RefreshFrom, name)).Accept("application/json");
        if (Kept() is not null && File.Exists(tag))
            call = call.Header("If-None-Match", await File.ReadAllTextAsync(tag, cancellation)).Takes(304);
        var reply = await source!.SendAsync(call, cancellation);
        if (reply.Status != 304)
        {
            RdapBootstrap.Require(name, reply.Body); // nothing that is no list replaces one
            Directory.CreateDirectory(folder);
            Folders.Replace(path, reply.Body);
            // after the file: a tag without its file would keep the old one for good
            Folders.Replace(tag, System.Text.Encoding.ASCII.GetBytes(reply.Header("ETag") ?? ""));
        }
        File.SetLastWriteTimeUtc(path, services.Clock.GetUtcNow().UtcDateTime); // when it was last known to be the newest
    }

    private DateTimeOffset Checked() => Kept() is null ? DateTimeOffset.MinValue : RdapBootstrap.Names.Min(name => new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(folder, name)), TimeSpan.Zero));

    // What lies there may be half of a pair, or broken by somebody: then it is fetched anew.
    private RdapBootstrap? Kept()
    {
        try
        {
            return RdapBootstrap.Names.All(name => File.Exists(Path.Combine(folder, name))) ? RdapBootstrap.From(folder) : null;
        }
        catch (ConnectorFailure)
        {
            return null;
        }
    }
}
