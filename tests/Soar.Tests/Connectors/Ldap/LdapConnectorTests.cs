using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.ActiveDirectory;
using Soar.Connectors.Ldap;

namespace Soar.Tests.Connectors.Ldap;

public sealed class LdapConnectorTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static T With<T>(T settings, FakeDirectory server, TimeSpan? timeout = null)
        where T : DirectorySettings => settings with
        {
            Host = "127.0.0.1", Port = server.Port, CaFile = server.CaFile, User = "cn=soar", Password = new Secret("hunter2"), Base = "dc=cert,dc=example", Timeout = timeout ?? TimeSpan.FromSeconds(10),
        };

    // Active Directory's kind asks for no policy, so that the first thing that can go wrong is the change itself.
    private static ActiveDirectoryConnector Connector(FakeDirectory server, TimeSpan? timeout = null)
    {
        server.Account["sAMAccountName"] = ["alice"];
        server.Account["userAccountControl"] = ["512"];
        return new ActiveDirectoryConnector(With(new ActiveDirectorySettings(), server, timeout), Given.Services());
    }

    private static async Task<ConnectorFailure> Fails(FakeModify modify, TimeSpan? timeout = null)
    {
        await using var server = new FakeDirectory(modify);
        await using var connector = Connector(server, timeout);
        return await Assert.ThrowsAsync<ConnectorFailure>(() => connector.DisableAsync("alice", Hour, Given.Context(), Token));
    }

    [Theory]
    [InlineData(16, FailureKind.Transient, "moved")]
    [InlineData(20, FailureKind.Transient, "moved")]
    [InlineData(17, FailureKind.Permanent, "schema")]
    [InlineData(19, FailureKind.Permanent, "schema")]
    [InlineData(10, FailureKind.Permanent, "referral")]
    [InlineData(50, FailureKind.Permanent, "403")]
    [InlineData(51, FailureKind.Transient, "busy")]
    [InlineData(52, FailureKind.Transient, "busy")]
    [InlineData(53, FailureKind.Permanent, "ldap-53")]
    [InlineData(80, FailureKind.Transient, "ldap-80")]
    public async Task A_change_that_the_server_refuses_is_surely_not_done(int code, FailureKind kind, string reason)
    {
        var failure = await Fails(new FakeModify { Code = code, Message = "because\0" });
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
        Assert.Contains("because", failure.Message);
        Assert.DoesNotContain('\0', failure.Message);
    }

    [Fact]
    public async Task What_breaks_after_the_change_was_sent_is_unknown()
    {
        foreach (var (modify, reason) in new[]
        {
            (new FakeModify { Close = true }, "connection"),
            (new FakeModify { Raw = "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray() }, "garbage"),
            (new FakeModify { Raw = [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF] }, "garbage"), // two gigabytes are announced
            (new FakeModify { Raw = FakeDirectory.Message(99, 7, writer => writer.WriteEncodedValue([0x0A, 1, 0])) }, "garbage"),
            (new FakeModify { Raw = FakeDirectory.Message(0, 24, writer => { writer.WriteEncodedValue([0x0A, 1, 52]); writer.WriteOctetString([]); writer.WriteOctetString([]); }) }, "connection"), // notice of disconnection
            (new FakeModify { Forget = true }, "not-there"),
        })
        {
            var failure = await Fails(modify);
            Assert.Equal((FailureKind.Unknown, reason), (failure.Kind, failure.Reason));
        }
        Assert.Equal((FailureKind.Unknown, "timeout"), await Fails(new FakeModify { Hang = true }, TimeSpan.FromMilliseconds(500)) is var slow ? (slow.Kind, slow.Reason) : default);
    }

    [Fact]
    public async Task Cancelling_ends_a_change_at_once_and_its_outcome_is_unknown()
    {
        await using var server = new FakeDirectory(new FakeModify { Hang = true });
        await using var connector = Connector(server, TimeSpan.FromHours(1));
        using var stop = new CancellationTokenSource();
        var disable = connector.DisableAsync("alice", Hour, Given.Context(), stop.Token);
        await server.Changed.Task.WaitAsync(Token);
        await stop.CancelAsync();
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => disable).WaitAsync(TimeSpan.FromSeconds(5), Token);
        Assert.Equal((FailureKind.Unknown, "cancelled"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_login_that_is_refused_names_the_user_and_never_the_password()
    {
        await using var server = new FakeDirectory(bind: 49);
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.FindAsync("alice", Given.Context(), Token));
        Assert.Equal((FailureKind.Permanent, "401"), (failure.Kind, failure.Reason));
        Assert.Contains("cn=soar", failure.Message);
        Assert.DoesNotContain("hunter2", failure.ToString());
        Assert.DoesNotContain("hunter2", (await connector.TestAsync(Token)).Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK")]
    [InlineData("0")]
    public async Task Garbage_to_a_question_is_tried_again(string garbage)
    {
        await using var server = new FakeDirectory(search: Encoding.ASCII.GetBytes(garbage));
        await using var connector = Connector(server);
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.FindAsync("alice", Given.Context(), Token))).Kind);
    }

    [Fact]
    public async Task A_page_that_does_not_end_is_not_read_to_its_end()
    {
        var entry = FakeDirectory.Message(2, 4, writer =>
        {
            writer.WriteOctetString("uid=alice"u8);
            using (writer.PushSequence())
            {
                // no attributes
            }
        });
        await using var server = new FakeDirectory(search: [.. Enumerable.Repeat(entry, 10_000).SelectMany(bytes => bytes)]);
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.FindAsync("alice", Given.Context(), Token));
        Assert.Equal((FailureKind.Transient, "garbage"), (failure.Kind, failure.Reason));
        Assert.Contains("a page", failure.Message);
    }

    [Fact]
    public void Every_truncation_and_a_hundred_thousand_mutations_of_an_answer_are_read_or_refused_and_nothing_else()
    {
        var entry = FakeDirectory.Message(7, 4, writer =>
        {
            writer.WriteOctetString("uid=alice"u8);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteOctetString("cn"u8);
                using (writer.PushSetOf())
                    writer.WriteOctetString("Alice"u8);
            }
        });
        byte[] done =
        [
            0x30, 0x2D, 2, 1, 7, 0x65, 7, 0x0A, 1, 0, 4, 0, 4, 0, 0xA0, 0x1F, 0x30, 0x1D, 4, 0x16, .. "1.2.840.113556.1.4.319"u8, 4, 3, 0x30, 1, 0,
        ];
        Assert.Equal(["Alice"], LdapMessages.Read(entry).Entry!.All("CN"));
        var random = new Random(20_261_124);
        foreach (var message in new[] { entry, done })
        {
            for (var length = 0; length < message.Length; length++)
                Assert.Throws<InvalidDataException>(() => LdapMessages.Read(message[..length]));
            for (var i = 0; i < 50_000; i++)
            {
                var changed = message.ToArray();
                for (var change = random.Next(1, 5); change > 0; change--)
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                try
                {
                    LdapMessages.Read(changed);
                }
                catch (InvalidDataException)
                {
                    // refused
                }
            }
        }
    }

    [Fact]
    public async Task The_note_is_a_line_of_its_own_and_goes_with_the_change_that_it_tells_of()
    {
        await using var server = new FakeDirectory();
        server.Account["info"] = ["head of finance\r\nsoar: see the wiki"]; // not a note of ours, although it begins so
        await using var connector = Connector(server);
        var disabled = await connector.DisableAsync("alice", Hour, Given.Context("aa"), Token);
        Assert.Equal("enabled", disabled.Before);
        Assert.Equal("514", Assert.Single(server.Account["userAccountControl"]));
        Assert.Matches("^head of finance\r\nsoar: see the wiki\r\nsoar:aa disabled this account on [0-9 :-]+Z, before: enabled$", Assert.Single(server.Account["info"]));
        await connector.EnableAsync("alice", Given.Context("bb"), Token);
        Assert.Equal(("512", "head of finance\r\nsoar: see the wiki"), (server.Account["userAccountControl"][0], server.Account["info"][0]));
        Assert.Equal(2, server.Asked.Count(asked => asked.Kind == 6));
    }

    [Fact]
    public async Task A_value_travels_as_bytes_and_never_as_a_part_of_a_filter()
    {
        await using var server = new FakeDirectory();
        await using var connector = Connector(server);
        const string Nasty = "a*)(uid=*))(|(x=\0";
        await connector.FindAsync(Nasty, Given.Context(), Token);
        var search = Assert.Single(server.Asked, asked => asked.Kind == 3).Message;
        byte[] value = [0x04, (byte)Nasty.Length, .. Encoding.UTF8.GetBytes(Nasty)];
        Assert.True(search.AsSpan().IndexOf(value) > 0); // an octet string of exactly its length
    }

    [Theory]
    [InlineData("soar:aa disabled this account on 2026-11-24 10:00:00Z, before: locked since 20261124090000Z", "aa", "locked since 20261124090000Z")]
    [InlineData("soar:aa disabled, before: enabled", "aa", "enabled")]
    public void A_note_is_read_again(string text, string key, string before) => Assert.Equal((key, before), DirectoryNote.Find(["other", text]) is { } note ? (note.Key, note.Before) : default);

    [Theory]
    [InlineData("")]
    [InlineData("soar:")]
    [InlineData("soar: see the wiki, before: lunch")]
    [InlineData("soar:aa")]
    [InlineData("disabled by soar:aa, before: enabled")]
    public void What_people_write_is_no_note(string text) => Assert.Null(DirectoryNote.Find([text]));

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        Assert.Equal(["host", "user", "password", "base"], new LdapSettings().Problems().Select(problem => problem[..problem.IndexOf(':')]));
        var settings = new LdapSettings
        {
            Host = "a b", Port = 0, CaFile = "/nowhere", User = " ", Base = "cert", MostResults = 0, PageSize = 0, Timeout = TimeSpan.Zero, LoginAttribute = "uid)(", AccountClass = "", MarkAttribute = "*",
            DefaultPolicy = "default",
        };
        Assert.Equal(
            ["host", "port", "caFile", "user", "password", "base", "mostResults", "pageSize", "timeout", "loginAttribute", "accountClass", "markAttribute", "defaultPolicy"],
            settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Contains("markAttribute", string.Join("\n", new ActiveDirectorySettings { MarkAttribute = "a b" }.Problems()));
        Assert.DoesNotContain("hunter2", new LdapSettings { Password = new Secret("hunter2") }.ToString());
    }

    [Fact]
    public async Task The_simulator_refuses_what_is_never_to_be_touched()
    {
        await using var connector = new LdapConnector(new LdapSettings { Never = ["Root"] }, Given.Services());
        var simulator = (IIdentity)connector.Simulator;
        Assert.Equal("simulated", (await simulator.DisableAsync("alice", Hour, Given.Context(), Token)).Evidence);
        Assert.Equal("never", (await Assert.ThrowsAsync<ConnectorFailure>(() => simulator.DisableAsync("root", Hour, Given.Context(), Token))).Reason);
        Assert.Equal("never", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.DisableAsync("ROOT", Hour, Given.Context(), Token))).Reason);
    }
}
