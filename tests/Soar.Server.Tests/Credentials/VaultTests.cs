using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Connectors;
using Soar.Server.Credentials;
using Soar.Server.Settings;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Credentials;

/// <summary>Credentials in a store of the test's own, under keys that the test changes as a deployment would.</summary>
public sealed class VaultTests : IAsyncLifetime
{
    private static readonly string First = KeyRing.NewKey(), Second = KeyRing.NewKey();

    private readonly TempFolder folder = new();
    private readonly StandingClock clock = new();
    private readonly Workspace workspace;
    private string? key = First;
    private string[] old = [];
    private SoarDatabase database;

    public VaultTests()
    {
        workspace = new Workspace(null, folder.Path, folder.Path, folder.Path);
        database = Open();
    }

    private string Database => Path.Combine(folder.Path, "soar.db");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_value_is_given_to_whoever_refers_to_it_and_is_nowhere_in_the_files()
    {
        await SetAsync("edge", "c4nary-first");
        var values = Values();
        Assert.True(values.TryGive("edge", "connectors.edge.token", out var secret, out _));
        Assert.Equal("c4nary-first", secret.Reveal());
        Assert.False(values.TryGive("egde", "connectors.edge.token", out _, out var problem));
        Assert.Contains("'soar credentials set egde'", problem, StringComparison.Ordinal);
        Assert.Contains("'edge'", problem, StringComparison.Ordinal);
        await database.DisposeAsync();
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf("c4nary"u8) < 0, file));
    }

    [Fact]
    public async Task A_new_value_is_what_those_get_who_ask_next_and_the_masks_know_it_first()
    {
        await SetAsync("edge", "c4nary-first");
        var values = Values();
        var mask = new SecretMask();
        values.Replaced += secret => mask.Add(secret);
        Assert.True(values.TryGive("edge", "connectors.edge.token", out var secret, out _));
        var view = await Vault(values).SetAsync(new SetCredentialCall("edge", "c4nary-second", "ana"));
        Assert.Equal(("c4nary-second", 2L), (secret.Reveal(), view.Version));
        Assert.Equal(["connectors.edge.token"], view.References);
        Assert.Equal("it said •••", mask.Text("it said c4nary-second"));
    }

    [Fact]
    public async Task A_use_is_told_first_by_each_place_then_once_a_minute_and_first_again_after_a_new_value()
    {
        await SetAsync("edge", "c4nary-first");
        var values = Values();
        Assert.True(values.TryGive("edge", "connectors.edge.token", out var edge, out _));
        Assert.True(values.TryGive("edge", "hooks.gate.token", out var hook, out _));
        _ = new SecretMask(edge, hook); // searching for it is no use
        Assert.False(values.Taken.TryRead(out _));
        for (var i = 0; i < 100; i++) edge.Reveal();
        hook.Reveal();
        Assert.Equal([("connectors.edge.token", true), ("hooks.gate.token", true)], Told(values));
        clock.Advance(TimeSpan.FromSeconds(59));
        edge.Reveal();
        Assert.Empty(Told(values));
        clock.Advance(TimeSpan.FromSeconds(1));
        edge.Reveal();
        Assert.Equal([("connectors.edge.token", false)], Told(values));
        await Vault(values).SetAsync(new SetCredentialCall("edge", "c4nary-second", "ana"));
        edge.Reveal();
        Assert.Equal([("connectors.edge.token", true)], Told(values));
    }

    [Fact]
    public async Task Who_used_it_and_when_is_listed_and_a_credential_in_use_is_not_removed()
    {
        await SetAsync("edge", "c4nary-first");
        var values = Values();
        Assert.True(values.TryGive("edge", "connectors.edge.token", out _, out _));
        var vault = Vault(values);
        await vault.UsedAsync(new UseCredentialCall("edge", "connectors.edge.token", clock.GetUtcNow(), First: true));
        await vault.UsedAsync(new UseCredentialCall("edge", "connectors.edge.token", clock.GetUtcNow() + TimeSpan.FromMinutes(1), First: false));
        await vault.UsedAsync(new UseCredentialCall("nobody", "connectors.edge.token", clock.GetUtcNow(), First: true));
        var view = Assert.Single(await vault.ListAsync());
        Assert.Equal(("ana", clock.GetUtcNow()), (view.SetBy, view.SetAt));
        Assert.Equal(new CredentialView.Use("connectors.edge.token", clock.GetUtcNow() + TimeSpan.FromMinutes(1)), Assert.Single(view.Uses));

        Assert.Equal("SOAR6081", (await Assert.ThrowsAsync<SoarException>(() => vault.RemoveAsync(new RemoveCredentialCall("edge", "ana")))).Code);
        Assert.True(await Vault(Values()).RemoveAsync(new RemoveCredentialCall("edge", "ana")));
        await Assert.ThrowsAsync<NotFoundException>(() => Vault(Values()).RemoveAsync(new RemoveCredentialCall("edge", "ana")));
        Assert.Empty(await vault.ListAsync());
    }

    [Theory]
    [InlineData("Edge", "long enough")]
    [InlineData("", "long enough")]
    [InlineData("-edge", "long enough")]
    [InlineData("edge/../x", "long enough")]
    [InlineData("edge", "short")]
    public async Task A_name_or_value_that_cannot_be_is_refused_without_telling_the_value(string name, string value)
    {
        var refused = await Assert.ThrowsAsync<SoarException>(() => SetAsync(name, value));
        Assert.Equal("SOAR6080", refused.Code);
        Assert.DoesNotContain(value, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>For each write of a rotation: the process is gone just before it. What is there opens with the keys that are there, and the next rotation does the rest.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_rotation_that_is_cut_off_before_any_of_its_writes_loses_nothing_and_the_next_one_completes_it(int writesDone)
    {
        var names = new[] { "a", "b", "c" };
        foreach (var name in names) await SetAsync(name, $"c4nary-{name}");
        var users = await UsersAsync("ana", "boris");
        foreach (var user in users) await PutAuthenticatorAsync(user, Ring().Seal(CredentialVault.AuthenticatorOf(user), $"TOTP{user:N}"));
        SealedFile.Write(workspace.LinkKey, new byte[32], Ring());
        var before = (await Store().ListAsync()).ToDictionary(row => row.Name, row => row.Sealed);

        (key, old) = (Second, [First]);
        await FailAfterAsync(writesDone);
        if (writesDone < 5) await Assert.ThrowsAsync<SoarException>(() => Vault(Values()).RotateAsync(CancellationToken.None));
        else
        {
            // The five rows are written; the file's place is taken, so that it cannot be.
            Directory.CreateDirectory(workspace.LinkKey + ".new");
            await Assert.ThrowsAnyAsync<Exception>(() => Vault(Values()).RotateAsync(CancellationToken.None));
            Directory.Delete(workspace.LinkKey + ".new");
        }

        await database.DisposeAsync();
        database = Open();
        await OpensAsync();
        Assert.Equal(Math.Min(writesDone, 3), (await Store().ListAsync()).Count(row => row.Sealed != before[row.Name]));

        await FailAfterAsync(null);
        var done = await Vault(Values()).RotateAsync(CancellationToken.None);
        Assert.Equal((3, 2, true, 0), (done.Credentials, done.Authenticators, done.LinkKey, done.Left.Count));
        // The old key is needed for nothing any more.
        old = [];
        await OpensAsync();

        async Task OpensAsync()
        {
            var values = Values();
            foreach (var name in names)
            {
                Assert.True(values.TryGive(name, "connectors.x.token", out var secret, out var problem), problem);
                Assert.Equal($"c4nary-{name}", secret.Reveal());
            }

            foreach (var (user, secret) in await Store().AuthenticatorsAsync()) Assert.Equal($"TOTP{user:N}", Vault(values).OpenAuthenticator(user, secret));
            Assert.Equal(new byte[32], SealedFile.Read(workspace.LinkKey, Ring()));
        }
    }

    [Fact]
    public async Task What_cannot_be_opened_is_told_and_keeps_nothing_else_from_being_encrypted_anew()
    {
        await SetAsync("a", "c4nary-a");
        key = KeyRing.NewKey(); // nobody kept it
        await SetAsync("b", "c4nary-b");
        (key, old) = (Second, [First]);
        var done = await Vault(Values()).RotateAsync(CancellationToken.None);
        Assert.Equal(1, done.Credentials);
        Assert.Contains("credential b", Assert.Single(done.Left), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_is_set_while_a_rotation_reads_is_not_overwritten_by_it()
    {
        await SetAsync("a", "c4nary-a");
        var row = Assert.Single(await Store().ListAsync());
        await SetAsync("a", "c4nary-newer");
        Assert.False(await Store().ResealAsync("a", row.Sealed, Ring().Seal("credential a", "c4nary-a"), clock.GetUtcNow()));
        Assert.True(Values().TryGive("a", "x", out var secret, out _));
        Assert.Equal("c4nary-newer", secret.Reveal());
    }

    [Fact]
    public async Task Secrets_of_authenticators_from_before_there_was_a_key_are_sealed_and_leave_no_trace_in_the_file()
    {
        var user = Assert.Single(await UsersAsync("ana"));
        await PutAuthenticatorAsync(user, "C4NARYTOTPSECRETC4NARYTOTPSECRET");
        key = null;
        Assert.Equal(1, await Vault(Values()).SealAuthenticatorsAsync());
        Assert.Equal("C4NARYTOTPSECRETC4NARYTOTPSECRET", Vault(Values()).OpenAuthenticator(user, Assert.Single(await Store().AuthenticatorsAsync()).Secret));
        key = First;
        Assert.Equal(0, await Vault(Values()).SealAuthenticatorsAsync());
        var kept = Assert.Single(await Store().AuthenticatorsAsync()).Secret;
        Assert.True(KeyRing.IsSealed(kept));
        Assert.Equal("C4NARYTOTPSECRETC4NARYTOTPSECRET", Vault(Values()).OpenAuthenticator(user, kept));
        await database.DisposeAsync();
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf("C4NARYTOTP"u8) < 0, file));
    }

    [Fact]
    public void A_file_that_lies_open_is_sealed_once_there_is_a_key()
    {
        var file = folder.File("answer.key", "0123456789abcdef0123456789abcdef");
        Assert.Equal("0123456789abcdef0123456789abcdef"u8.ToArray(), SealedFile.Read(file, KeyRing.Empty));
        Assert.Equal("0123456789abcdef0123456789abcdef"u8.ToArray(), SealedFile.Read(file, Ring()));
        Assert.StartsWith("soar1:", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal("0123456789abcdef0123456789abcdef"u8.ToArray(), SealedFile.Read(file, Ring()));
    }

    private SoarDatabase Open() => SoarDatabase.Open(Database, new StorageOptions(), clock);

    private CredentialStore Store() => new(database);

    private KeyRing Ring() => KeyRing.Of(new CredentialSettings { Key = key is null ? null : new Secret(key), OldKeys = [.. old.Select(one => new Secret(one))] });

    private CredentialValues Values() => new(() => Store().List(), Ring, clock);

    private CredentialVault Vault(CredentialValues values) => new(Store(), Ring, values, workspace, clock);

    private Task<CredentialView> SetAsync(string name, string value) => Vault(Values()).SetAsync(new SetCredentialCall(name, value, "ana"));

    private static List<(string, bool)> Told(CredentialValues values)
    {
        var told = new List<(string, bool)>();
        while (values.Taken.TryRead(out var taken)) told.Add((taken.By, taken.First));
        return told;
    }

    private async Task<IReadOnlyList<Guid>> UsersAsync(params string[] names)
    {
        var accounts = new AccountStore(database);
        var ids = new Ids(clock);
        foreach (var name in names) await accounts.AddAsync(new User(ids.Next(), name, name, [], null, null, 0, null, null, clock.GetUtcNow(), "root"), first: false, null, null);
        return [.. (await accounts.ListAsync()).Select(user => user.Id)];
    }

    private Task PutAuthenticatorAsync(Guid user, string secret) => new AccountStore(database).PutTotpAsync(user, secret, 0);

    /// <summary>The store refuses every encryption after so many, by a trigger in the file: as if the process were gone by then. Null: it refuses none.</summary>
    private async Task FailAfterAsync(int? writes)
    {
        // Into a file that nobody has open: triggers are read when it is opened.
        await database.DisposeAsync();
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ToString()))
        {
            connection.Open();
            var text = new StringBuilder("DROP TRIGGER IF EXISTS gone_1; DROP TRIGGER IF EXISTS gone_2; DROP TRIGGER IF EXISTS count_1; DROP TRIGGER IF EXISTS count_2; DROP TABLE IF EXISTS written;");
            if (writes is { } many)
            {
                text.Append("CREATE TABLE written (one INTEGER);");
                foreach (var (number, place) in new[] { (1, "sealed ON credentials"), (2, "totp ON users") })
                    text.Append($"CREATE TRIGGER gone_{number} BEFORE UPDATE OF {place} WHEN (SELECT COUNT(*) FROM written) >= {many} BEGIN SELECT RAISE(ABORT, 'gone'); END; CREATE TRIGGER count_{number} AFTER UPDATE OF {place} BEGIN INSERT INTO written VALUES (1); END;");
            }

            connection.Execute(text.ToString());
        }

        database = Open();
    }

    private sealed class StandingClock : TimeProvider
    {
        private DateTimeOffset now = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => now;

        public void Advance(TimeSpan by) => now += by;
    }
}
