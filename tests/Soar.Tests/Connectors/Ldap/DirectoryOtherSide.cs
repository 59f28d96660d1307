using System.Net;
using System.Net.Sockets;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Ldap;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Ldap;

/// <summary>A directory with one account and the policy that it needs, in every trouble.</summary>
public sealed class DirectoryOtherSide : OtherSide
{
    private readonly FakeDirectory directory = new();
    private readonly TcpListener silent = new(IPAddress.Loopback, 0);
    private bool changes;
    private int? elsewhere;

    public DirectoryOtherSide()
    {
        silent.Start();
        foreach (var (name, value) in new[] { ("sAMAccountName", "alice"), ("userAccountControl", "512"), ("pwdLastSet", "133000000000000000"), ("pwdLockout", "TRUE"), ("pwdMustChange", "TRUE") })
            directory.Account[name] = [value];
    }

    public override string State => string.Join("\n", directory.Account.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Where(attribute => attribute.Value.Count > 0).Select(attribute => $"{attribute.Key}: {string.Join("; ", attribute.Value)}"));
    public override IReadOnlyList<Trouble> CanEcho => [Trouble.Unauthorised];
    public override Task WhenAsked => changes ? directory.Changed.Task : directory.Searched.Task;
    public override TimeSpan? Wait => null; // LDAP has no word for it

    public T Settings<T>(T empty, Secret password)
        where T : DirectorySettings => empty with
        {
            Host = "127.0.0.1", Port = elsewhere ?? directory.Port, CaFile = directory.CaFile, User = "cn=soar", Password = password, Base = "dc=cert,dc=example", Timeout = Patience,
        };

    public static IEnumerable<(T Settings, string Field)> Wrong<T>(T good)
        where T : DirectorySettings =>
    [
        (good with { Host = "" }, "host"), (good with { Port = 0 }, "port"), (good with { CaFile = "/nowhere" }, "caFile"), (good with { User = "" }, "user"), (good with { Password = null }, "password"),
        (good with { Base = "x" }, "base"), (good with { MostResults = 0 }, "mostResults"), (good with { PageSize = 0 }, "pageSize"), (good with { Timeout = TimeSpan.Zero }, "timeout"),
    ];

    public override async ValueTask DisposeAsync()
    {
        silent.Dispose();
        await directory.DisposeAsync();
    }

    protected override Expectation Bring(Trouble trouble, bool changesOnly)
    {
        changes = changesOnly;
        elsewhere = trouble switch { Trouble.Refused => 1, Trouble.SilentBefore => ((IPEndPoint)silent.LocalEndpoint).Port, _ => null };
        if (trouble == Trouble.Unauthorised) (directory.Login, directory.LoginEchoes) = (49, Echoes);
        if (trouble == Trouble.Missing && !changesOnly) directory.Empty = true;
        FakeModify? answer = trouble switch
        {
            Trouble.Forbidden => new FakeModify { Code = 50 },
            Trouble.Missing => new FakeModify { Code = 32 },
            Trouble.Conflict => new FakeModify { Code = 20 },
            Trouble.Limited => new FakeModify { Code = 51 },
            Trouble.ServerError => new FakeModify { Code = 80 },
            Trouble.Unavailable => new FakeModify { Code = 52 },
            Trouble.SilentAfter => new FakeModify { Hang = true },
            Trouble.BrokenAfter => new FakeModify { Close = true },
            Trouble.Garbage => new FakeModify { Raw = "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray() },
            Trouble.Truncated => new FakeModify { Raw = [0x30, 0x0C, 0x02], Leave = true },
            Trouble.Huge => new FakeModify { Raw = [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], Leave = true }, // two gigabytes are announced
            _ => null,
        };
        if (answer is not null && changesOnly) directory.Modify = answer;
        else if (answer is not null && !directory.Empty) directory.Search = answer;
        return trouble switch
        {
            Trouble.Conflict when !changesOnly => Expectation.Not("a question is in conflict with nothing"),
            Trouble.ServerError => Expectation.Means(FailureKind.Transient), // a directory that answers a change with a code has changed nothing
            _ => Expectation.Usual,
        };
    }
}
