using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Clamd;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Clamd;

public sealed class ClamdContract : ConnectorSuite<ClamdConnector, ClamdSettings, ClamdContract.Daemon>
{
    protected override Daemon Double() => new();

    protected override ClamdSettings Settings(Daemon other) => new() { Host = "127.0.0.1", Port = other.Port, Timeout = other.Patience, ConnectTimeout = other.Patience };

    protected override IEnumerable<(ClamdSettings Settings, string Field)> Wrong(ClamdSettings good) =>
    [
        (good with { Host = null }, "socket"), (good with { Host = null, Socket = "clamd.ctl" }, "socket"), (good with { Host = "a b" }, "host"), (good with { Port = 0 }, "port"),
        (good with { MaxBytes = 0 }, "maxBytes"), (good with { Timeout = TimeSpan.Zero }, "timeout"), (good with { ConnectTimeout = TimeSpan.Zero }, "connectTimeout"),
    ];

    /// <summary>A clamd without signatures: it takes a command, and for INSTREAM the chunks, and answers. It keeps nothing.</summary>
    public sealed class Daemon : OtherSide
    {
        private readonly LoopbackTcp server;
        private readonly TcpListener silent = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Trouble? trouble;

        public Daemon()
        {
            server = new LoopbackTcp(ServeAsync);
            silent.Start();
        }

        public int Port => trouble switch { Trouble.Refused => 1, Trouble.SilentBefore => ((IPEndPoint)silent.LocalEndpoint).Port, _ => server.Port };
        public override string State => "";
        public override Task WhenAsked => asked.Task;

        public override async ValueTask DisposeAsync()
        {
            silent.Dispose();
            await server.DisposeAsync();
        }

        protected override Expectation Bring(Trouble which, bool changesOnly)
        {
            trouble = which;
            return which switch
            {
                Trouble.Unauthorised or Trouble.Forbidden => Expectation.Not("clamd knows no users"),
                Trouble.Missing or Trouble.Conflict => Expectation.Not("clamd is asked about bytes, not about something that it holds"),
                Trouble.Limited => Expectation.Not("clamd knows no rate: it makes its clients wait"),
                _ => Expectation.Usual,
            };
        }

        private async Task ServeAsync(NetworkStream stream, CancellationToken end)
        {
            var command = new StringBuilder();
            var one = new byte[1];
            while (await stream.ReadAsync(one, end) == 1 && one[0] != 0) command.Append((char)one[0]);
            if (command.ToString() == "zINSTREAM") await DrainAsync(stream, end);
            asked.TrySetResult();
            var answer = command.ToString() == "zVERSION" ? "ClamAV 1.4.6/27400" : "stream: OK";
            switch (trouble)
            {
                case Trouble.SilentAfter:
                    await LoopbackTcp.Silence(end);
                    return;
                case Trouble.BrokenAfter:
                    return;
                case Trouble.Huge:
                    for (var i = 0; i < 10_000; i++) await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('x', 10_000)), end);
                    return;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(trouble switch
            {
                Trouble.Garbage => command.ToString() == "zVERSION" ? answer + "\0" : "HTTP/1.1 200 OK\0",
                Trouble.Truncated => answer[..4],
                Trouble.ServerError or Trouble.Unavailable => command.ToString() == "zVERSION" ? answer + "\0" : "stream: Can't allocate memory ERROR\0",
                _ => answer + "\0",
            }), end);
        }

        private static async Task DrainAsync(NetworkStream stream, CancellationToken end)
        {
            var head = new byte[4];
            do await stream.ReadExactlyAsync(head, end);
            while (BinaryPrimitives.ReadInt32BigEndian(head) is > 0 and var length && await SkipAsync(stream, length, end));
        }

        private static async Task<bool> SkipAsync(NetworkStream stream, int length, CancellationToken end)
        {
            await stream.ReadExactlyAsync(new byte[length], end);
            return true;
        }
    }
}
