using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.DnsProtocol;
using Soar.Connectors.Rpz;
using Soar.Testing.Contract;
using Soar.Tests.Connectors.DnsProtocol;

namespace Soar.Tests.Connectors.Rpz;

/// <summary>BIND itself is proven in the lab; here a primary in memory takes its place that keeps entries, minds prerequisites, and fails in every way.</summary>
public sealed class RpzContract : ConnectorSuite<RpzConnector, RpzSettings, RpzContract.Primary>
{
    protected override Secret Canary { get; } = new(Convert.ToBase64String(FakePrimary.Secret));

    protected override Primary Double() => new();

    protected override RpzSettings Settings(Primary other) => new()
    {
        Server = "127.0.0.1", Port = other.Port, Zone = DomainName.Parse(Primary.Zone), KeyName = DomainName.Parse(FakePrimary.KeyName), KeySecret = Canary, Timeout = other.Patience, EffectWithin = TimeSpan.Zero,
    };

    protected override IEnumerable<(RpzSettings Settings, string Field)> Wrong(RpzSettings good) =>
    [
        (good with { Server = "" }, "server"), (good with { Port = 0 }, "port"), (good with { Zone = null }, "zone"), (good with { KeyName = null }, "keyName"), (good with { KeySecret = new Secret("short") }, "keySecret"),
        (good with { Sinkhole = [IpAddress.Parse("198.51.100.0/24")] }, "sinkhole"), (good with { Ttl = TimeSpan.FromDays(9) }, "ttl"), (good with { ResolverPort = -1 }, "resolverPort"),
        (good with { EffectWithin = TimeSpan.FromSeconds(-1) }, "effectWithin"), (good with { Timeout = TimeSpan.Zero }, "timeout"),
    ];

    // A resolver asks nobody for a key, and a question is in conflict with nothing.
    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => action.Effect == Effect.ReadsOnly && trouble is Trouble.Unauthorised or Trouble.Conflict ? Expectation.NoTrouble : null;

    /// <summary>The zone's primary and the users' resolver in one, as a small site has it.</summary>
    public sealed class Primary : OtherSide
    {
        public const string Zone = "rpz.soar";

        private readonly FakePrimary server;
        private readonly TcpListener silent = new(IPAddress.Loopback, 0);
        private readonly ConcurrentDictionary<string, string> entries = new(StringComparer.Ordinal);
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Trouble? trouble;
        private bool changesOnly;

        public Primary()
        {
            server = new FakePrimary(Answer);
            silent.Start();
        }

        public int Port => trouble switch { Trouble.Refused => 1, Trouble.SilentBefore => ((IPEndPoint)silent.LocalEndpoint).Port, _ => server.Port };
        public override string State => string.Join("\n", entries.Select(entry => $"{entry.Key} {entry.Value}").Order(StringComparer.Ordinal));
        public override Task WhenAsked => asked.Task;

        public override async ValueTask DisposeAsync()
        {
            silent.Dispose();
            await server.DisposeAsync();
        }

        protected override Expectation Bring(Trouble which, bool changesOnly)
        {
            (trouble, this.changesOnly) = (which, changesOnly);
            return which switch
            {
                Trouble.Limited => Expectation.Not("DNS has no word for it: whoever limits drops, or refuses"),
                Trouble.Unavailable => Expectation.Not("DNS says SERVFAIL for that too"),
                Trouble.ServerError => Expectation.Means(FailureKind.Transient), // SERVFAIL says that nothing was changed
                _ => Expectation.Usual,
            };
        }

        private DnsReply Answer(DnsAsked question)
        {
            var now = trouble is not null && (question.Changes > 0 || !changesOnly) ? trouble : null;
            if (now is not null)
                asked.TrySetResult();
            var told = now switch
            {
                Trouble.Unauthorised when question.Update || question.Signed => new DnsReply { Rcode = DnsNumbers.NotAuth, TsigError = 17 },
                Trouble.Forbidden => new DnsReply { Rcode = DnsNumbers.Refused },
                Trouble.Missing => new DnsReply { Rcode = question.Update ? DnsNumbers.NotAuth : DnsNumbers.NxDomain },
                Trouble.Conflict when question.Update => new DnsReply { Rcode = DnsNumbers.YxDomain },
                Trouble.ServerError => new DnsReply { Rcode = DnsNumbers.ServFail },
                _ => question.Update ? Update(question) : Lookup(question),
            };
            return now switch
            {
                Trouble.SilentAfter => told with { Hang = true },
                Trouble.BrokenAfter => told with { Close = true },
                Trouble.Garbage => told with { Raw = "HTTP/1.1 400 Bad Request\r\n"u8.ToArray() },
                Trouble.Truncated => told with { Cut = true },
                Trouble.Huge => told with { Raw = new byte[ushort.MaxValue] },
                _ => told with { Signed = question.Signed },
            };
        }

        private DnsReply Lookup(DnsAsked question)
        {
            if (question.Name == Zone && question.Type == DnsNumbers.Soa)
                return Records(new DnsRr(Zone, DnsNumbers.Soa, DnsNumbers.In, 60, new DnsWriter().Name("ns").Name("root").U32(1).U32(60).U32(60).U32(60).U32(60).ToArray()));
            if (!question.Name.EndsWith("." + Zone, StringComparison.Ordinal))
                return entries.ContainsKey($"{question.Name}.{Zone}") || question.Type != DnsNumbers.A ? new DnsReply { Rcode = DnsNumbers.NxDomain } : Records(DnsRr.Address(question.Name, 60, IpAddress.Parse("203.0.113.66")));
            if (!entries.TryGetValue(question.Name, out var standing))
                return new DnsReply { Rcode = DnsNumbers.NxDomain };
            return standing.StartsWith("TXT ", StringComparison.Ordinal) == (question.Type == DnsNumbers.Txt)
                ? Records(standing.StartsWith("TXT ", StringComparison.Ordinal) ? DnsRr.Txt(question.Name, 60, standing[4..].Split(' ')) : DnsRr.Cname(question.Name, 60, ""))
                : new DnsReply();
        }

        private static DnsReply Records(DnsRr record) => new() { Answers = 1, AnswerRecords = new DnsWriter().Record(record).ToArray() };

        // RFC 2136 §3: all prerequisites first, then all changes.
        private DnsReply Update(DnsAsked question)
        {
            var reader = new DnsReader(question.Message, 12);
            reader.Name();
            reader.Skip(4);
            var prerequisites = reader.Records((question.Message[6] << 8) | question.Message[7]);
            foreach (var wanted in prerequisites)
            {
                var stands = entries.TryGetValue(wanted.Name, out var standing);
                if (wanted.Class == DnsNumbers.None && stands) return new DnsReply { Rcode = DnsNumbers.YxDomain };
                if (wanted.Class == DnsNumbers.AnyClass && !stands) return new DnsReply { Rcode = DnsNumbers.NxDomain };
                if (wanted.Class == DnsNumbers.In && standing != Text(wanted)) return new DnsReply { Rcode = DnsNumbers.NxRrset };
            }
            foreach (var change in reader.Records(question.Changes))
            {
                if (change.Class == DnsNumbers.AnyClass) entries.TryRemove(change.Name, out _);
                else entries[change.Name] = Text(change);
            }
            return new DnsReply();
        }

        private static string Text(DnsSeen record) => record.Type == DnsNumbers.Txt ? "TXT " + string.Join(' ', DnsReader.Strings(record.Data)) : $"{DnsNumbers.TypeName(record.Type)} {record.Text}";
    }
}
