using Soar.Capabilities;

namespace Soar.Connectors.Ldap;

/// <summary>What every directory has in common. What it means to be disabled, and how our note is kept, its kind tells.</summary>
public abstract class DirectoryConnector : IConnector, IIdentity
{
    private const string Disabled = "disabled";

    private readonly DirectorySettings settings;
    private readonly TimeProvider clock;

    private protected DirectoryConnector(DirectorySettings settings, ConnectorServices services)
    {
        this.settings = settings;
        clock = services.Clock;
        Simulator = new DirectorySimulator(settings);
    }

    public object Simulator { get; }

    public async Task<DisabledAccount> DisableAsync(string account, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        Allowed(settings, account);
        await using var client = await OpenAsync(cancellation);
        var entry = await NothingChangedYet(() => TargetAsync(client, account, forDisabling: true, cancellation));
        var note = NoteOf(entry);
        if (IsDisabled(entry) && (note is null || note.Key == context.Key.Value))
            return Result(entry);
        // Another case's: it becomes ours, and what was before it stays what is restored.
        var before = IsDisabled(entry) ? note!.Before : Before(entry);
        IEnumerable<LdapChange> changes = IsDisabled(entry) ? [] : Disabling(entry);
        await client.ModifyAsync(entry.Dn, [.. changes, .. Renote(entry, note, DirectoryNote.Write(context.Key, before, clock.GetUtcNow()))], cancellation);
        var after = await ReadBackAsync(client, account, cancellation);
        return IsDisabled(after) ? Result(after) : throw NotThere(after);
    }

    public async Task EnableAsync(string account, ActionContext context, CancellationToken cancellation)
    {
        await using var client = await OpenAsync(cancellation);
        var entry = await NothingChangedYet(() => AccountAsync(client, account, cancellation));
        var note = NoteOf(entry);
        if (!IsDisabled(entry) && note is null)
            return;
        if (note is null)
            throw ConnectorFailure.Permanent($"{account} was disabled by somebody else, or they took it over by removing Soar's note: it stays disabled. Enable it with the directory's own tools if that is right.", reason: "not-ours");
        IEnumerable<LdapChange> changes = IsDisabled(entry) ? Enabling(entry, note.Before) : [];
        await client.ModifyAsync(entry.Dn, [.. changes, .. Renote(entry, note, null)], cancellation);
    }

    public async Task<DirectoryAccount> ForcePasswordChangeAsync(string account, ActionContext context, CancellationToken cancellation)
    {
        Allowed(settings, account);
        await using var client = await OpenAsync(cancellation);
        var entry = await NothingChangedYet(() => TargetAsync(client, account, forDisabling: false, cancellation));
        if (MustChange(entry))
            return Account(entry);
        await client.ModifyAsync(entry.Dn, [ForcingChange], cancellation);
        var after = await ReadBackAsync(client, account, cancellation);
        return MustChange(after) ? Account(after) : throw NotThere(after);
    }

    public async Task<IReadOnlyList<DirectoryAccount>> FindAsync(string text, ActionContext context, CancellationToken cancellation)
    {
        await using var client = await OpenAsync(cancellation);
        var entries = await client.SearchAsync(settings.Base, LdapFilter.And(Accounts, Matching(text.Trim())), Attributes, settings.MostResults, cancellation);
        return [.. entries.Where(entry => entry.First(LoginAttribute) is not null).Select(Account).OrderBy(found => found.Name, StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<DirectoryGroup>> GroupsAsync(string account, ActionContext context, CancellationToken cancellation)
    {
        await using var client = await OpenAsync(cancellation);
        var entry = await AccountAsync(client, account, cancellation);
        var found = new Dictionary<string, DirectoryGroup>(StringComparer.OrdinalIgnoreCase);
        var next = await OwnGroupsAsync(client, entry, cancellation);
        for (var direct = true; next.Count > 0; direct = false)
        {
            var fresh = next.Where(group => found.TryAdd(group.Dn, new DirectoryGroup(group.First("cn") ?? group.Dn, group.Dn, direct))).ToList();
            if (found.Count > settings.MostResults)
                throw ConnectorFailure.Permanent($"{account} belongs to more than {settings.MostResults} groups. Raise mostResults.", reason: "too-many");
            next = [];
            foreach (var some in fresh.Chunk(50)) // groups that lie in each other end here: what is known is not asked again
                next.AddRange(await client.SearchAsync(settings.Base, LdapFilter.Or(some.SelectMany(group => Holding(group.Dn))), ["cn"], settings.MostResults, cancellation));
        }
        return [.. found.Values.OrderBy(group => group.Name, StringComparer.Ordinal)];
    }

    public async Task<Probe<DisabledAccount>> ProbeDisableAsync(string account, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        await using var client = await OpenAsync(cancellation);
        var entry = await AccountAsync(client, account, cancellation);
        return IsDisabled(entry) ? Probe.Present(Result(entry), NoteOf(entry)?.Key == context.Key.Value) : Probe.Absent<DisabledAccount>();
    }

    public async Task<Probe<DirectoryAccount>> ProbeForcePasswordChangeAsync(string account, ActionContext context, CancellationToken cancellation)
    {
        await using var client = await OpenAsync(cancellation);
        var entry = await AccountAsync(client, account, cancellation);
        return MustChange(entry) ? Probe.Present(Account(entry), ours: false) : Probe.Absent<DirectoryAccount>();
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        await using var client = await OpenAsync(cancellation);
        if (await client.ReadAsync(settings.Base, ["objectClass"], cancellation) is null)
            return new ConnectorTest(false, $"{settings.Host} takes the login, but shows no entry {settings.Base}. Check base, and the right to read it.");
        var more = await TestMoreAsync(client, cancellation);
        return new ConnectorTest(true, $"{settings.Host} takes the login of {settings.User} and shows {settings.Base}.{more}");
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected abstract string LoginAttribute { get; }
    private protected abstract IReadOnlyList<string> Attributes { get; }
    private protected abstract LdapFilter Accounts { get; }
    private protected abstract LdapChange ForcingChange { get; }
    private protected abstract LdapFilter Matching(string text);
    private protected abstract IEnumerable<LdapFilter> Holding(string dn);
    private protected abstract bool IsDisabled(LdapEntry entry);
    private protected abstract bool MustChange(LdapEntry entry);
    private protected abstract bool IsOurself(LdapEntry entry);

    /// <summary>What stands now, in the words that <see cref="Enabling"/> restores it from.</summary>
    private protected abstract string Before(LdapEntry entry);
    private protected abstract IEnumerable<LdapChange> Disabling(LdapEntry entry);
    private protected abstract IEnumerable<LdapChange> Enabling(LdapEntry entry, string before);
    private protected abstract DirectoryNote? NoteOf(LdapEntry entry);
    private protected abstract IEnumerable<LdapChange> Renote(LdapEntry entry, DirectoryNote? old, DirectoryNote? next);

    /// <summary>The attributes that show it.</summary>
    private protected abstract string Evidence(LdapEntry entry);

    /// <summary>Fails by name where the directory would take the change and then not act on it.</summary>
    private protected abstract Task RequireEffectiveAsync(LdapClient client, LdapEntry entry, bool forDisabling, CancellationToken cancellation);

    /// <summary>The groups that hold the account itself.</summary>
    private protected abstract Task<List<LdapEntry>> OwnGroupsAsync(LdapClient client, LdapEntry entry, CancellationToken cancellation);

    private protected abstract Task<string> TestMoreAsync(LdapClient client, CancellationToken cancellation);

    private protected string Base => settings.Base;
    private protected int MostResults => settings.MostResults;

    internal static void Allowed(DirectorySettings settings, string account)
    {
        if (settings.Never.Contains(account, StringComparer.OrdinalIgnoreCase))
            throw ConnectorFailure.Permanent($"{account} is never to be touched (setting never).", reason: "never");
    }

    private protected virtual string Login(string account) => account;

    private Task<LdapClient> OpenAsync(CancellationToken cancellation) => LdapClient.ConnectAsync(settings, clock, cancellation);

    private async Task<LdapEntry> TargetAsync(LdapClient client, string account, bool forDisabling, CancellationToken cancellation)
    {
        var entry = await AccountAsync(client, account, cancellation);
        Allowed(settings, entry.First(LoginAttribute)!); // the directory may know one name in several spellings
        if (IsOurself(entry))
            throw ConnectorFailure.Permanent($"{account} is the account that Soar itself logs in with; it is not touched.", reason: "never");
        await RequireEffectiveAsync(client, entry, forDisabling, cancellation);
        return entry;
    }

    private async Task<LdapEntry> AccountAsync(LdapClient client, string account, CancellationToken cancellation)
    {
        var login = Login(account);
        var found = await client.SearchAsync(settings.Base, LdapFilter.And(Accounts, LdapFilter.Is(LoginAttribute, login)), Attributes, settings.MostResults, cancellation);
        return found.Count switch
        {
            // Directories overlook blanks; the ledger does not, and one account must be one target there.
            1 when !found[0].All(LoginAttribute).Contains(login, StringComparer.OrdinalIgnoreCase) =>
                throw ConnectorFailure.Permanent($"'{account}' is written '{found[0].First(LoginAttribute)}' in the directory. Write it so.", reason: "login-name"),
            1 => found[0],
            0 => throw ConnectorFailure.Permanent($"There is no account '{account}' below {settings.Base}. Identity.Find tells login names.", reason: "404"),
            _ => throw ConnectorFailure.Permanent($"'{account}' is the login of {found.Count} accounts below {settings.Base}: {string.Join("; ", found.Select(entry => entry.Dn))}. Narrow base.", reason: "ambiguous"),
        };
    }

    private async Task<LdapEntry> ReadBackAsync(LdapClient client, string account, CancellationToken cancellation)
    {
        try
        {
            return await AccountAsync(client, account, cancellation);
        }
        catch (Exception e) when (e is ConnectorFailure or OperationCanceledException)
        {
            throw ConnectorFailure.Unknown($"{settings.Host} took the change of {account}, but reading it back failed: {e.Message}", e, "not-read-back");
        }
    }

    private async Task<LdapEntry> NothingChangedYet(Func<Task<LdapEntry>> look)
    {
        try
        {
            return await look();
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"The attempt was ended while looking at {settings.Host}; nothing was changed.", inner: e, reason: "cancelled");
        }
    }

    private ConnectorFailure NotThere(LdapEntry entry) =>
        ConnectorFailure.Unknown($"{settings.Host} took the change of {entry.Dn} but does not show it ({Evidence(entry)}). A copy of the directory may lag behind: look at the entry.", reason: "not-there");

    private DisabledAccount Result(LdapEntry entry) => new(entry.First(LoginAttribute)!, entry.Dn, NoteOf(entry)?.Before ?? Disabled, Evidence(entry));

    private DirectoryAccount Account(LdapEntry entry) => new()
    {
        Name = entry.First(LoginAttribute)!, Entry = entry.Dn, DisplayName = entry.First("displayName") ?? entry.First("cn") ?? entry.First(LoginAttribute)!,
        Mail = EmailAddress.TryParse(entry.First("mail"), null, out var mail) ? mail : null, Disabled = IsDisabled(entry), MustChangePassword = MustChange(entry),
    };
}

/// <summary>Refuses what is never touched; knows nobody.</summary>
internal sealed class DirectorySimulator(DirectorySettings settings) : IIdentity
{
    public Task<DisabledAccount> DisableAsync(string account, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        DirectoryConnector.Allowed(settings, account);
        return Task.FromResult(new DisabledAccount(account, "", DirectoryNote.Enabled, "simulated"));
    }

    public Task EnableAsync(string account, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;

    public Task<DirectoryAccount> ForcePasswordChangeAsync(string account, ActionContext context, CancellationToken cancellation)
    {
        DirectoryConnector.Allowed(settings, account);
        return Task.FromResult(new DirectoryAccount { Name = account, Entry = "", DisplayName = account, MustChangePassword = true });
    }

    public Task<IReadOnlyList<DirectoryAccount>> FindAsync(string text, ActionContext context, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<DirectoryAccount>>([]);

    public Task<IReadOnlyList<DirectoryGroup>> GroupsAsync(string account, ActionContext context, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<DirectoryGroup>>([]);

    public Task<Probe<DisabledAccount>> ProbeDisableAsync(string account, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<DisabledAccount>());

    public Task<Probe<DirectoryAccount>> ProbeForcePasswordChangeAsync(string account, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<DirectoryAccount>());
}
